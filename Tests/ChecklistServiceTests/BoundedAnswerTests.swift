import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

/// Texts have limits, lists come in pages, and what was committed is never answered as failed.
@Suite struct BoundedAnswerTests {
  @Test(
    "A text over its limit is refused with its place",
    arguments: [
      (ChecklistRoutes.comment.method, "text", 10_240), (ChecklistRoutes.block.method, "reason", 2_048),
      (ChecklistRoutes.assign.method, "to", 1_024),
    ])
  func limits(method: String, field: String, limit: Int) async throws {
    try await Stage.with { stage in
      func send(_ count: Int) async -> Problem? {
        await problem {
          let params: JSONValue = [
            "launch": "smart-routing", "key": "qa", field: .string(String(repeating: "x", count: count)),
          ]
          _ = try await stage.harness.send(
            method, params: params.serialized(), as: stage.harness.principal(of: "dana"))
        }
      }
      let refused = await send(limit + 1)
      #expect(refused?.code == "text-too-long")
      #expect(refused?.errors.first?.pointer == "/\(field)")
      #expect(await send(limit)?.code != "text-too-long")
    }
  }

  @Test("An item with a long history is shown with its newest entries, and every verb on it gets an answer")
  func longHistory() async throws {
    try await Stage.with { stage in
      for number in 0..<120 {
        let text = "\(number) \(String(repeating: "x", count: 10_000))"
        try await stage.harness.call(
          ChecklistRoutes.comment, ItemAction(launch: Stage.launch, key: "qa", text: text), as: "erin")
      }
      let shown = try await stage.show("qa")
      #expect(shown.short == true)
      #expect(shown.history.last?.detail?.hasPrefix("119 ") == true)
      let several = try #require(
        try await stage.harness.call(
          ChecklistRoutes.showItem, ItemTarget(launch: Stage.launch, keys: ["qa"]), as: "erin"
        ).results)
      #expect(several.results.first?.history?.last?.detail?.hasPrefix("119 ") == true)
      #expect(several.results.first?.short == true)
      #expect(try await stage.act(ChecklistRoutes.done, "qa", as: "erin").item.state == .done)
    }
  }

  @Test("An audit chain is read in pages")
  func auditPages() async throws {
    try await Stage.with { stage in
      for number in 0..<120 {
        try await stage.harness.call(
          ChecklistRoutes.comment, ItemAction(launch: Stage.launch, key: "qa", text: "\(number)"), as: "erin")
      }
      struct Request: Codable, Sendable {
        var launch = "smart-routing"
        var limit: Int?
        var next: String?
      }
      let route = Route<Request, AuditTrail>(.checklist, ServiceRoutes.auditShow(.checklist).method, .read)
      func page(_ request: Request) async throws -> AuditTrail {
        try await stage.harness.call(route, request, as: "erin")
      }
      var lengths: [Int] = []
      var request = Request(limit: 50)
      var pages = 0
      repeat {
        let trail = try await page(request)
        lengths += trail.links.map(\.length)
        request.next = trail.next
        pages += 1
      } while request.next != nil
      #expect(pages >= 3)
      #expect(lengths == Array(1...lengths.count))
      #expect(lengths.count >= 120)
      #expect(try await page(Request(limit: 7)).links.count == 7)
      #expect(try await page(Request(limit: 7, next: "7")).links.first?.length == 8)
      #expect(await problem { _ = try await page(Request(limit: 0)) }?.code == "unfit-limit")
      #expect(await problem { _ = try await page(Request(next: "x")) }?.code == "unfit-next")
    }
  }

  @Test("A roster that leaves references unresolved is adopted with warnings, and roster.check lists them")
  func references() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      var roster = Stage.roster
      roster.people["lena"] = nil
      roster.people["petra"] = nil
      let adoption = AdoptRoster(document: try JSONCoding.value(roster))
      let preview = try await stage.harness.call(ChecklistRoutes.previewRoster, adoption, as: "erin").faults
      #expect(preview.contains { $0.code == .ownerLeft && $0.launch == Stage.launch && $0.person == "petra" })
      let now = try await stage.harness.call(ChecklistRoutes.checkRoster, NoParameters(), as: "erin").faults
      #expect(!now.contains { $0.code == .ownerLeft }, "the preview adopted nothing")
      let adopted = try await stage.harness.call(ChecklistRoutes.adoptRoster, adoption, as: "dana")
      let warnings = adopted.warnings ?? []
      #expect(warnings.contains("launch-copy waits for legal, and nobody is in legal"))
      #expect(warnings.contains { $0.hasPrefix("petra, who owns smart-routing, is not on the roster") })
      #expect(
        warnings.contains("smart-routing: launch-copy waits for legal, and nobody is in legal"),
        "with the launch, if the sentence does not name it")
      #expect(warnings.contains { $0.hasPrefix("the poll of smart-routing waits for Product, which nobody") })
      let report = try await stage.harness.call(ChecklistRoutes.checkRoster, NoParameters(), as: "erin")
      #expect(Set(report.faults.map(\.code)).isSuperset(of: [.approvalUnreachable, .ownerLeft]))
      let ready = try await stage.harness.call(
        ChecklistRoutes.readiness, LaunchReference(launch: Stage.launch), as: "erin")
      #expect(ready.reasons.contains { $0.code == "owner-left" })
      #expect(ready.reasons.contains { $0.detail.contains("launch-copy waits for legal, and nobody is in legal") })
      let copy = try await stage.show("launch-copy").item.missing
      #expect(copy?.contains("launch-copy waits for legal, and nobody is in legal") == true)
    }
  }

  @Test("A template that names a group without members is adopted with a warning")
  func template() async throws {
    try await Stage.with { stage in
      var template = try await stage.harness.call(ChecklistRoutes.showTemplate, VersionReference())
      for index in template.items.indices where template.items[index].key == "launch-copy" {
        template.items[index].approvals = [ApprovalRule(group: "leagl")]
      }
      let adopted = try await stage.harness.call(
        ChecklistRoutes.adoptTemplate, AdoptTemplate(document: template.document), as: "dana")
      #expect(
        adopted.warnings?.contains("launch-copy waits for leagl, and nobody is in leagl (did you mean \"legal\"?)")
          == true)
    }
  }
}
