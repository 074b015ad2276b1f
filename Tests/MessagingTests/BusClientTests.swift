import JSON
import Contract
import LaunchModel
import Testing

@testable import Messaging

@Suite struct BusClientTests {
  private func events(_ ids: some Sequence<Int>) -> [[UInt8]] {
    ids.map { CloudEvent(id: "\($0)", source: "/s", type: "t").encoded() }
  }

  @Test("Publishing returns the result of each event, in order")
  func publishing() async throws {
    try await withServer(FakeBus()) { served in
      let bus = BusClient(client: try served.client())
      let first = try await bus.publish(events(1...3))
      #expect(first == (1...3).map { PublishResult(.stored, offset: $0) })
      let second = try await bus.publish(events([2]) + [bytes("nonsense")] + events([4]))
      #expect(second.map(\.status) == [.duplicate, .rejected, .stored])
      #expect(second.map(\.offset) == [2, nil, 4])
      #expect(second[1].error?.code == "invalid-event")
      #expect(try await bus.publish([]).isEmpty)
    }
  }

  @Test("Any number of events is split into messages within the limits")
  func splitting() async throws {
    let bus = FakeBus()
    try await withServer(bus) { served in
      let results = try await BusClient(client: try served.client()).publish(events(1...2_500))
      #expect(results.map(\.offset) == (1...2_500).map { Int64($0) })
      #expect(bus.calls(BusRoutes.publish.method) == 3)
    }
    let large = Array(repeating: [UInt8](repeating: 0x20, count: 1 << 20), count: 9)
    #expect(BusClient.messages(large).map(\.count) == [3, 3, 3])
    #expect(BusClient.messages([]).isEmpty)
    #expect(BusClient.messages([[UInt8](repeating: 0, count: 5 << 20)]).map(\.count) == [1])
  }

  @Test("Fetching returns events with their offsets, and the offset up to which it searched")
  func fetching() async throws {
    try await withServer(FakeBus()) { served in
      let bus = BusClient(client: try served.client())
      _ = try await bus.publish(events(1...5))
      let batch = try await bus.fetch(after: 1, max: 2)
      #expect(batch.events.map(\.offset) == [2, 3])
      #expect(try batch.events.map { try $0.event().id } == ["2", "3"])
      #expect(batch.head == 3)
      #expect(try await bus.fetch(after: 5).events.isEmpty)
      #expect(try await bus.head() == LogBounds(head: 5, first: 1))
    }
  }

  @Test(
    "The fast result parser agrees with the general one for every form of response",
    arguments: [
      #"{"results":[]}"#, #"{"results":[{"status":"stored","offset":1},{"offset":2,"status":"duplicate"}]}"#,
      #"{"results":[{"status":"rejected","error":{"code":"id-reused","detail":"d"}}]}"#,
      #"{"results":[{"status":"stored","offset":1}],"more":{"a":[1]}}"#,
      #"{ "results" : [ {"status":"stored","offset":9007199254740993, "extra":null} ] }"#,
    ])
  func reading(_ answer: String) throws {
    #expect(
      try PublishedEvents.read(bytes(answer)) == JSONCoding.decode(PublishedEvents.self, from: bytes(answer)).results)
  }
}
