import JSON
import LaunchModel

extension CloudEvent {
  /// Reads an event.
  ///
  /// - Throws: `EventFault` with code `malformed-event` where the bytes are no CloudEvents 1.0 event in structured JSON.
  public init(parsing bytes: [UInt8]) throws(EventFault) {
    do throws(JSONError) {
      try self.init(members: try JSONValue(parsing: bytes).objectValue ?? [:])
    } catch {
      throw .malformed("\(error.pointer.isEmpty ? "" : "\(error.pointer): ")\(error.detail)")
    }
  }

  private init(members: [String: JSONValue]) throws(JSONError) {
    var members = members
    guard try members.takeText("specversion") == "1.0" else {
      throw JSONError(attribute: "specversion", "must be \"1.0\"")
    }
    id = try members.takeNeededText("id")
    source = try members.takeNeededText("source")
    type = try members.takeNeededText("type")
    subject = try members.takeText("subject")
    dataContentType = try members.takeText("datacontenttype")
    dataSchema = try members.takeText("dataschema")
    if let text = try members.takeText("time") {
      guard let moment = Timestamp(text) else { throw JSONError(attribute: "time", "\"\(text)\" is no RFC 3339 time") }
      time = moment
    } else {
      time = nil
    }
    data = members.removeValue(forKey: "data")
    extensions = members
  }

  /// The event as one JSON object, members in ascending order.
  public func encoded() -> [UInt8] {
    var members = extensions
    members["specversion"] = "1.0"
    members["id"] = .string(id)
    members["source"] = .string(source)
    members["type"] = .string(type)
    members["subject"] = subject.map { .string($0) }
    members["time"] = time.map { .string($0.description) }
    members["datacontenttype"] = dataContentType.map { .string($0) }
    members["dataschema"] = dataSchema.map { .string($0) }
    members["data"] = data
    return JSONValue.object(members).serialized()
  }
}

extension EventFault {
  static func malformed(_ detail: String) -> EventFault { EventFault(code: "malformed-event", detail: detail) }
}

extension JSONError {
  fileprivate init(attribute: String, _ detail: String) {
    self.init(.typeMismatch, pointer: "/\(attribute)", detail: detail)
  }
}

extension [String: JSONValue] {
  /// Takes an attribute out; nil where it is absent or null.
  fileprivate mutating func takeText(_ name: String) throws(JSONError) -> String? {
    switch removeValue(forKey: name) {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw JSONError(attribute: name, "must be a string")
    }
  }

  fileprivate mutating func takeNeededText(_ name: String) throws(JSONError) -> String {
    guard let text = try takeText(name), !text.isEmpty else {
      throw JSONError(attribute: name, "must be a string that is not empty")
    }
    return text
  }
}
