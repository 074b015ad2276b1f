import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("Signals that are applied together")
struct SignalBatchTests {
  /// What a sequence of signals leads to.
  private struct Outcome: Sendable {
    var rows: [String: [String]] = [:]
    var announced: [String] = []
    var refused: [String] = []
  }

  private static let tables = [
    "launches": [
      "launch", "version", "feature", "flag", "running", "watched", "checked_on", "time_zone", "document", "remind_on",
      "ask_at",
    ],
    "items": ["launch", "item", "instance", "place", "document"],
    "item_evidence": ["item", "instance", "piece", "kind", "value", "actor", "at", "contrary", "replaced_by"],
    "item_history": ["item", "instance", "entry", "at", "actor", "action", "detail", "item_version"],
    "revisions": ["part", "revision", "at", "document"], "decisions": ["decision", "at", "document", "snapshot"],
    "exposure_steps": ["step", "document"], "bookings": ["launch", "date", "placed_at", "work"],
    "due_decisions": ["launch"], "audit_links": ["launch", "length", "hash"],
  ]

  @Test(
    "Signals in one transaction lead to the same rows, histories, audit links and announcements as one by one",
    arguments: 0..<4 as Range<UInt64>)
  func sameAsOneByOne(seed: UInt64) async throws {
    let events = Self.events(seed)
    let single = try await Self.outcome(of: events, by: 1, seed)
    #expect(!single.refused.isEmpty)
    #expect(single.announced.count > 20)
    for size in [7, events.count] {
      let together = try await Self.outcome(of: events, by: size, seed)
      #expect(together.refused == single.refused)
      #expect(together.announced == single.announced)
      for table in Self.tables.keys { #expect(together.rows[table] == single.rows[table], "\(table), \(size) at once") }
    }
  }

  @Test(
    "Evidence for an unknown item is refused for the same reason whether the launch was loaded or not",
    arguments: [
      ("qaa", nil, "smart-routing has no item \"qaa\" (did you mean \"qa\"?)"),
      ("release-notes", "de", "smart-routing's item release-notes has no instances, but data.instance is \"de\""),
      ("kb-article", "fr", "smart-routing's item kb-article has the instances en, de, but data.instance is \"fr\""),
      ("kb-article", nil, "smart-routing's item kb-article has the instances en, de, but data.instance is missing"),
    ] as [(String, String?, String)])
  func unknown(item: String, instance: String?, detail: String) async throws {
    var data: [String: JSONValue] = ["launch": "smart-routing", "item": .string(item), "outcome": "passed"]
    data["instance"] = instance.map { .string($0) }
    let bad = Signals.event(.evidenceRecorded, id: "bad", .object(data))
    let good = Signals.event(
      .evidenceRecorded, id: "good", ["launch": "smart-routing", "item": "support-macro", "outcome": "passed"])
    for events in [[bad], [good, bad]] {
      let outcome = try await Self.outcome(of: events, by: 2, 0)
      #expect(outcome.refused == ["bad: unknown-item: \(detail)"])
    }
  }

  /// Signals about a few items, of which some are refused, come late, repeat, or are about other launches.
  private static func events(_ seed: UInt64) -> [CloudEvent] {
    var random = SeededGenerator(seed: seed)
    func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
    return (1...60).map { number in
      let at = Timestamp(
        microseconds: Stage.at("2027-02-01T15:00:00Z").microseconds
          - Int64.random(in: 0..<9_000_000_000, using: &random))
      let id = "\(seed)-\(number)"
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        let data: JSONValue = [
          "article": "intro", "feature": "smart-routing", "locale": .string(pick(["de", "en", "fr"])),
        ]
        return Signals.event(.articlePublished, id: id, at: at, data)
      case 1:
        let data: JSONValue = [
          "flag": .string(pick(["smart-routing", "other"])), "percentage": .integer(pick([0, 5, 25, 100])),
          "environment": .string(pick(["production", "staging"])),
        ]
        return Signals.event(.flagChanged, id: id, at: at, data)
      default:
        let (item, instance): (String, String?) = pick([
          ("qa", nil), ("qa", nil), ("support-macro", nil), ("internal-demo", nil), ("release-notes", nil),
          ("kb-article", "de"), ("segment-email", "enterprise"), ("qaa", nil), ("kb-article", "fr"),
        ])
        var data: [String: JSONValue] = [
          "launch": .string(pick(["smart-routing", "smart-routing", "smart-routing", "elsewhere"])),
          "item": .string(item), "outcome": .string(pick(["passed", "passed", "failed"])),
        ]
        data["instance"] = instance.map { .string($0) }
        if Bool.random(using: &random) { data["url"] = .string(pick(["https://ci.example/\(number)", "nowhere"])) }
        if Bool.random(using: &random) { data["text"] = .string("run \(number)") }
        if Bool.random(using: &random) {
          data["attended"] = .array([.string(pick(["cora", "sam"])), .string(pick(["sol", "mia"]))])
        }
        return Signals.event(.evidenceRecorded, id: id, at: at, .object(data))
      }
    }
  }

  /// Applies signals to a new launch, of which every second has a standing GO, a number of signals at a time.
  private static func outcome(of events: [CloudEvent], by size: Int, _ seed: UInt64) async throws -> Outcome {
    try await Stage.with { stage in
      if seed % 2 == 1 {
        try await stage.makeReady()
        try await stage.decide()
      }
      let refused = try await apply(events, by: size, stage)
      let rows = try await stage.harness.environment.database.read { db in
        try tables.map { table, columns in
          let texts = columns.map { "COALESCE(CAST(\($0) AS TEXT), '-')" }.joined(separator: " || '|' || ")
          let rows = try db.query("SELECT \(texts) AS line FROM \(table)").map { try $0.text("line") }
          // Every installation makes a signing key of its own.
          return (table, rows.filter { !$0.hasPrefix("signing-keys|") }.sorted())
        }
      }
      let announced = try await stage.harness.announcements().map { event in
        "\(event.type) \(String(decoding: (event.data ?? .null).serialized(), as: UTF8.self))"
      }
      return Outcome(rows: Dictionary(uniqueKeysWithValues: rows), announced: announced, refused: refused)
    }
  }

  /// Lets the service process signals as its consumer does: without those that it refuses.
  ///
  /// - Returns: the refused ones, with the reasons.
  private static func apply(_ events: [CloudEvent], by size: Int, _ stage: Stage) async throws -> [String] {
    let (harness, runtime) = (stage.harness, stage.harness.runtime)
    _ = try await harness.bus.publish(events.map { $0.encoded() }, timeout: .seconds(1))
    let batch = try await harness.bus.fetch(
      after: harness.environment.progress.offset, types: runtime.subscriptions, max: 500)
    var refused: [String] = []
    for start in stride(from: 0, to: batch.events.count, by: size) {
      var part = Array(batch.events[start..<min(start + size, batch.events.count)])
      let end = part.last?.offset ?? 0
      while true {
        do {
          try await runtime.sink.apply(part, upTo: end)
          break
        } catch let faults as RefusedEvents {
          for fault in faults.refusals {
            refused.append("\(try fault.event.event().id): \(fault.error.code): \(fault.error.detail)")
          }
          part.removeAll { event in faults.refusals.contains { $0.event.offset == event.offset } }
        }
      }
      harness.environment.progress.advance(to: end)
    }
    return refused
  }
}
