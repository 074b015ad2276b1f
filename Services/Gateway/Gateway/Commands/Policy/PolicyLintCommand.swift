import ArgumentParser
import Contract

struct PolicyLintCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Check a policy on every combination of facts.",
    discussion: """
      Reports combinations that no rule decides, rules that never fire or never decide, and facts whose more demanding \
      value lowers the tier. Exits 1 if the policy has an error; it then cannot be adopted.
      """,
    examples: [
      "gonogo policy lint",
      "gonogo policy lint policy.yaml",
    ])

  @Argument(help: "Policy, YAML or JSON; - for standard input; default: the adopted one.") var file: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let file else {
      try Self.requireNoError(in: try await session.show(TieringRoutes.lintPolicy, LintPolicy()))
      return
    }
    let document = try DocumentFile(file, for: .reading)
    var report = PolicyLintReport(combinations: 0, findings: [])
    try await document.explaining {
      report = try await session.call(TieringRoutes.lintPolicy, LintPolicy(document: document.value)).value
    }
    // Findings go to stderr with file and line, like a compiler's.
    for finding in report.findings { session.console.fault(document.line(of: finding)) }
    if session.renderer.format == .table {
      session.console.write(report.summary + "\n")
    } else {
      try session.print(report)
    }
    try Self.requireNoError(in: report)
  }

  private static func requireNoError(in report: PolicyLintReport) throws {
    if report.findings.contains(where: { $0.severity == .error }) { throw GatewayError(.no) }
  }
}

extension DocumentFile {
  /// A finding in the format of compilers.
  fileprivate func line(of finding: PolicyFinding) -> String {
    "\(name):\(line(of: finding.pointer) ?? 1): \(finding.severity.rawValue): \(finding.text)"
  }
}
