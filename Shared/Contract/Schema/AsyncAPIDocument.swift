public import JSON
import LaunchModel

/// Builds the AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0) of the bus: its
/// sockets, a channel for each event type, and the calls that publish and fetch events.
public struct AsyncAPIDocument {
  private let probe: ShapeProbe
  private let comments: DocComments
  private var writer: SchemaWriter
  private var messages: [String: JSONValue] = [:]

  private init(comments: DocComments) {
    self.comments = comments
    probe = ShapeProbe(comments: comments)
    writer = SchemaWriter(place: "#/components/schemas/", comments: comments)
  }

  /// Returns the document.
  ///
  /// - Throws: `ShapeError` if an event cannot be described.
  public static func document(comments: DocComments = .builtIn) throws -> JSONValue {
    var document = AsyncAPIDocument(comments: comments)
    return try document.document()
  }

  private mutating func document() throws -> JSONValue {
    var channels: [String: JSONValue] = [Self.calls: try callChannel()]
    var operations = Self.callOperations
    for event in EventDescription.all {
      messages[event.type] = try message(event)
      channels[event.type] = channel(event)
      let (action, name) = event.isAnnounced ? ("send", "announce") : ("receive", "accept")
      operations["\(name).\(event.type)"] = [
        "action": .string(action), "channel": Self.reference("channels", event.type),
        "summary": .string(event.summary(comments).firstSentence),
        "messages": [["$ref": .string("#/channels/\(event.type)/messages/\(event.type)")]],
      ]
    }
    return [
      "asyncapi": "3.0.0",
      "info": [
        "title": "gonogo bus", "version": .string(ProductVersion.current), "description": .string(Self.description),
        "license": ["name": "Apache-2.0"],
      ],
      "defaultContentType": "application/cloudevents+json", "servers": Self.servers, "channels": .object(channels),
      "operations": .object(operations),
      "components": [
        "messages": .object(messages), "schemas": .object(writer.definitions),
        "securitySchemes": [
          "curve": [
            "type": "asymmetricEncryption",
            "description":
              "CURVE (ZMTP): the client's public key must be on the roster or in the server's `clients` list.",
          ]
        ],
      ],
    ]
  }

  // MARK: Events

  private mutating func message(_ event: EventDescription) throws -> JSONValue {
    let payload = writer.reference(to: event.type, try event.schema(&writer, probe))
    return [
      "name": .string(event.type), "title": .string(event.type), "summary": .string(event.summary(comments)),
      "contentType": "application/cloudevents+json", "payload": payload,
      "examples": [["name": "complete", "payload": try event.example(probe)]],
    ]
  }

  private func channel(_ event: EventDescription) -> JSONValue {
    let sender = event.isAnnounced ? "announcements" : "signals"
    return [
      "address": .string(event.type), "title": .string(event.type), "summary": .string(event.summary(comments)),
      "description": "The address is the event's type; `events.fetch` filters by prefixes of it.",
      "messages": .object([event.type: Self.reference("components/messages", event.type)]),
      "tags": [["name": .string(sender)]],
    ]
  }

  // MARK: Calls

  /// The id of the channel for calls.
  private static let calls = "calls"

  private mutating func callChannel() throws -> JSONValue {
    try addCall("events.publish", parameters: NoParameters.self, result: PublishedEvents.self)
    try addCall("events.fetch", parameters: FetchParameters.self, result: FetchedEvents.self)
    return [
      "address": .null, "title": "Calls",
      "description": """
      JSON-RPC 2.0 on the bus's ROUTER socket. A request and its reply are one message each: an empty frame, the envelope \
      described here, and one frame per event, byte for byte as its producer wrote it. `openrpc/bus.json` describes all \
      methods.
      """,
      "messages": .object(
        Dictionary(
          Self.callMessages.map { ($0, Self.reference("components/messages", $0)) }
        ) { first, _ in first }),
      "tags": [["name": "calls"]],
    ]
  }

  private static let callMessages = ["events.publish", "events.fetch"].flatMap { ["\($0).request", "\($0).reply"] }

  private static let callOperations: [String: JSONValue] = {
    let operations = ["events.publish", "events.fetch"].map { method -> (String, JSONValue) in
      (
        method,
        [
          "action": "receive", "channel": reference("channels", calls), "summary": .string("Answers \(method)."),
          "messages": [["$ref": .string("#/channels/\(calls)/messages/\(method).request")]],
          "reply": [
            "channel": reference("channels", calls),
            "messages": [["$ref": .string("#/channels/\(calls)/messages/\(method).reply")]],
          ],
        ]
      )
    }
    return Dictionary(operations) { first, _ in first }
  }()

  private mutating func addCall<Parameters: Codable, Output: Codable>(
    _ method: String, parameters: Parameters.Type, result: Output.Type
  ) throws {
    let object = try probe.object(parameters)
    let params = writer.inlined(object, .input)
    let meta = writer.inlined(try probe.object(CallMeta.self), .input)
    let members = params["properties"]?.merging(["_meta": meta]) ?? ["_meta": meta]
    let request: JSONValue = [
      "type": "object",
      "required": object.members.contains { $0.reading == .required }
        ? ["jsonrpc", "id", "method", "params"] : ["jsonrpc", "id", "method"],
      "properties": [
        "jsonrpc": ["const": "2.0"], "id": ["type": ["string", "integer"]], "method": ["const": .string(method)],
        "params": params.merging(["properties": members]),
      ],
    ]
    let reply: JSONValue = [
      "type": "object", "required": ["jsonrpc", "id"],
      "properties": [
        "jsonrpc": ["const": "2.0"], "id": ["type": ["string", "integer", "null"]],
        "result": writer.schema(try probe.shape(of: result), .output),
        "error": writer.schema(try Problem.jsonShape, .output),
      ],
      "oneOf": [["required": ["result"]], ["required": ["error"]]],
    ]
    let text = writer.text(of: method) ?? method
    messages["\(method).request"] = callMessage("\(method).request", text, request)
    messages["\(method).reply"] = callMessage("\(method).reply", "The reply to \(method).", reply)
  }

  private func callMessage(_ name: String, _ text: String, _ payload: JSONValue) -> JSONValue {
    [
      "name": .string(name), "title": .string(name), "summary": .string(text), "contentType": "application/json",
      "correlationId": ["location": "$message.payload#/id"], "payload": payload,
    ]
  }

  // MARK: Servers

  private static let description = """
    The durable event log of gonogo. Other systems publish signals, and anyone on the roster can fetch signals and \
    announcements, both with calls on one socket: events are pulled after an offset, never pushed. An event is acknowledged \
    once it is on disk. Delivery is at least once, in one order for all consumers; a consumer stores its offset in the same \
    transaction as the effect. Operations are named from gonogo's side: it sends announcements and receives signals.
    """

  private static let servers: JSONValue = [
    "socket": [
      "host": "localhost", "pathname": "{runFolder}/bus.sock", "protocol": "zmq", "protocolVersion": "ZMTP 3.1",
      "title": "The bus on its own host",
      "description": """
      A ZeroMQ ROUTER bound to `ipc://{runFolder}/bus.sock`; connect a DEALER or REQ socket. The kernel \
      proves the caller's user id: the principal is `uid:N`.
      """,
      "variables": [
        "runFolder": [
          "default": "/run/gonogo",
          "description": """
          `GONOGO_RUN`; without it `$XDG_RUNTIME_DIR/gonogo`, for root `/run/gonogo`, else `gonogo-UID` below the \
          temporary folder.
          """,
        ]
      ],
    ],
    "network": [
      "host": "{host}:{port}", "protocol": "zmq", "protocolVersion": "ZMTP 3.1", "title": "The bus over TCP",
      "description":
        "The same socket as `tcp://{host}:{port}`, encrypted by CURVE; the principal is `key:` and the public key.",
      "security": [reference("components/securitySchemes", "curve")],
      "variables": [
        "host": ["description": "A host named in `GONOGO_LISTEN`."],
        "port": ["description": "A port of `GONOGO_LISTEN`."],
      ],
    ],
  ]

  private static func reference(_ place: String, _ name: String) -> JSONValue {
    ["$ref": .string("#/\(place)/\(name)")]
  }
}

extension EventDescription {
  /// Whether a service announces it.
  fileprivate var isAnnounced: Bool { sender != .producers }
}
