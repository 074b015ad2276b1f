public import JSON
public import Contract
import Glibc
public import LaunchModel
import Synchronization

/// A CloudEvents 1.0 event in structured JSON.
public struct CloudEvent: Sendable, Hashable {
  /// The id, unique within the source: an event with the same source and id is a duplicate.
  public var id: String
  /// The source: a URI reference such as `/gonogo/tiering`.
  public var source: String
  /// The event type, such as `dev.gonogo.launch.proposed.v1`.
  public var type: String
  /// The subject of the event, such as a launch id; nil if it has none.
  public var subject: String?
  /// When it happened; nil means the time at which it was stored.
  public var time: Timestamp?
  /// The attribute `datacontenttype`; nil omits it, which means JSON.
  public var dataContentType: String?
  /// The attribute `dataschema`, a URI; nil omits it.
  public var dataSchema: String?
  /// The payload; for an event with `data_base64`, the JSON that this contains. `data_base64` itself remains among the
  /// extensions, unchanged.
  public var data: JSONValue?
  /// Why `data_base64` was not decoded, phrased as the rest of a sentence; nil if it was decoded, or if there is none.
  public private(set) var undecodedData: String?
  /// All other attributes.
  public var extensions: [String: JSONValue]

  public init(
    id: String, source: String, type: String, subject: String? = nil, time: Timestamp? = nil,
    dataContentType: String? = "application/json", dataSchema: String? = nil, data: JSONValue? = nil,
    extensions: [String: JSONValue] = [:]
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.subject = subject
    self.time = time
    self.dataContentType = dataContentType
    self.dataSchema = dataSchema
    self.data = data
    self.extensions = extensions
  }
}

extension CloudEvent {
  /// Parses an event.
  ///
  /// - Throws: `EventError` with code `malformed-event` if the bytes are not a CloudEvents 1.0 event in structured
  ///   JSON.
  public init(parsing bytes: [UInt8]) throws(EventError) {
    do throws(JSONError) {
      try self.init(members: try JSONValue(parsing: bytes).objectValue ?? [:])
    } catch {
      throw .malformedEvent("\(error.pointer.isEmpty ? "" : "\(error.pointer): ")\(error.detail)")
    }
  }

  private init(members: [String: JSONValue]) throws(JSONError) {
    var members = members
    guard try members.takeText("specversion") == "1.0" else {
      throw JSONError(attribute: "specversion", "must be \"1.0\"")
    }
    id = try members.takeRequiredText("id")
    source = try members.takeRequiredText("source")
    type = try members.takeRequiredText("type")
    subject = try members.takeText("subject")
    dataContentType = try members.takeText("datacontenttype")
    dataSchema = try members.takeText("dataschema")
    if let text = try members.takeText("time") {
      guard let moment = Timestamp(text) else {
        throw JSONError(attribute: "time", "\"\(text)\" is not an RFC 3339 time")
      }
      time = moment
    } else {
      time = nil
    }
    data = members.removeValue(forKey: "data")
    extensions = members
    if data == nil, let text = members["data_base64"]?.stringValue { decodeBinary(text) }
  }

  /// Decodes `data_base64`, which some SDKs and brokers use for JSON, too.
  private mutating func decodeBinary(_ text: String) {
    guard Self.isJSON(dataContentType) else {
      undecodedData = "data_base64, which holds \(dataContentType ?? ""), not JSON"
      return
    }
    guard let bytes = Base64.decoded(text) else {
      undecodedData = "data_base64, which is not base64"
      return
    }
    do throws(JSONError) {
      data = try JSONValue(parsing: bytes)
    } catch {
      undecodedData = "data_base64, which does not hold JSON: \(error.detail)"
    }
  }

  /// Returns whether a media type is JSON: `application/json`, `text/json`, one ending in `+json`, or none.
  private static func isJSON(_ type: String?) -> Bool {
    guard let type else { return true }
    let name = type.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
    return name.hasSuffix("/json") || name.hasSuffix("+json")
  }

  /// Returns the event as one JSON object with its members in ascending order.
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
    if members["data_base64"] == nil { members["data"] = data }
    return JSONValue.object(members).serialized()
  }
}

extension JSONError {
  fileprivate init(attribute: String, _ detail: String) {
    self.init(.typeMismatch, pointer: "/\(attribute)", detail: detail)
  }
}

extension [String: JSONValue] {
  /// Removes and returns an attribute; nil if it is absent or null.
  fileprivate mutating func takeText(_ name: String) throws(JSONError) -> String? {
    switch removeValue(forKey: name) {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw JSONError(attribute: name, "must be a string")
    }
  }

  fileprivate mutating func takeRequiredText(_ name: String) throws(JSONError) -> String {
    guard let text = try takeText(name), !text.isEmpty else {
      throw JSONError(attribute: name, "must be a non-empty string")
    }
    return text
  }
}

/// An event as the bus stores it.
public struct StoredEvent: Sendable {
  /// Its offset in the log, which orders all events.
  public let offset: Int64
  /// When the bus stored it, on the bus's clock; never earlier than `storedAt` of the previous offset.
  public let storedAt: Timestamp
  /// The event as its producer wrote it.
  public let bytes: [UInt8]
  private let parsed: ParsedEvent

  /// Creates the event from its bytes, which are parsed only when the content is first accessed.
  public init(offset: Int64, storedAt: Timestamp, bytes: [UInt8]) {
    self.offset = offset
    self.storedAt = storedAt
    self.bytes = bytes
    parsed = ParsedEvent()
  }

  /// The parsed event, or the reason why `bytes` cannot be parsed.
  public var content: Result<CloudEvent, EventError> { parsed.content(of: bytes) }

  /// Returns the parsed event.
  ///
  /// - Throws: `EventError` if its bytes are not an event.
  public func event() throws(EventError) -> CloudEvent { try content.get() }

  /// Returns when it happened: its `time`, or when it was stored.
  ///
  /// - Throws: `EventError` if its bytes are not an event.
  public func occurredAt() throws(EventError) -> Timestamp { try content.get().time ?? storedAt }

  /// Returns whether the event may have a type; false only if it certainly has another one. Does not parse the event.
  ///
  /// - Parameter type: the bytes of the type's name.
  public func mayHaveType(_ type: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      // If the event contains escapes, its type may be written in other bytes.
      bytes.containsRun(of: type) || bytes.baseAddress.map { memchr($0, 0x5c, bytes.count) != nil } ?? false
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Returns whether these bytes contain the given run of bytes.
  fileprivate func containsRun(of run: [UInt8]) -> Bool {
    guard var start = baseAddress, let first = run.first else { return false }
    var rest = count
    while rest >= run.count, let found = memchr(start, Int32(first), rest - run.count + 1) {
      if memcmp(found, run, run.count) == 0 { return true }
      rest -= found - UnsafeMutableRawPointer(mutating: start) + 1
      start = UnsafeRawPointer(found) + 1
    }
    return false
  }
}

/// The content of an event, parsed once.
private final class ParsedEvent: Sendable {
  private let content = Mutex<Result<CloudEvent, EventError>?>(nil)

  func content(of bytes: [UInt8]) -> Result<CloudEvent, EventError> {
    content.withLock { content in
      if let content { return content }
      let parsed = Result { () throws(EventError) in try CloudEvent(parsing: bytes) }
      content = parsed
      return parsed
    }
  }
}
