import ChecklistService
import JSON
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite struct ItemServiceTests {
  @Test("A proposed launch gets the built-in checklist of its tier in board order, and it is announced")
  func instantiated() async throws {
    try await Stage.with { stage in
      let list = try await stage.harness.call(
        ChecklistRoutes.items, LaunchReference(launch: Stage.launch), as: "erin")
      let names = list.items.map { [$0.key, $0.instance].compactMap(\.self).joined(separator: "/") }
      #expect(
        names == [
          "qa", "success-metrics", "release-notes", "segment-email/enterprise", "internal-demo", "kb-article/en",
          "kb-article/de", "support-macro",
        ])
      let due = list.items.first { $0.key == "internal-demo" }?.due
      #expect(due == Stage.day("2027-02-23"))
      let announced = try await stage.harness.announced(Announcements.checklistInstantiated)
      #expect(announced.first?.items.count == 8)
      #expect(announced.first?.templateVersion == 1)
    }
  }

  @Test("An unknown launch is not found", arguments: [ChecklistRoutes.readiness.method, "checklist.items"])
  func notFound(method: String) async throws {
    try await Stage.with { stage in
      let refused = await problem {
        _ = try await stage.harness.send(
          method, params: Array(#"{"launch":"nowhere"}"#.utf8), as: stage.harness.principal(of: "erin"))
      }
      #expect(refused?.kind == .notFound)
      #expect(refused?.code == "launch-not-found")
    }
  }

  @Test("An action on an item is stored, recorded in its history, and announced")
  func done() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.start, "qa", as: "erin")
      let detail = try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      #expect(detail.item.state == .done)
      #expect(detail.item.doneOn == Stage.day("2027-02-01"))
      #expect(detail.history.map(\.action) == ["start", "done"])
      #expect(detail.history.map(\.by) == ["erin", "erin"])
      let announced = try await stage.harness.announced(Announcements.checklistItem)
      #expect(announced.map(\.to) == [.inProgress, .done])
    }
  }

  @Test("A refused action stores and announces nothing")
  func refused() async throws {
    try await Stage.with { stage in
      let refused = await problem { try await stage.act(ChecklistRoutes.done, "qa", as: "mia") }
      #expect(refused?.kind == .forbidden)
      let detail = try await stage.show("qa", as: "mia")
      #expect(detail.item.state == .open)
      #expect(detail.history.isEmpty)
      #expect(try await stage.harness.announced(Announcements.checklistItem).isEmpty)
    }
  }

  @Test("The second of two concurrent changes is given what the first one changed")
  func conflict() async throws {
    try await Stage.with { stage in
      let seen = CallMeta(expectedVersion: 1)
      try await stage.act(ChecklistRoutes.start, "qa", as: "erin", meta: seen)
      let refused = await problem {
        try await stage.act(ChecklistRoutes.block, "qa", as: "ibrahim", meta: seen)
      }
      #expect(refused?.code == "version-conflict")
      let changes = refused?.extra["changes"]?.arrayValue
      #expect(changes?.map { $0["action"]?.stringValue } == ["start"])
      #expect(changes?.first?["by"]?.stringValue == "erin")
    }
  }

  @Test("Launch copy is done after one approval each by Product and Legal")
  func approvals() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.act(ChecklistRoutes.submit, "launch-copy", as: "max")
      try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "petra")
      let detail = try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "lena")
      #expect(detail.item.state == .done)
      #expect(detail.item.approvals.map(\.approvedBy) == [["petra"], ["lena"]])
    }
  }

  @Test("A published article completes the item of its locale")
  func article() async throws {
    try await Stage.with { stage in
      try await stage.harness.receive(
        Signals.event(
          .articlePublished, id: "a1", ["article": "intro", "feature": "smart-routing", "locale": "de"]))
      let detail = try await stage.show("kb-article", instance: "de")
      #expect(detail.item.state == .done)
      #expect(detail.item.evidence.map(\.value) == ["//test a1"])
      #expect(detail.history.map(\.by) == ["//test a1"])
    }
  }

  @Test("A later failed test run reopens the item that a passed run completed")
  func contrary() async throws {
    try await Stage.with { stage in
      func report(_ outcome: String, _ id: String) async throws -> ItemState? {
        let data: JSONValue = ["launch": "smart-routing", "item": "qa", "outcome": .string(outcome)]
        try await stage.harness.receive(
          Signals.event(.evidenceRecorded, id: id, at: stage.harness.clock.now(), data))
        stage.harness.clock.advance(seconds: 60)
        let list = try await stage.harness.call(
          ChecklistRoutes.items, LaunchReference(launch: Stage.launch), as: "erin")
        return list.items.first { $0.key == "qa" }?.state
      }
      let states = [try await report("passed", "1"), try await report("failed", "2")]
      #expect(states == [.done, .open])
    }
  }

  @Test("Only a later version of a launch is applied, and its facts and date recompute the checklist")
  func recomputed() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      func keys() async throws -> [String: ItemView] {
        let list = try await stage.harness.call(
          ChecklistRoutes.items, LaunchReference(launch: Stage.launch), as: "erin")
        return Dictionary(list.items.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
      }
      let changed = Stage.record(
        tier: .major, date: Stage.day("2027-03-09"), flags: [.addsServerCompute: .known(false)], version: 3)
      try await stage.announce(changed)
      #expect(try await keys()["load-test"]?.state == .voided)
      #expect(try await keys()["internal-demo"]?.due == Stage.day("2027-03-02"))
      try await stage.announce(Stage.record(tier: .major, version: 2))
      #expect(try await keys()["internal-demo"]?.due == Stage.day("2027-03-02"))
    }
  }

  @Test("The checklist can be queried as of an earlier time")
  func asOf() async throws {
    try await Stage.with { stage in
      let before = stage.harness.clock.now()
      stage.harness.clock.advance(days: 1)
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      func state(_ asOf: Timestamp?) async throws -> ItemState? {
        let list = try await stage.harness.call(
          ChecklistRoutes.items, LaunchReference(launch: Stage.launch, asOf: asOf), as: "erin")
        return list.items.first { $0.key == "qa" }?.state
      }
      #expect(try await state(nil) == .done)
      #expect(try await state(before) == .open)
      let refused = await problem { _ = try await state(Stage.at("2027-01-01T00:00:00Z")) }
      #expect(refused?.kind == .notFound)
      let board = try await stage.harness.call(ChecklistRoutes.board, BoardReference(asOf: before), as: "erin")
      #expect(board.launches.first?.functions.first?.done == 0)
    }
  }
}
