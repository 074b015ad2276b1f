import ArgumentParser
import Contract
import LaunchModel

struct Board: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "board", abstract: "Show all running launches, function by function.",
    examples: [
      "gonogo board",
      "gonogo board --as-of 2027-02-01T09:00:00Z",
    ])

  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.board, BoardReference(asOf: moment.asOf))
  }
}
