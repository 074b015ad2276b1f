public import JSON
public import LaunchModel

/// An event type as other systems see it: its sender, the schema of the whole CloudEvent, and an example.
public struct EventDescription: Sendable {
  /// The sender of an event.
  public enum Sender: Sendable, Hashable {
    /// The service that announces it.
    case service(ServiceName)
    /// Other systems.
    case producers
  }

  /// The CloudEvents `type`.
  public let type: String
  /// The sender.
  public let sender: Sender
  private let data: Data

  private enum Data: Sendable {
    case announcement(any (Codable & Sendable).Type)
    case signal(SignalType)
  }

  /// Every announcement and every signal, ordered by type.
  public static let all: [EventDescription] =
    (Announcements.all.map {
      EventDescription(type: $0.type, sender: .service($0.service), data: .announcement($0.payload))
    }
    + SignalType.allCases.map {
      EventDescription(type: $0.rawValue, sender: .producers, data: .signal($0))
    }).sorted { $0.type < $1.type }

  /// Returns a summary of the event.
  public func summary(_ comments: DocComments) -> String {
    switch data {
    case .announcement: SchemaWriter(place: "", comments: comments).text(of: type) ?? type
    case .signal(let signal): signal.payload.summary
    }
  }

  // MARK: Schema

  /// Returns the schema of the event in structured JSON.
  public func schema(_ writer: inout SchemaWriter, _ probe: ShapeProbe) throws -> JSONValue {
    switch data {
    case .announcement(let payload):
      let header = JSONShape.object(try probe.object(AnnouncementHeader.self))
      let members: JSONValue = [
        "allOf": [writer.schema(header, .output), writer.schema(try probe.shape(of: payload), .output)]
      ]
      return CloudEventSchema.announcement(type: type, from: sender, data: members)
    case .signal(let signal):
      return CloudEventSchema.signal(type: type, data: SignalSchema.data(of: signal, &writer))
    }
  }

  // MARK: Example

  /// Returns an event of the type.
  public func example(_ probe: ShapeProbe) throws -> JSONValue {
    var event: JSONValue = ["specversion": "1.0", "type": .string(type), "datacontenttype": "application/json"]
    switch (data, sender) {
    case (.announcement(let payload), .service(let service)):
      let header = try probe.example(of: AnnouncementHeader.self)
      let data = header.merging(try probe.example(of: payload))
      event = event.merging([
        "id": "019558a7-3f40-7c31-9a5e-6d2f8b1c4e70", "source": .string(service.eventSource),
        "subject": header["launch"] ?? .null, "time": header["at"] ?? .null, "data": data,
      ])
    case (.signal(let signal), _):
      let fields = SignalField.all(of: signal).map { ($0.name, $0.example) }
      event = event.merging([
        "id": "8c1f5b1e-4f0e-4d7a-9b1e-2f6a3c9d0e11", "source": "//producer.example/",
        "time": Timestamp.jsonExample, "data": .object(Dictionary(fields) { first, _ in first }),
      ])
    case (.announcement, .producers): throw ShapeError("\(type) is announced by no service")
    }
    return event
  }
}

/// Schemas of CloudEvents in structured JSON, by the rules of the bus (contract.md, section 3).
enum CloudEventSchema {
  /// An event of any type.
  static let any: JSONValue = event(
    ["data": [:], "data_base64": ["type": ["string", "null"], "contentEncoding": "base64"]],
    required: [], names: "^([a-z0-9]+|data_base64)$")

  static func signal(type: String, data: JSONValue) -> JSONValue {
    event(["type": ["const": .string(type)], "data": data], required: ["data"])
  }

  static func announcement(type: String, from sender: EventDescription.Sender, data: JSONValue) -> JSONValue {
    guard case .service(let service) = sender else { return signal(type: type, data: data) }
    return event(
      [
        "type": ["const": .string(type)], "source": ["const": .string(service.eventSource)],
        "subject": [
          "type": "string", "description": "The launch's id; for documents a word, for example `templates`.",
        ],
        "time": ["type": "string", "format": "date-time", "description": "When it was done."],
        "datacontenttype": ["const": "application/json"], "data": data,
      ],
      required: ["subject", "time", "datacontenttype", "data"])
  }

  private static let text: JSONValue = [
    "type": "string", "minLength": 1, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
  ]

  private static func event(
    _ properties: [String: JSONValue], required: [JSONValue], names: String = "^[a-z0-9]+$"
  ) -> JSONValue {
    let optional = text.merging(["type": ["string", "null"]])
    let common: [String: JSONValue] = [
      "specversion": ["const": "1.0"],
      "id": text.merging(["description": "Unique within the source; the same pair again is a duplicate."]),
      "source": text.merging(["format": "uri-reference", "description": "The producer of the event."]),
      "type": text,
      "subject": optional.merging(["description": "What the event is about."]),
      "time": [
        "type": ["string", "null"], "format": "date-time",
        "description": "When it happened; defaults to the time it was stored.",
      ],
      "datacontenttype": optional,
      "dataschema": optional.merging(["format": "uri"]),
    ]
    return [
      "type": "object", "properties": .object(common.merging(properties) { $1 }),
      "required": .array(["specversion", "id", "source", "type"] + required),
      "propertyNames": ["pattern": .string(names)],
      "additionalProperties": [
        "type": ["string", "boolean", "integer", "null"], "description": "An extension attribute of CloudEvents.",
      ],
    ]
  }
}
