import ArgumentParser
import Contract
import LaunchModel

struct BlackoutSet: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Set a blackout, or change one.",
    discussion: """
      If it would stop launches, lists them and the GOs that it ends, then asks; --yes sets it without asking. The \
      reason is required.
      """,
    examples: [
      "gonogo calendar blackout set audit --from 2027-03-01 --to 2027-03-05",
      "gonogo calendar blackout set freeze --tiers 0,1 --reason 'major only' --yes",
    ])

  @OptionGroup var blackout: BlackoutArgument
  @OptionGroup var dates: DateRangeOptions
  @Option(help: ArgumentHelp("Tiers it applies to, e.g. 0,1; default: all.", valueName: "tiers"))
  var tiers: CommaSeparated?
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func validate() throws { _ = try tiers.map(Self.tiers) }

  func run(in session: Session) async throws {
    let set = SetBlackout(
      key: blackout.key, from: dates.from, to: dates.to, tiers: try tiers.map(Self.tiers), reason: explanation.reason)
    let consequences = try await session.call(TieringRoutes.previewBlackout, set)
    if preview.dryRun { return try session.print(consequences) }
    if !consequences.value.stops.isEmpty {
      try explanation.require(for: "a blackout that stops launches")
      try confirmation.ask("Set the blackout \(blackout.key)?", showing: consequences.value, in: session)
    }
    let before = try await session.call(TieringRoutes.blackouts, NoParameters()).value.blackouts.map(\.blackout)
      .first { $0.key == blackout.key }
    let after = try await session.call(
      TieringRoutes.setBlackout, set, expectedVersion: consequences.value.version)
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
