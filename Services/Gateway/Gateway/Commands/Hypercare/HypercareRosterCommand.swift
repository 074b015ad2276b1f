import ArgumentParser
import Contract
import LaunchModel

struct HypercareRosterCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "roster", abstract: "Set the roster of shifts for the 14 days after a launch.",
    discussion: """
      The file lists shifts with person, from and to, local to the launch's time zone, the hours to cover and the \
      response target. It replaces the whole roster. The output lists spans that nobody covers. Rescheduling the \
      launch does not move the shifts. Only for Support's lead and Product Ops.
      """,
    examples: [
      "gonogo hypercare roster smart-routing hypercare.yaml",
      "gonogo hypercare roster smart-routing - < hypercare.yaml",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var document: DocumentArgument
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    try await document.explaining {
      let request = SetHypercareRoster(launch: launch.id, document: document.value, reason: explanation.reason)
      try await session.show(ChecklistRoutes.setHypercareRoster, request)
    }
  }
}
