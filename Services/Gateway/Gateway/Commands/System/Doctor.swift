import ArgumentParser

struct Doctor: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look for what is or may become wrong with this installation, and say the mend.",
    discussion: "Exit status: 1 where something has to be mended.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let report = HealthReport(checks: try await Diagnosis(session: session).checks())
    try session.print(report)
    guard report.isHealthy else { throw ExitCode(ExitStatus.no.rawValue) }
  }
}
