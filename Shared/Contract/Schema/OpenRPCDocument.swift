public import JSON
public import LaunchModel

/// Builds the OpenRPC 1.3 document (https://spec.open-rpc.org) of a service: the result of `rpc.discover`.
public struct OpenRPCDocument {
  private let service: ServiceName
  private let probe: ShapeProbe
  private let comments: DocComments
  private var writer: SchemaWriter

  private init(_ service: ServiceName, comments: DocComments) {
    self.service = service
    self.comments = comments
    probe = ShapeProbe(comments: comments)
    writer = SchemaWriter(place: "#/components/schemas/", comments: comments)
  }

  /// Returns the document.
  ///
  /// - Parameter routes: the methods that the service has registered.
  /// - Throws: `ShapeError` if a type of a route cannot be described.
  public static func document(
    service: ServiceName, routes: [RouteDescription], comments: DocComments = .builtIn
  ) throws -> JSONValue {
    var document = OpenRPCDocument(service, comments: comments)
    return try document.document(routes.sorted { $0.method < $1.method })
  }

  private mutating func document(_ routes: [RouteDescription]) throws -> JSONValue {
    var methods: [JSONValue] = []
    for route in routes { methods.append(try method(route)) }
    let meta = writer.inlined(try probe.object(CallMeta.self), .input)
    let problem = writer.schema(try ProblemData.jsonShape, .output)
    return [
      "openrpc": "1.3.2",
      "info": [
        "title": .string("gonogo-\(service.rawValue)"), "version": .string(ProductVersion.current),
        "description": """
        JSON-RPC 2.0 over ZeroMQ: each message is an empty frame, the envelope, and for events one frame per event. \
        See docs/contract.md, section 2.
        """,
        "license": ["name": "Apache-2.0"],
      ],
      "methods": .array(methods),
      "components": [
        "contentDescriptors": [
          "_meta": ["name": "_meta", "required": false, "schema": meta, "summary": "Options of every call."]
        ],
        "errors": .object(errors(data: problem)), "schemas": .object(writer.definitions),
      ],
    ]
  }

  // MARK: Methods

  private mutating func method(_ route: RouteDescription) throws -> JSONValue {
    let parameters = try probe.object(route.parameters)
    var descriptors: [JSONValue] = []
    for member in parameters.members { descriptors.append(descriptor(of: member, in: parameters)) }
    if route.output is any PagedResult.Type {
      let page = try probe.object(PageRequest.self)
      for member in page.members { descriptors.append(descriptor(of: member, in: page)) }
    }
    var method: [String: JSONValue] = [
      "name": .string(route.method), "paramStructure": "by-name",
      "params": .array(descriptors + [["$ref": "#/components/contentDescriptors/_meta"]]),
      "result": ["name": "result", "schema": try result(of: route)],
      "errors": .array(Problem.Kind.allCases.map { ["$ref": .string("#/components/errors/\($0)")] }),
      "tags": [["name": .string(route.isChange ? "change" : "read")]], "x-changes": .bool(route.isChange),
    ]
    if let text = writer.text(of: route.method) {
      let summary = text.firstSentence
      method["summary"] = .string(summary)
      if summary != text { method["description"] = .string(text) }
    }
    return .object(method)
  }

  private mutating func descriptor(
    of member: JSONObjectShape.Member, in parameters: JSONObjectShape
  ) -> JSONValue {
    var schema = writer.schema(of: member, in: parameters, .input).objectValue ?? [:]
    var descriptor: [String: JSONValue] = [
      "name": .string(member.key), "required": .bool(member.reading == .required),
    ]
    descriptor["description"] = schema.removeValue(forKey: "description")
    descriptor["schema"] = .object(schema)
    return .object(descriptor)
  }

  /// Every service except the bus adds `ChangeNotes` to the result of a change.
  private mutating func result(of route: RouteDescription) throws -> JSONValue {
    let schema = writer.schema(try probe.shape(of: route.output), .output)
    guard route.isChange, service != .bus else { return schema }
    return ["allOf": [schema, writer.schema(try probe.shape(of: ChangeNotes.self), .output)]]
  }

  // MARK: Errors

  private func errors(data: JSONValue) -> [String: JSONValue] {
    let errors = Problem.Kind.allCases.map { kind -> (String, JSONValue) in
      let message = comments["Problem.Kind.\(kind)"]?.firstSentence ?? "\(kind)"
      return ("\(kind)", ["code": .integer(Int64(kind.rawValue)), "message": .string(message), "data": data])
    }
    return Dictionary(errors) { first, _ in first }
  }
}

extension String {
  /// The text up to the first full stop at the end of a sentence.
  var firstSentence: String {
    guard let end = firstRange(of: /\.(?=\s|$)/) else { return self }
    return String(self[..<end.upperBound])
  }
}
