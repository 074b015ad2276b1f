public import JSON
public import LaunchModel

/// The OpenRPC 1.3 document (https://spec.open-rpc.org) of a service's methods.
public enum OpenRPCDocument {
  /// Returns the document of a service.
  ///
  /// - Parameter methods: for each method its name, whether it changes anything, and the type names of its parameters
  ///   and result.
  public static func document(
    service: ServiceName, methods: [(name: String, changes: Bool, parameters: String, result: String)]
  ) -> JSONValue {
    [
      "openrpc": "1.3.2",
      "info": [
        "title": .string("gonogo-\(service.rawValue)"), "version": .string(ProcessIdentity.version),
        "description": "Calls over ZeroMQ: [empty] [envelope] [part …]. Every method accepts params._meta.",
      ],
      "methods": .array(
        methods.sorted { $0.name < $1.name }.map { method in
          [
            "name": .string(method.name), "paramStructure": "by-name",
            "x-changes": .bool(method.changes),
            "params": [["name": "params", "schema": ["type": "object", "title": .string(method.parameters)]]],
            "result": ["name": "result", "schema": ["title": .string(method.result)]],
          ]
        }),
    ]
  }
}
