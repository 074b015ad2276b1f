public import ArgumentParser
import Documents
import JSON
public import LaunchModel
public import Contract

/// In this module, `@Flag` means ArgumentParser's property wrapper, not the model's kind of fact.
typealias Flag = ArgumentParser.Flag

extension LaunchID: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension LocalDate: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
    guard isPlain else { return nil }
  }
}

extension Timestamp: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension LaunchFunction: ExpressibleByArgument {}

extension LaunchStatus: ExpressibleByArgument {}

extension ConflictKind: ExpressibleByArgument {}

extension ServiceName: ExpressibleByArgument {}

extension PollAnswer.Answer: ExpressibleByArgument {}

extension AgendaPart: ExpressibleByArgument {}

extension HypercareOutcome: ExpressibleByArgument {}

extension Tier: ExpressibleByArgument {
  public init?(argument: String) {
    guard let number = Int(argument) else { return nil }
    self.init(rawValue: number)
  }

  /// The numbers of the tiers, for help pages.
  public static var allValueStrings: [String] { allCases.map { String($0.rawValue) } }
}

/// An item argument has the same form as a name in `keys`: `qa`, or `kb-article/de`.
extension ItemReference: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(name: argument)
    guard !key.isEmpty, instance?.isEmpty != true else { return nil }
  }
}

/// Several values in one argument, separated by commas: `jonas,aiko`.
struct CommaSeparated: ExpressibleByArgument, Sendable, Hashable {
  var values: [String]

  init?(argument: String) {
    values = argument.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
    guard !values.isEmpty else { return nil }
  }
}

/// `field=value`: a path of names and a value in YAML, such as `facts.audience=most`.
struct FieldAssignment: Sendable, Hashable {
  var path: [String]
  var value: JSONValue

  /// Parses an assignment to a field of a launch; a transform for `@Argument`, because a transform's error can state
  /// the reason.
  @Sendable static func field(_ argument: String) throws -> FieldAssignment {
    try FieldAssignment(argument, named: "field=value")
  }

  /// Parses an assignment to a fact.
  @Sendable static func fact(_ argument: String) throws -> FieldAssignment {
    try FieldAssignment(argument, named: "fact=value")
  }

  /// - Parameter valueName: the argument's name in the usage line, from which the message takes the expected form.
  /// - Throws: `ValidationError` if there is no field, or if the value cannot be read.
  private init(_ argument: String, named valueName: String) throws(ValidationError) {
    let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    path = sides[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard sides.count == 2, !path.contains("") else {
      throw ValidationError("give \(CommandLineWords.form(of: valueName) ?? valueName)")
    }
    guard sides[1].contains(where: { $0 != " " }) else {
      value = .null
      return
    }
    do throws(Problem) {
      value = try SourceDocument(parsing: Array(sides[1].utf8), file: "value").value
    } catch {
      let reason = error.errors.first?.detail ?? error.detail
      throw ValidationError("the value of \(sides[0]) cannot be read as YAML: \(reason)")
    }
  }

  /// Returns the object that the assignments together describe.
  ///
  /// - Throws: `GatewayError` if a field is given twice, or both as a value and as an object.
  static func object(of assignments: [FieldAssignment]) throws(GatewayError) -> JSONValue {
    var object: JSONValue = .object([:])
    for assignment in assignments {
      guard let extended = object.setting(assignment.path[...], to: assignment.value) else {
        throw GatewayError(.usage, "\(assignment.path.joined(separator: ".")) is given more than once; name it once")
      }
      object = extended
    }
    return object
  }
}

extension JSONValue {
  /// Returns this value with another value added at the path; nil if the path is occupied.
  fileprivate func setting(_ path: ArraySlice<String>, to value: JSONValue) -> JSONValue? {
    guard case .object(var members) = self, let name = path.first else { return nil }
    let rest = path.dropFirst()
    if rest.isEmpty {
      guard members[name] == nil else { return nil }
      members[name] = value
    } else {
      guard let inner = (members[name] ?? .object([:])).setting(rest, to: value) else { return nil }
      members[name] = inner
    }
    return .object(members)
  }
}
