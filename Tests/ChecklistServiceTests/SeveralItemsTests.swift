import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite("Several items in one call")
struct SeveralItemsTests {
  @Test("Items are changed in the order of their names, each with its own result, history and announcement")
  func changed() async throws {
    try await Stage.with { stage in
      let results = try await stage.act(ChecklistRoutes.start, on: ["release-notes", "qa"], as: "dana")
      #expect(results.map(\.key) == ["release-notes", "qa"])
      #expect(results.map(\.state) == [.inProgress, .inProgress])
      for result in results {
        let detail = try await stage.show(result.key)
        #expect(result == ItemResult(detail))
        #expect(detail.history.map(\.action) == ["start"])
        #expect(detail.history.map(\.by) == ["dana"])
      }
      let announced = try await stage.harness.announced(Announcements.checklistItem)
      #expect(announced.map(\.item) == ["release-notes", "qa"])
      #expect(announced.map(\.to) == [.inProgress, .inProgress])
      let chain = try await stage.harness.call(
        ServiceRoutes.auditShow(.checklist), AuditShowParameters(launch: Stage.launch.rawValue), as: "dana")
      #expect(chain.links.suffix(2).map { $0.detail["item"] } == ["release-notes", "qa"])
    }
  }

  @Test("All instances of a key are changed on request; otherwise the call is refused")
  func instances() async throws {
    try await Stage.with { stage in
      let refused = await problem {
        try await stage.act(ChecklistRoutes.start, on: ["support-macro", "kb-article"], as: "sam")
      }
      #expect(refused?.kind == .invalid)
      #expect(
        refused?.errors == [
          FieldError(
            pointer: "/keys/1",
            detail: "kb-article is ambiguous: kb-article/en, kb-article/de. Name one, or pass --all-instances.")
        ])
      #expect(try await stage.show("support-macro").item.state == .open, "nothing was changed")
      let results = try await stage.act(ChecklistRoutes.start, on: ["kb-article"], allInstances: true, as: "sam")
      #expect(results.map(\.reference.name) == ["kb-article/en", "kb-article/de"])
      #expect(results.allSatisfy { $0.state == .inProgress })
    }
  }

  @Test("An unknown name refuses the whole call before anything is changed")
  func unknown() async throws {
    try await Stage.with { stage in
      let refused = await problem { try await stage.act(ChecklistRoutes.done, on: ["qa", "qb"], as: "erin") }
      #expect(refused?.kind == .notFound)
      #expect(refused?.detail.contains("did you mean \"qa\"?") == true)
      let detail = try await stage.show("qa")
      #expect(detail.item.state == .open)
      #expect(try await stage.harness.announced(Announcements.checklistItem).isEmpty)
    }
  }

  @Test("An item that fails because of its state or the caller's rights does not affect the others")
  func partial() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      let results = try await stage.act(
        ChecklistRoutes.block, on: ["qa", "support-macro", "internal-demo", "kb-article/de"], as: "sam")
      #expect(results.map(\.state) == [nil, .blocked, nil, .blocked])
      #expect(results.map(\.error?.kind) == [.forbidden, nil, .forbidden, nil])
      let again = try await stage.act(ChecklistRoutes.block, on: ["support-macro", "kb-article/en"], as: "sam")
      #expect(again.map(\.error?.code) == ["not-allowed-in-state", nil])
      #expect(again[0].error?.extra["state"] == "blocked")
      let announced = try await stage.harness.announced(Announcements.checklistItem)
      #expect(announced.map(\.item) == ["qa", "support-macro", "kb-article", "kb-article"])
      let notices = try await stage.harness.announced(Announcements.noticeBlocked)
      #expect(
        notices.map(\.key).map { $0.split(separator: "/").dropFirst(2).joined(separator: "/") } == [
          "support-macro/2", "kb-article/de/2", "kb-article/en/2",
        ])
    }
  }

  @Test("If every item fails, nothing is stored or announced")
  func allFail() async throws {
    try await Stage.with { stage in
      let results = try await stage.act(ChecklistRoutes.done, on: ["qa", "release-notes"], as: "sol")
      #expect(results.map(\.error?.kind) == [.forbidden, .forbidden])
      #expect(try await stage.show("qa").item.version == 1)
      #expect(try await stage.show("qa").history.isEmpty)
      #expect(try await stage.harness.announced(Announcements.checklistItem).isEmpty)
    }
  }

  @Test("Reopening several items makes the GO stale once")
  func stale() async throws {
    try await Stage.with(at: "2027-03-02T15:00:00Z") { stage in
      try await stage.act(ChecklistRoutes.done, on: ["qa", "release-notes"], as: "dana") { $0.reason = nil }
      try await stage.makeReady()
      try await stage.decide()
      #expect(try await stage.gate().open)
      try await stage.act(ChecklistRoutes.reopen, on: ["qa", "release-notes"], as: "dana")
      let stale = try await stage.harness.announced(Announcements.decisionStale)
      #expect(stale.count == 1)
      #expect(stale.first?.reasons.count == 2)
      #expect(try await stage.gate().open == false)
    }
  }

  @Test("A repeated call with the same idempotency key gets the first results and changes nothing")
  func replay() async throws {
    try await Stage.with { stage in
      let meta = CallMeta(idempotencyKey: "once")
      let first = try await stage.act(ChecklistRoutes.comment, on: ["qa", "release-notes"], as: "erin", meta: meta) {
        $0.text = "seen"
      }
      let again = try await stage.act(ChecklistRoutes.comment, on: ["qa", "release-notes"], as: "erin", meta: meta) {
        $0.text = "seen"
      }
      #expect(first == again)
      #expect(try await stage.show("qa").history.count == 1)
      let other = await problem {
        try await stage.act(ChecklistRoutes.comment, on: ["qa"], as: "erin", meta: meta) { $0.text = "seen" }
      }
      #expect(other?.code == "idempotency-key-reused")
    }
  }

  @Test("An expected version is allowed for a single item only")
  func expectedVersion() async throws {
    try await Stage.with { stage in
      let seen = CallMeta(expectedVersion: 1)
      let several = await problem {
        try await stage.act(ChecklistRoutes.start, on: ["qa", "release-notes"], as: "dana", meta: seen)
      }
      #expect(several?.code == "version-of-several")
      #expect(try await stage.act(ChecklistRoutes.start, on: ["qa"], as: "erin", meta: seen).map(\.version) == [2])
      let conflict = try await stage.act(ChecklistRoutes.block, on: ["qa"], as: "erin", meta: seen)
      #expect(conflict.map(\.error?.code) == ["version-conflict"])
      let changes = conflict.first?.error?.extra["changes"]?.arrayValue
      #expect(changes?.map { $0["action"] } == ["start"])
    }
  }

  @Test("More than 500 names are refused")
  func tooMany() async throws {
    try await Stage.with { stage in
      let refused = await problem {
        try await stage.act(ChecklistRoutes.start, on: Array(repeating: "qa", count: 501), as: "erin")
      }
      #expect(refused?.kind == .tooLarge)
      #expect(refused?.code == "too-many-items")
      let detail = try await stage.show("qa")
      #expect(detail.item.state == .open)
    }
  }

  @Test("A response that would be too large is sent in short form")
  func short() async throws {
    try await Stage.with { stage in
      let text = String(repeating: "x", count: 10_000)
      for _ in 0..<60 {
        try await stage.act(ChecklistRoutes.comment, on: ["qa", "release-notes"], as: "erin") { $0.text = text }
      }
      let results = try await stage.act(ChecklistRoutes.start, on: ["qa", "release-notes"], as: "dana")
      #expect(results.map(\.state) == [.inProgress, .inProgress])
      #expect(results.allSatisfy { $0.item == nil && $0.history == nil })
      let whole = try await stage.act(ChecklistRoutes.start, on: ["support-macro"], as: "sam")
      #expect(whole.map { $0.history?.count } == [1])
      for _ in 0..<60 { try await stage.act(ChecklistRoutes.comment, "qa", as: "erin") { $0.text = text } }
      let one = try await stage.act(ChecklistRoutes.block, "qa", as: "erin")
      #expect(one.item.state == .blocked)
      #expect(one.short == true)
    }
  }

  @Test("Several items are shown in one call")
  func shown() async throws {
    try await Stage.with { stage in
      let target = ItemTarget(launch: Stage.launch, keys: ["kb-article", "qa"], allInstances: true)
      let results = try #require(
        try await stage.harness.call(ChecklistRoutes.showItem, target, as: "erin").results?.results)
      #expect(results.map(\.reference.name) == ["kb-article/en", "kb-article/de", "qa"])
      #expect(results.map(\.item?.state) == [.open, .open, .open])
      #expect(results.map(\.history) == [[], [], []])
      let unknown = ItemTarget(launch: Stage.launch, keys: ["nothing"])
      let refused = await problem {
        _ = try await stage.harness.call(ChecklistRoutes.showItem, unknown, as: "erin")
      }
      #expect(refused?.code == "item-not-found")
    }
  }
}
