import ArgumentParser
import Contract
import LaunchModel

struct PolicyTest: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run a policy against test cases.",
    discussion: """
      Exits 1 if any tier differs from the expected one. The cases are CSV with the columns kinds, audience, the facts \
      (yes, no, unknown, omitted or nothing) and tier, or YAML: cases: [{name: …, facts: {kinds: […]}, tier: 2}].
      """,
    examples: [
      "gonogo policy test cases.csv",
      "gonogo policy test cases.csv --policy policy.yaml",
    ])

  @Argument(help: "Test cases, CSV, YAML or JSON; - for standard input.") var cases: String
  @Option(help: ArgumentHelp("Policy, YAML or JSON; default: the adopted one.", valueName: "file"))
  var policy: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try policy.map { path throws(GatewayError) in try DocumentFile(path, for: .reading) }
    let table = try PolicyCaseFile(cases)
    guard !table.cases.isEmpty else {
      throw GatewayError(
        .badInput, "\(table.name) has no cases; add one per line below the heading, e.g. new-surface,,1")
    }
    let report = try await report(of: table, document, in: session)
    try session.print(report)
    if report.failed > 0 { throw GatewayError(.no) }
  }

  private func report(
    of table: PolicyCaseFile, _ document: DocumentFile?, in session: Session
  ) async throws -> PolicyTestReport {
    do {
      let request = TestPolicy(document: document?.value, cases: table.cases)
      return try await session.call(TieringRoutes.testPolicy, request).value
    } catch let failure as CallError where failure.problem.code == "invalid-cases" {
      throw GatewayError(table.locating(failure.problem), file: table.name)
    } catch let failure as CallError {
      if let document { throw document.locating(failure) }
      throw failure
    }
  }
}
