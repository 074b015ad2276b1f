import Contract
import JSON
import LaunchModel

extension PolicyView: Displayable {
  func display(on page: inout Page) {
    page.fields(["Version": Text(documentVersion), "Digest": Text(digest.shortDigest, .faint)])
    page.rules(rules)
    page.blank()
    // A document that YAML cannot express is shown as JSON.
    let text = (try? YAMLText.of(document)) ?? document.pretty()
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      page.paragraph(Text(String(line)))
    }
  }
}

extension Page {
  /// Adds how often each rule determined a tier, and how often it was overridden.
  mutating func rules(_ rules: [RuleRecord]) {
    guard !rules.isEmpty else { return }
    blank()
    var table = Table(columns: [
      .flexible("rule"), .right("launches"), .right("raised"), .right("lowered"), .right("overridden"),
    ])
    table.rows = rules.map { rule in
      let overridden = rule.raised + rule.lowered
      let share = Double(overridden) / Double(max(rule.launches, 1))
      return [
        Text(rule.rule), Text(rule.launches), Text(rule.raised), Text(rule.lowered),
        Text(share.percent, share >= 0.5 ? .warning : .plain),
      ]
    }
    self.table(table)
  }

  /// Adds the findings of the lint, each with its location.
  mutating func findings(_ findings: [PolicyFinding]) {
    bullets(
      findings.map { finding in
        let place = finding.pointer.isEmpty ? "" : "\(finding.pointer): "
        return Text(place + finding.text, finding.severity == .error ? .bad : .warning)
      })
  }
}

extension PolicyFinding {
  /// The finding with its example.
  var text: String { example.isEmpty ? detail : "\(detail) (e.g. \(example.joined(separator: "; ")))" }
}

extension PolicyLintReport: Displayable {
  var summary: String {
    "\(counted(combinations, "combination")) of facts checked, \(counted(findings.count, "finding"))"
  }

  func display(on page: inout Page) {
    page.paragraph(Text(summary))
    page.findings(findings)
  }
}

extension PolicyTestReport: Displayable {
  func display(on page: inout Page) {
    let wrong = results.enumerated().filter { !$0.element.passed }
    if !wrong.isEmpty {
      var table = Table(columns: [
        .right("case"), .flexible("name"), .right("expected"), .right("actual"), .flexible("rules"),
      ])
      table.rows = wrong.map { index, result in
        [
          Text(index + 1), Text(result.name), Text(result.expected.rawValue), Text(result.tier.rawValue, .bad),
          Text(result.rules.joined(separator: ", ")),
        ]
      }
      page.table(table)
      page.blank()
    }
    let passed = results.count - failed
    page.paragraph(Text("\(passed) of \(counted(results.count, "case")) as expected", failed == 0 ? .good : .bad))
  }
}

extension PolicyProposal: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Proposal": Text(id), "By": Text("\(proposedBy), \(proposedAt.short)"), "Reason": Text(reason),
      "Based on": Text("version \(baseVersion)"), "Learning": learning.map { Text($0) },
      "Adopted": adoptedAs.map { Text("as version \($0)") },
    ])
    page.findings(findings)
  }
}

extension PolicyProposalList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .left("proposal"), .left("by"), .left("when"), .right("based on"), .right("adopted as"), .flexible("reason"),
      ],
      whenEmpty: "no proposals")
    table.rows = proposals.map {
      [
        Text($0.id), Text($0.proposedBy), Text($0.proposedAt.short), Text($0.baseVersion), Text($0.adoptedAs),
        Text($0.reason),
      ]
    }
    page.table(table)
  }
}

extension PolicyAdoption: Displayable {
  func display(on page: inout Page) {
    page.paragraph(
      Text(
        "Policy version \(documentVersion) adopted; running launches keep their tiers until gonogo launch retier.",
        .good))
    page.fields(["Digest": Text(digest.shortDigest, .faint)])
    page.findings(findings)
  }
}
