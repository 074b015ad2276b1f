import Contract
import JSON
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite("All services agree on every signal") struct SignalVerdictTests {
  /// Which services subscribe to which signals; metrics reads all types, tiering none.
  private static let subscribers: [SignalType: Set<String>] = Dictionary(
    uniqueKeysWithValues: SignalType.allCases.map { type in
      var services: Set<String> = ["metrics"]
      if [.flagChanged, .articlePublished, .deployFinished, .evidenceRecorded].contains(type) {
        services.insert("checklist")
      }
      let reviewed: Set<SignalType> = [
        .ticketOpened, .ticketUpdated, .ticketEscalated, .csatScored, .articleRated, .articlePublished, .searchMissed,
        .accountChanged,
      ]
      if reviewed.contains(type) { services.insert("review") }
      return (type, services)
    })

  @Test("Every variant of every signal field gets the same verdict from all services on the bus")
  func verdicts() async throws {
    try await withRunningSystem { system in
      let bus = try system.bus()
      let malformed = SignalType.allCases.flatMap(SignalVariants.all)
      let fitting = SignalType.allCases.flatMap(SignalVariants.fitting)
      let future = SystemClock().now().adding(seconds: 3_600)
      let late = SignalType.allCases.map { type in
        CloudEvent(
          id: "late \(type.rawValue)", source: "//test", type: type.rawValue, time: future,
          data: .object(SignalVariants.example(of: type)))
      }
      let events =
        (malformed + fitting).map { variant in
          CloudEvent(id: variant.description, source: "//test", type: variant.type.rawValue, data: variant.data)
        } + late
      let published = try await bus.publish(events.map { $0.encoded() }, timeout: .testTimeout)
      #expect(published.allSatisfy { $0.status == .stored }, "the bus validates the envelope, not the data")
      _ = try await bus.settle(timeout: .testTimeout)
      let verdicts = try await Self.verdicts(bus)
      for variant in malformed {
        let given = verdicts[variant.description] ?? [:]
        #expect(Set(given.keys) == Self.subscribers[variant.type], "\(variant)")
        #expect(Set(given.values).count == 1, "\(variant): \(given)")
        #expect(given.values.allSatisfy { $0.code == "malformed-data" }, "\(variant): \(given)")
      }
      // Evidence for an unknown launch is accepted: the launch may be proposed later.
      for variant in fitting { #expect(verdicts[variant.description] == nil, "\(variant)") }
      for event in late {
        let given = verdicts[event.id] ?? [:]
        #expect(Set(given.keys) == SignalType(rawValue: event.type).flatMap { Self.subscribers[$0] }, "\(event.id)")
        #expect(given.values.allSatisfy { $0.code == "future-time" }, "\(event.id): \(given)")
      }
    }
  }

  /// The codes of quarantined events by event id and consumer.
  private static func verdicts(_ bus: BusClient) async throws -> [String: [String: EventError]] {
    var verdicts: [String: [String: EventError]] = [:]
    for consumer in ["tiering", "checklist", "metrics", "review"] {
      var after: Int64 = 0
      while true {
        let page = try await bus.quarantined(
          QuarantineListParameters(consumer: consumer, after: after, max: 1_000), timeout: .testTimeout)
        guard let last = page.last else { break }
        after = last.entry.id
        for (entry, bytes) in page {
          #expect(entry.attempts == 1, "an error that can only repeat is not retried")
          let id = try CloudEvent(parsing: bytes).id
          verdicts[id, default: [:]][consumer] = EventError(code: entry.code, detail: entry.detail)
        }
      }
    }
    return verdicts
  }
}
