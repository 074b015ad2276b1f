import BusCore
import JSON
import LaunchModel
import Messaging
import Testing
import TestSupport

@testable import BusService

@Suite("Fetching")
struct FetchTests {
  @Test("A fetch starts after an offset, returns the wanted types, and reports how far it searched")
  func filters() async throws {
    try await withBus { bus in
      try await bus.publish("1", "2", type: "x.a")
      try await bus.publish("3", type: "y.a")
      try await bus.publish("4", type: "x.b")
      let all = try await bus.calls.fetch(after: 1)
      #expect(all.events.map(\.offset) == [2, 3, 4])
      let some = try await bus.calls.fetch(after: 0, types: ["x.b", "y"], max: 1)
      #expect(some.events.map(\.offset) == [3])
      #expect(some.head == 3)
      let none = try await bus.calls.fetch(after: 0, types: ["z"])
      #expect(none.events.isEmpty)
      #expect(none.head == 4)
    }
  }

  @Test("Events no longer in memory are read from disk, in the same order and without a gap")
  func fromDisk() async throws {
    try await withBus(BusSetup(limits: BusLimits(recentBytes: 3_000))) { bus in
      let ids = (1...400).map(String.init)
      for start in stride(from: 0, to: 400, by: 40) {
        _ = try await bus.calls.publish(ids[start..<start + 40].map { RunningBus.event($0) })
      }
      var offset: Int64 = 0
      var seen: [[UInt8]] = []
      while offset < 400 {
        let batch = try await bus.calls.fetch(after: offset, max: 33)
        #expect(batch.events.map(\.offset) == Array((offset + 1)...batch.head))
        seen += batch.events.map(\.bytes)
        offset = batch.head
      }
      #expect(seen == ids.map { RunningBus.event($0) })
      let rare = try await bus.calls.fetch(after: 0, types: ["nothing."])
      #expect(rare.head == 400)
    }
  }

  @Test("A response stays within the limits of a message")
  func answersFit() async throws {
    try await withBus { bus in
      let large = (0..<100).map {
        RunningBus.event("\($0)", data: "\"\(String(repeating: "x", count: 60_000))\"")
      }
      _ = try await bus.calls.publish(large)
      let first = try await bus.calls.fetch(after: 0, max: 1_024)
      #expect((1..<100).contains(first.events.count))
      #expect(first.head == first.events.last?.offset)
      let second = try await bus.calls.fetch(after: first.head, max: 1_024)
      #expect(first.events.count + second.events.count == 100)
    }
  }

  @Test("Only an event of a wanted type completes a waiting fetch")
  func waits() async throws {
    try await withBus { bus in
      async let fetched = bus.calls.fetch(after: 0, types: ["x."], wait: .seconds(20))
      while bus.bus.waitingFetches == 0 { await Task.yield() }
      try await bus.publish("1", type: "y.a")
      #expect(bus.bus.waitingFetches == 1)
      try await bus.publish("2", type: "x.a")
      #expect(bus.bus.waitingFetches == 0, "the event ends the wait, not the timeout")
      let batch = try await fetched
      #expect(batch.events.map(\.offset) == [2])
    }
  }

  @Test("A waiting fetch times out with the head")
  func waitEnds() async throws {
    try await withBus { bus in
      try await bus.publish("1", type: "y.a")
      let started = ContinuousClock.now
      let batch = try await bus.calls.fetch(after: 0, types: ["x."], wait: .milliseconds(200))
      #expect(ContinuousClock.now - started >= .milliseconds(200))
      #expect(batch.events.isEmpty)
      #expect(batch.head == 1)
    }
  }

  @Test("A fetch beyond the limit of waiting fetches gets busy and a retry delay")
  func waitersAreBounded() async throws {
    try await withBus(BusSetup(limits: BusLimits(waitingFetches: 1))) { bus in
      async let first = bus.calls.fetch(after: 0, wait: .seconds(20))
      while bus.bus.waitingFetches == 0 { await Task.yield() }
      let problem = await #expect(throws: Problem.self) {
        _ = try await bus.call("events.fetch", ["after": 0, "waitMs": 20])
      }
      #expect(problem?.kind == .busy)
      #expect(problem?.retryAfterMs != nil)
      try await bus.publish("1")
      #expect(try await first.events.count == 1)
    }
  }

  @Test("An offset beyond the log is a conflict, which reveals a restored backup")
  func beyondTheLog() async throws {
    try await withBus { bus in
      try await bus.publish("1")
      let problem = await #expect(throws: Problem.self) { try await bus.calls.fetch(after: 5) }
      #expect(problem?.code == "ahead-of-log")
    }
  }

  @Test("The first offset at or after a time is found")
  func at() async throws {
    let clock = ManualClock(Timestamp(microseconds: 1_000_000))
    try await withBus(BusSetup(clock: clock)) { bus in
      try await bus.publish("a")
      clock.advance(seconds: 10)
      try await bus.publish("b")
      #expect(try await bus.calls.at(Timestamp(microseconds: 0)) == 1)
      #expect(try await bus.calls.at(Timestamp(microseconds: 2_000_000)) == 2)
      #expect(try await bus.calls.at(Timestamp(microseconds: 20_000_000)) == 3)
    }
  }
}
