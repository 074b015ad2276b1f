import ArgumentParser
import Contract

struct TemplateLintCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Check a template for errors and for items that assert nothing.",
    discussion: """
      Reports errors with their line, items that assert nothing when they are done, items that no launch gets, due \
      days earlier than a tier's planning window allows, and groups, roles and owners that the roster does not have. \
      Exits 1 if the template has an error; it then cannot be adopted.
      """,
    examples: [
      "gonogo template lint",
      "gonogo template lint template.yaml",
    ])

  @Argument(help: "Template, YAML or JSON; - for standard input; default: the adopted one.") var file: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let file else {
      try await session.show(ChecklistRoutes.lintTemplate, LintTemplate())
      return
    }
    let document = try DocumentFile(file, for: .reading)
    let report = try await session.call(ChecklistRoutes.lintTemplate, LintTemplate(document: document.value)).value
    // Findings go to stderr with file and line, like a compiler's.
    for finding in report.findings {
      let line = document.line(of: finding.pointer) ?? 1
      session.console.fault("\(document.name):\(line): \(finding.severity.rawValue): \(finding.detail)")
    }
    if session.renderer.format == .table {
      session.console.write(report.summary + "\n")
    } else {
      try session.print(report)
    }
    if report.findings.contains(where: { $0.severity == .error }) { throw GatewayError(.no) }
  }
}

extension TemplateLintReport: Displayable {
  fileprivate var summary: String {
    items == 0
      ? counted(findings.count, "error")
      : "\(counted(items, "item")) checked, \(asserting) of which assert something, \(counted(findings.count, "finding"))"
  }

  func display(on page: inout Page) {
    page.paragraph(Text(summary))
    page.bullets(
      findings.map { finding in
        let place = finding.pointer.isEmpty ? "" : "\(finding.pointer): "
        return Text(place + finding.detail, finding.severity == .error ? .bad : .warning)
      })
  }
}
