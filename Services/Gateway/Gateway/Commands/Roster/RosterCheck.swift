import ArgumentParser
import Contract

struct RosterCheck: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find groups and people missing from the roster.",
    discussion: """
      Covers the adopted template and every running launch: approval groups, owners, voters, leads that the poll waits \
      for, who executes a rollback, who attended the demo, who has hypercare shifts ahead, and delegates. Exits 1 if \
      something is missing.
      """,
    examples: [
      "gonogo roster check",
      "gonogo roster check --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let report = try await session.call(ChecklistRoutes.checkRoster, NoParameters())
    try session.print(report)
    if !report.value.faults.isEmpty { throw GatewayError(.no) }
  }
}
