import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import TestSupport
import Testing

/// What an item asks for holds whoever or whatever completes it.
@Suite struct EveryPathTests {
  private func report(
    _ stage: Stage, _ item: String, _ more: [String: JSONValue] = [:], outcome: String = "passed", at: Timestamp? = nil
  ) async throws {
    stage.harness.clock.advance(seconds: 60)
    let data: [String: JSONValue] = ["launch": "smart-routing", "item": .string(item), "outcome": .string(outcome)]
    try await stage.harness.receive(
      Signals.event(
        .evidenceRecorded, id: "\(stage.harness.clock.now())", at: at ?? stage.harness.clock.now(),
        .object(data.merging(more) { _, new in new })))
  }

  @Test("An event without everything that the item requires leaves it open; item and history say what is missing")
  func missing() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await report(stage, "internal-demo")
      try await report(stage, "rollback-procedure")
      let demo = try await stage.show("internal-demo")
      #expect(demo.item.state == .open)
      #expect(demo.item.missing == ["attendees from CS and Support"])
      #expect(demo.history.last?.detail?.contains("not done: it lacks attendees from CS and Support") == true)
      let rollback = try await stage.show("rollback-procedure")
      #expect(rollback.item.state == .open)
      #expect(
        rollback.item.missing == [
          "evidence: a link, a text of at least 10 characters or a file", "the person for rollback (--person)",
        ])
      try await report(stage, "internal-demo", ["attended": ["cora", "sam"]])
      try await report(stage, "rollback-procedure", ["text": "flag to 0 %", "person": "lena"])
      #expect(try await stage.show("internal-demo").item.state == .done)
      let named = try await stage.show("rollback-procedure").item
      #expect(named.state == .done)
      #expect(named.person == "lena")
    }
  }

  @Test("In a call for several items, each must meet its own requirements")
  func bulk() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      let results = try await stage.act(
        ChecklistRoutes.done, on: ["performance-benchmarks", "rollback-procedure"], as: "erin")
      #expect(results.map(\.error?.code) == [nil, "missing-person"])
      let bare = try await stage.act(
        ChecklistRoutes.done, on: ["load-test", "rollback-procedure"], as: "erin"
      ) {
        $0.evidence = nil
        $0.person = "lena"
      }
      #expect(bare.map(\.error?.code) == ["missing-evidence", "missing-evidence"])
    }
  }

  @Test("An item for after the launch is done after its exposure, by a person or an event")
  func afterLaunch() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      try await stage.act(ChecklistRoutes.waive, "hypercare-roster", as: "dana")
      let refused = await problem { try await stage.act(ChecklistRoutes.done, "hypercare-check", as: "sam") }
      #expect(refused?.code == "not-exposed-yet")
      try await report(stage, "hypercare-check")
      #expect(try await stage.show("hypercare-check").item.state == .open)
      stage.set("2027-03-02T14:00:00Z")
      try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
      stage.set("2027-03-16T14:00:00Z")
      try await stage.act(ChecklistRoutes.done, "hypercare-check", as: "sam")
      #expect(try await stage.show("hypercare-check").item.state == .done)
    }
  }

  @Test("A failure from before a person marked the item as done is shown, and does not reopen it")
  func lateFailure() async throws {
    try await Stage.with { stage in
      let before = stage.harness.clock.now()
      stage.harness.clock.advance(seconds: 600)
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await report(stage, "qa", ["url": "https://ci.example/9"], outcome: "failed", at: before)
      let detail = try await stage.show("qa")
      #expect(detail.item.state == .done)
      #expect(detail.item.evidence.contains { $0.value == "https://ci.example/9" && $0.isContrary })
      #expect(detail.history.last?.detail?.contains("before the item was marked as done") == true)
    }
  }

  @Test("A reopened item for sealed metrics is completed again by a check of the seal")
  func sealedAgain() async throws {
    try await Stage.with { stage in
      let early = await problem { try await stage.act(ChecklistRoutes.done, "success-metrics", as: "petra") }
      #expect(early?.code == "completed-by-metrics")
      try await stage.seal()
      try await stage.act(ChecklistRoutes.reopen, "success-metrics", as: "petra")
      #expect(try await stage.act(ChecklistRoutes.done, "success-metrics", as: "petra").item.state == .done)
    }
  }

  @Test(
    "JSON in data_base64 is read as data; anything else is refused with that reason",
    arguments: [
      ("application/json; charset=utf-8", #"{"launch":"smart-routing","item":"qa","outcome":"passed"}"#, nil),
      (nil, #"{"launch":"smart-routing","item":"qa","outcome":"passed"}"#, nil),
      ("application/xml", "<a/>", "data_base64, which holds application/xml"), (nil, "{", "does not hold JSON"),
    ] as [(String?, String, String?)])
  func base64(type: String?, content: String, refusal: String?) async throws {
    try await Stage.with { stage in
      let event = CloudEvent(
        id: "1", source: "//test", type: SignalType.evidenceRecorded.rawValue, time: stage.harness.clock.now(),
        dataContentType: type, extensions: ["data_base64": .string(Self.encoded(content))])
      do {
        try await stage.harness.receive(event)
        #expect(refusal == nil)
        #expect(try await stage.show("qa").item.state == .done)
      } catch let error as EventError {
        #expect(error.code == "malformed-data")
        #expect(error.detail.contains(refusal ?? "accepted"))
      }
    }
  }

  /// Base64, spelled out so that the test does not share the decoder's table.
  private static func encoded(_ text: String) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bits = text.utf8.flatMap { byte in (0..<8).reversed().map { Int(byte) >> $0 & 1 } }
    var encoded = ""
    for start in stride(from: 0, to: bits.count, by: 6) {
      let group = bits[start..<min(start + 6, bits.count)]
      encoded.append(digits[group.reduce(0) { $0 << 1 | $1 } << (6 - group.count)])
    }
    return encoded + String(repeating: "=", count: (4 - encoded.count % 4) % 4)
  }

  @Test("An announcement about a malformed launch id is malformed data", arguments: [true, false])
  func malformedLaunch(isSeal: Bool) async throws {
    try await Stage.with { stage in
      let error = await #expect(throws: EventError.self) {
        if isSeal {
          try await stage.harness.receive(
            Announcements.metricsSealed, from: .metrics, launch: "No Launch",
            MetricsSealed(digest: "d", metrics: ["adoption"]))
        } else {
          try await stage.harness.receive(
            Announcements.launchStatus, from: .tiering, launch: "No Launch",
            LaunchStatusChanged(status: .closed, from: .inReview))
        }
      }
      #expect(error?.code == "malformed-data")
    }
  }

  @Test("A closed launch leaves the board")
  func closed() async throws {
    try await Stage.with { stage in
      func board() async throws -> Int {
        try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin").launches.count
      }
      #expect(try await board() == 1)
      try await stage.harness.receive(
        Announcements.launchStatus, from: .tiering, launch: Stage.launch.rawValue, version: 1,
        LaunchStatusChanged(status: .closed, from: .inReview))
      #expect(try await board() == 0)
    }
  }
}
