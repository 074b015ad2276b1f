/// One thing that `gonogo doctor` looks at.
struct HealthCheck: Codable, Sendable, Hashable {
  enum Verdict: String, Codable, Sendable, Hashable, CaseIterable {
    case ok, warn, fail
  }

  var name: String
  var verdict: Verdict
  /// What was found.
  var detail: String
  /// What to do about it.
  var mend: String?

  static func ok(_ name: String, _ detail: String) -> HealthCheck {
    HealthCheck(name: name, verdict: .ok, detail: detail)
  }

  static func warn(_ name: String, _ detail: String, mend: String) -> HealthCheck {
    HealthCheck(name: name, verdict: .warn, detail: detail, mend: mend)
  }

  static func fail(_ name: String, _ detail: String, mend: String) -> HealthCheck {
    HealthCheck(name: name, verdict: .fail, detail: detail, mend: mend)
  }
}

/// Everything that was looked at.
struct HealthReport: Codable, Sendable, Hashable {
  var checks: [HealthCheck]

  var isHealthy: Bool { !checks.contains { $0.verdict == .fail } }
}

extension HealthReport: Displayable {
  func display(on page: inout Page) {
    var table = Table(columns: [.left("check"), .left("state"), .flexible("found")])
    table.rows = checks.map { [Text($0.name), $0.verdict.label, Text($0.detail)] }
    page.table(table)
    page.section("To do", checks.compactMap { check in check.mend.map { Text("\(check.name): \($0)") } })
    if !isHealthy { page.paragraph(Text("Something has to be mended before this works.", .bad)) }
  }
}

extension HealthCheck.Verdict {
  fileprivate var label: Text {
    switch self {
    case .ok: Text(rawValue, .good)
    case .warn: Text(rawValue, .warning)
    case .fail: Text(rawValue, .bad)
    }
  }
}
