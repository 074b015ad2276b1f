public import JSON
import LaunchModel

/// The output of a command with `--output json`.
public struct CommandResult: Sendable {
  /// The command without `gonogo`, for example `launch show`.
  public let command: String
  /// Whether it may print several results, one after the other.
  public let isRepeated: Bool
  /// The possible forms of the result; empty if the command prints no JSON.
  public private(set) var variants: [Variant]

  /// One form of the result.
  public struct Variant: Sendable {
    /// The condition under which it is printed, for example `dry-run`; nil for the usual form.
    public let condition: String?
    /// The type of the result; nil for an event, which is printed as its producer wrote it.
    public let type: (any (Codable & Sendable).Type)?
    /// Whether a service may add `ChangeNotes`.
    let isChange: Bool
  }

  /// A command that prints the result of a route exactly as the service returned it.
  public init<Parameters, Output>(_ command: String, _ route: Route<Parameters, Output>, isRepeated: Bool = false) {
    self.init(command, [Variant(route, nil)], isRepeated)
  }

  /// A command that prints a value assembled by the gateway.
  public init(_ command: String, _ type: any (Codable & Sendable).Type, isRepeated: Bool = false) {
    self.init(command, [Variant(condition: nil, type: type, isChange: false)], isRepeated)
  }

  /// A command that prints events as their producers wrote them.
  public static func events(_ command: String, isRepeated: Bool = false) -> CommandResult {
    CommandResult(command, [Variant(condition: nil, type: nil, isChange: false)], isRepeated)
  }

  /// A command that prints no JSON result: nothing at all, or a file in its own format.
  public static func nothing(_ command: String) -> CommandResult { CommandResult(command, [], false) }

  private init(_ command: String, _ variants: [Variant], _ isRepeated: Bool) {
    self.command = command
    self.variants = variants
    self.isRepeated = isRepeated
  }

  /// Adds the result of another route, printed under a condition.
  public func or<Parameters, Output>(_ route: Route<Parameters, Output>, if condition: String) -> CommandResult {
    var result = self
    result.variants.append(Variant(route, condition))
    return result
  }

  /// Adds a value assembled by the gateway, printed under a condition.
  public func or(_ type: any (Codable & Sendable).Type, if condition: String) -> CommandResult {
    var result = self
    result.variants.append(Variant(condition: condition, type: type, isChange: false))
    return result
  }

  /// Returns the schema of the result; nil if the command prints no JSON.
  public func schema(_ writer: inout SchemaWriter, _ probe: ShapeProbe) throws -> JSONValue? {
    var schemas: [JSONValue] = []
    for variant in variants { schemas.append(try variant.schema(&writer, probe)) }
    return schemas.count > 1 ? ["anyOf": .array(schemas)] : schemas.first
  }
}

extension CommandResult.Variant {
  fileprivate init<Parameters, Output>(_ route: Route<Parameters, Output>, _ condition: String?) {
    self.init(condition: condition, type: Output.self, isChange: route.access == .change && route.service != .bus)
  }

  fileprivate func schema(_ writer: inout SchemaWriter, _ probe: ShapeProbe) throws -> JSONValue {
    guard let type else { return CloudEventSchema.any }
    let schema = writer.schema(try probe.shape(of: type), .output)
    guard isChange else { return schema }
    return ["allOf": [schema, writer.schema(try probe.shape(of: ChangeNotes.self), .output)]]
  }

  /// Returns an example of the result.
  public func example(_ probe: ShapeProbe) throws -> JSONValue {
    guard let type else { return try EventDescription.all[0].example(probe) }
    return try probe.example(of: type)
  }
}
