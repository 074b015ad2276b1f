import ChecklistService
import Contract
import Foundation
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

private let figuresFile = ProcessInfo.processInfo.environment["GONOGO_MEASURE_WRITES"]

/// Measures on request: `GONOGO_MEASURE_WRITES=FILE swift test --filter WriteTimeTests`, which appends the figures to the
/// file; `GONOGO_MEASURE_EVENTS` is the number of events, 10,000 by default. They depend on the machine and the build, so
/// that they are no part of the ordinary tests. The times are of the processor, which other processes disturb less.
@Suite("The time of changes", .serialized, .enabled(if: figuresFile != nil, "needs GONOGO_MEASURE_WRITES"))
struct WriteTimeTests {
  private static func note(_ figures: String) throws {
    let file = URL(fileURLWithPath: try #require(figuresFile))
    let before = FileManager.default.fileExists(atPath: file.path) ? try String(contentsOf: file, encoding: .utf8) : ""
    try (before + figures + "\n").write(to: file, atomically: true, encoding: .utf8)
  }

  @Test("What the digests in audit links cost for an item verb", arguments: [true, false, true, false])
  func verbs(isAudited: Bool) async throws {
    try await Stage.with(Stage.record(tier: .major), isTampered: true) { stage in
      if !isAudited { stage.harness.environment.state.cover([]) }
      let count = 50
      let action = ItemAction(launch: Stage.launch, key: "qa", reason: "because")
      let time = try await Self.measure {
        for _ in 1...count {
          try await stage.harness.call(ChecklistRoutes.block, action, as: "erin")
          try await stage.harness.call(ChecklistRoutes.unblock, action, as: "erin")
        }
      }
      try Self.note("an item verb, digests \(isAudited ? "on" : "off"): \(Self.each(2 * count, time)) ms")
    }
  }

  @Test("What evidence costs, for one item and for many", arguments: [1, 10_000])
  func evidence(items: Int) async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      let count = ProcessInfo.processInfo.environment["GONOGO_MEASURE_EVENTS"].flatMap { Int($0) } ?? 10_000
      let harness = stage.harness
      let events = try await Self.events(count, about: min(items, count), stage)
      let request = GateRequest(launch: Stage.launch)
      var (times, gate) = ([Duration](), Duration.zero)
      for start in stride(from: 0, to: count, by: count / 10) {
        _ = try await harness.bus.publish(
          events[start..<start + count / 10].map { $0.encoded() }, timeout: .testTimeout)
        times.append(try await Self.measure { try await harness.settle() })
        gate = try await Self.measure {
          let view = try await harness.call(ChecklistRoutes.checkGate, request, as: "erin")
          #expect(!view.open)
        }
      }
      let all = times.reduce(.zero, +)
      try Self.note(
        "\(count) events about \(min(items, count)) items: each \(Self.each(count, all)) ms, of the first tenth "
          + "\(Self.each(count / 10, times[0])) ms, of the last \(Self.each(count / 10, times[9])) ms; "
          + "the last gate \(Self.each(1, gate)) ms")
    }
  }

  /// Evidence about the items of as many launches as have that many.
  private static func events(_ count: Int, about items: Int, _ stage: Stage) async throws -> [CloudEvent] {
    var places: [(launch: String, item: ItemReference)] = []
    var number = 0
    while places.count < items {
      var launch = Stage.launch
      if number > 0 {
        var record = Stage.record(tier: .major)
        launch = try #require(LaunchID("launch-\(number)"))
        record.plan.launch = launch
        try await stage.harness.receive(
          Announcements.launchProposed, from: .tiering, launch: launch.rawValue,
          LaunchAnnounced(record: record, changed: []))
      }
      let list = try await stage.harness.call(ChecklistRoutes.items, LaunchReference(launch: launch)).items
      places += list.map { (launch.rawValue, ItemReference(key: $0.key, instance: $0.instance)) }
      number += 1
    }
    return (0..<count).map { number in
      let place = items == 1 ? ("smart-routing", ItemReference(key: "qa", instance: nil)) : places[number % items]
      var data: [String: JSONValue] = [
        "launch": .string(place.0), "item": .string(place.1.key), "outcome": "passed", "url": "https://ci.example/1",
      ]
      data["instance"] = place.1.instance.map { .string($0) }
      return Signals.event(.evidenceRecorded, id: "run-\(number)", .object(data))
    }
  }

  /// The processor's time that a body takes.
  private static func measure(_ body: () async throws -> Void) async throws -> Duration {
    let before = clock()
    try await body()
    return .seconds(Double(clock() - before) / Double(CLOCKS_PER_SEC))
  }

  private static func each(_ count: Int, _ time: Duration) -> String {
    let hundredths = Int((time / .milliseconds(1) / Double(count) * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}
