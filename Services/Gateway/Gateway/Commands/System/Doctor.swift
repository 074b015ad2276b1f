import ArgumentParser

struct Doctor: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check this installation for problems and print how to fix each one.",
    discussion: "Exits 1 if a check fails: something does not work, or differs from what was recorded.",
    examples: [
      "gonogo doctor",
      "gonogo doctor --deep",
      "gonogo doctor --output json",
    ])

  @Flag(help: "Also read the bus's whole log and list all damage. The bus keeps running.")
  var deep = false
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let report = HealthReport(checks: try await Diagnosis(session: session).checks(deep: deep))
    try session.print(report)
    guard report.isHealthy else { throw GatewayError(.no) }
  }
}
