import ArgumentParser
import Contract
import Foundation
import JSON
import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("Commands about what the template's record and learnings suggest")
struct TemplateCommandTests {
  private static let item = TemplateItem(
    key: "battle-card", title: "Battle card", section: "Sales readiness", function: .sales, tiers: [.major],
    due: DueRule(offset: -5, unit: .business), gate: .advisory, why: "sales asked")
  private static let change = TemplateChange(baseVersion: 2, replace: [item])

  private func run(_ words: String..., in services: RecordingServices) async throws {
    let command = try #require(try Gonogo.parseAsRoot(words) as? any GatewayCommand)
    try await command.run(in: services.session)
  }

  @Test(
    "A command that needs one of several arguments refuses none and two",
    arguments: [
      ["template", "replay"], ["template", "replay", "l1", "--file", "a.yaml"], ["template", "suggest", "--propose"],
      ["review", "learning", "propose", "l1"], ["review", "learning", "propose", "l1", "a.yaml", "--policy", "b.yaml"],
      ["review", "learning", "propose", "l1", "--policy", "a.yaml", "--metric-defaults", "b.yaml"],
    ])
  func usage(arguments: [String]) throws {
    let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(arguments) }
    #expect(CommandOutcome(try #require(error)).status == ExitStatus.usage.rawValue)
  }

  @Test("The suggestion for an item is proposed unchanged, with its text as the reason")
  func propose() async throws {
    let suggestions = TemplateSuggestions(
      launches: 5, templateVersion: 2,
      suggestions: [
        TemplateSuggestion(
          key: "battle-card", kind: .neverHelped, n: 5, count: 0, atMost: 0.43, text: "It can be advisory",
          change: Self.change)
      ], tooFew: ["qa"])
    try await withRecordingServices(answer: { call in
      if call.method == ChecklistRoutes.suggestTemplate.method { return try JSONCoding.value(suggestions) }
      return try JSONCoding.value(
        TemplateProposalView(
          id: "proposal-1", text: "It can be advisory", change: Self.change,
          proposedAt: Sample.time("2027-04-01T15:00:00Z"), proposedBy: "dana"))
    }) { services in
      try await run("template", "suggest", "battle-card", "--propose", in: services)
      let proposed = try #require(services.calls.last)
      #expect(proposed.method == ChecklistRoutes.proposeTemplate.method)
      #expect(proposed.params["change"] == Self.change.document)
      #expect(proposed.params["reason"] == "It can be advisory")
      let none = await #expect(throws: GatewayError.self) {
        try await run("template", "suggest", "qa", "--propose", in: services)
      }
      #expect(none?.status == .no)
      let proposals = services.calls.count { $0.method == ChecklistRoutes.proposeTemplate.method }
      #expect(proposals == 1, "nothing is proposed for an item without a suggestion")
    }
  }

  @Test("Lint exits 1 if the template has an error, but not for warnings", arguments: [true, false])
  func lint(isBroken: Bool) async throws {
    let finding = TemplateFinding(
      isBroken ? .error : .warning, code: "invalid", item: "qa", pointer: "/items/0/due",
      detail: "\"never\" is not a due rule")
    let report = TemplateLintReport(items: isBroken ? 0 : 3, asserting: isBroken ? 0 : 2, findings: [finding])
    try await withTemporaryFolder { folder in
      let path = "\(folder)/template.yaml"
      try Data("version: 1\nitems:\n  - key: qa\n    due: never\n".utf8).write(to: URL(filePath: path))
      try await withRecordingServices(answer: { _ in try JSONCoding.value(report) }) { services in
        var status = ExitStatus.success
        do {
          try await run("template", "lint", path, in: services)
        } catch let error as GatewayError {
          status = error.status
        }
        #expect(status == (isBroken ? .no : .success))
        let sent = try #require(services.calls.last)
        #expect(sent.params["document"]?["items"]?.arrayValue?.first?["due"] == "never")
        let summary = isBroken ? "1 error" : "3 items checked, 2 of which assert something, 1 finding"
        #expect(try services.output().contains(summary))
      }
    }
  }

  @Test("The built-in template is printed with its comments, without a call")
  func builtIn() async throws {
    try await withRecordingServices(answer: { _ in .null }) { services in
      try await run("template", "export", "--built-in", in: services)
      #expect(services.calls.isEmpty)
      #expect(try services.output().contains("\n  - key: rollback-procedure\n"))
    }
    #expect(throws: (any Error).self) {
      try Gonogo.parseAsRoot(["template", "export", "--built-in", "--version", "2"])
    }
  }

  @Test(
    "A learning is proposed with the document that it changes",
    arguments: [
      ([], LearningTarget.template), (["--template"], .template), (["--policy"], .policy),
      (["--metric-defaults"], .metricDefaults),
    ] as [([String], LearningTarget)])
  func learning(option: [String], target: LearningTarget) async throws {
    let learning = LearningView(
      id: "smart-routing-l1", launch: Sample.launch, text: "prices", by: "dana",
      at: Sample.time("2027-04-01T15:00:00Z"),
      proposedAt: Sample.time("2027-04-01T16:00:00Z"), target: target)
    try await withTemporaryFolder { folder in
      let path = "\(folder)/document.yaml"
      try Data("version: 1\n".utf8).write(to: URL(filePath: path))
      try await withRecordingServices(answer: { _ in try JSONCoding.value(learning) }) { services in
        let words = ["review", "learning", "propose", "smart-routing-l1"] + option + [path]
        let command = try #require(try Gonogo.parseAsRoot(words) as? any GatewayCommand)
        try await command.run(in: services.session)
        let params = try #require(services.calls.last).params
        #expect(params["target"]?.stringValue == target.rawValue)
        #expect(params["change"] == ["version": 1])
        let became: [LearningTarget: String] = [
          .policy: "policy proposal", .metricDefaults: "metric defaults proposal",
        ]
        #expect(try services.output().contains(became[target] ?? "proposal"))
      }
    }
  }

  private func text(_ result: some Displayable) -> String {
    var page = Page()
    result.display(on: &page)
    return page.text(width: 120)
  }

  @Test("A replay shows its summary sentence, and its effect on each launch")
  func replay() {
    let (due, date) = (Sample.date("2027-02-25"), Sample.date("2027-03-02"))
    let stopped = LaunchReplay.Effect(due: due, late: true, stops: true, days: 3)
    let item = ItemReplay(
      key: "walk", change: .added, basis: .dates, before: nil, after: ItemReplay.Totals(),
      text: "On your last launch …",
      launches: [
        LaunchReplay(launch: Sample.launch, date: date, before: nil, after: stopped, missed: ["adoption"]),
        LaunchReplay(launch: Sample.id("fix"), date: date, before: nil, after: stopped, missed: nil),
      ])
    let shown = text(
      TemplateReplay(launches: 2, items: [item], tooFew: true, missing: ["metrics: did not answer"]))
    #expect(
      shown == """
        walk (added)
        On your last launch …
        No launch had this item: it counts as having stopped those whose checklist was created after its due day.
        LAUNCH         DATE        DUE         NOW  THEN     DAYS  MISSED
        smart-routing  2027-03-02  2027-02-25  -    stopped     3  adoption
        fix            2027-03-02  2027-02-25  -    stopped     3  not known
          · not known: metrics: did not answer

        """, "\(shown)")
  }

  @Test("Records show their n, and say if it is too small")
  func record() {
    var item = ItemRecord(key: "qa", isCurrent: true)
    item.launches = 4
    item.late = 1
    item.leadTime = ItemRecord.LeadTime(n: 4, median: 6.5, high: 9)
    item.followed.measured = 3
    item.followed.missed = 2
    let other = ItemRecord(key: "old", isCurrent: false)
    let shown = text(TemplateRecord(launches: [], items: [item, other]))
    #expect(shown.contains("6.5 / 9") && shown.contains("2/3") && shown.contains("too few"), "\(shown)")
    #expect(shown.contains("no longer in the template"), "\(shown)")
  }

  @Test("An imported file has the adopted template's version if the checklist answers: adopting it is no revert")
  func importedVersion() async throws {
    let list = TemplateList(current: 4, versions: [], proposals: [])
    try await withTemporaryFolder { folder in
      let path = "\(folder)/list.md"
      try Data("- [ ] Load test\n".utf8).write(to: URL(filePath: path))
      try await withRecordingServices(answer: { _ in try JSONCoding.value(list) }) { services in
        try await run("template", "import", path, in: services)
        let output = try services.output()
        #expect(output.contains("version: 4\n"), "\(output)")
      }
      try await withRecordingServices([]) { services in
        try await run("template", "import", path, in: services)
        let output = try services.output()
        #expect(output.contains("version: 1\n"), "\(output)")
        // The command needs no service, so it does not warn that none answers.
        let diagnostics = try services.diagnostics()
        #expect(!diagnostics.contains("warning"), "\(diagnostics)")
      }
    }
  }
}
