public import ArgumentParser
public import LaunchModel
public import Contract

/// `@Flag` is the parser's here, not the model's kind of fact.
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

extension Tier: ExpressibleByArgument {
  public init?(argument: String) {
    guard let number = Int(argument) else { return nil }
    self.init(rawValue: number)
  }

  /// The numbers, for help pages.
  public static var allValueStrings: [String] { allCases.map { String($0.rawValue) } }
}

/// An item is named like in `keys`: `qa`, or `kb-article/de`.
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
