import ArgumentParser
import Contract
import LaunchModel

struct BlackoutSet: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set a blackout, or change one.",
    examples: [
      "gonogo calendar blackout set freeze --from 2027-03-01 --to 2027-03-05 \\\n    --reason 'change freeze'",
      "gonogo calendar blackout set freeze --tiers 0,1 --reason 'major only'",
    ])

  @OptionGroup var blackout: BlackoutArgument
  @OptionGroup var dates: DateRangeOptions
  @Option(help: ArgumentHelp("Tiers it applies to, e.g. 0,1; default: all.", valueName: "tiers"))
  var tiers: CommaSeparated?
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func validate() throws { _ = try tiers.map(Self.tiers) }

  func run(in session: Session) async throws {
    let set = SetBlackout(
      key: blackout.key, from: dates.from, to: dates.to, tiers: try tiers.map(Self.tiers), reason: explanation.reason)
    let before = try await session.call(TieringRoutes.blackouts, NoParameters()).value.blackouts.map(\.blackout)
      .first { $0.key == blackout.key }
    let after = try await session.call(TieringRoutes.setBlackout, set, expectedVersion: before?.version ?? 0)
    try session.print(after)
    guard let before else { return }
    session.console.note(
      "it was \(before.from) to \(before.to), tiers \(before.tiersText), set by \(before.by): \(before.reason)")
  }

  private static func tiers(_ words: CommaSeparated) throws -> [Tier] {
    try words.values.map { word in
      guard let tier = Tier(argument: word) else {
        throw ValidationError("\"\(word)\" is not a tier; pass 0 to 3, separated by commas")
      }
      return tier
    }
  }
}
