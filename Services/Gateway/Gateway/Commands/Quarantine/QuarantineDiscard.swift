import ArgumentParser
import Contract

struct QuarantineDiscard: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard", abstract: "Discard events for good. This cannot be undone.",
    examples: [
      "gonogo event quarantine discard 1",
      "gonogo event quarantine discard --consumer bus",
    ])

  @OptionGroup var entries: QuarantineArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await entries.change(by: BusRoutes.quarantineDiscard, in: session) { _, _ in "discarded" }
  }
}
