import ArgumentParser
import Contract
import LaunchModel

/// `gonogo calendar blackout …`
struct BlackoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blackout", abstract: "Spans of days on which nothing is to launch, as a change freeze.",
    subcommands: [BlackoutListCommand.self, BlackoutSet.self, BlackoutExcept.self, BlackoutRemove.self])
}

struct BlackoutListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the blackouts, their exceptions, and the launches that they stop.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws { try await session.show(TieringRoutes.blackouts, NoParameters()) }
}

struct BlackoutSet: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set a blackout, or change one.",
    discussion:
      "As in: gonogo calendar blackout set year-end --from 2026-12-20 --to 2027-01-03 --reason 'change freeze'")

  @Argument(help: "The blackout's key: a-z, 0-9 and -.") var key: LaunchID
  @Option(help: ArgumentHelp("The first day.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("The last day, itself in it.", valueName: "date")) var to: LocalDate?
  @Option(help: ArgumentHelp("The tiers it holds for, as 0,1; else all.", valueName: "tiers")) var tiers:
    CommaSeparated?
  @Option(help: "Why.") var reason: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws { _ = try tiers.map(Self.tiers) }

  func run(in session: Session) async throws {
    let set = SetBlackout(key: key, from: from, to: to, tiers: try tiers.map(Self.tiers), reason: reason)
    let before = try await session.call(TieringRoutes.blackouts, NoParameters()).value.blackouts.map(\.blackout)
      .first { $0.key == key }
    let after = try await session.call(TieringRoutes.setBlackout, set, expectedVersion: before?.version ?? 0)
    try session.print(after)
    guard let before else { return }
    session.console.note(
      "it was \(before.from) to \(before.to), tiers \(before.tiersText), set by \(before.by): \(before.reason)")
  }

  private static func tiers(_ words: CommaSeparated) throws -> [Tier] {
    try words.values.map { word in
      guard let tier = Tier(argument: word) else { throw ValidationError("a tier is 0, 1, 2 or 3, not \(word)") }
      return tier
    }
  }
}

struct BlackoutExcept: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "except", abstract: "Let a launch launch in a blackout, or take that back.")

  @Argument(help: "The blackout's key.") var key: LaunchID
  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Flag(help: "Take the exception back.") var remove = false
  @Option(help: "Why.") var reason: String?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let except = ExceptBlackout(blackout: key, launch: launch, reason: reason, remove: remove ? true : nil)
    try await session.show(TieringRoutes.exceptBlackout, except)
  }
}

struct BlackoutRemove: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a blackout back.")

  @Argument(help: "The blackout's key.") var key: LaunchID
  @Option(help: "Why.") var reason: String?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let removed = try await session.call(
      TieringRoutes.setBlackout, SetBlackout(key: key, reason: reason, remove: true))
    session.console.note("the blackout \(key) is taken back")
    try session.print(removed)
  }
}
