import LaunchModel
import Messaging
import Synchronization
import TestSupport

/// Publishers and a consumer that go on, whatever happens to the bus, until they are told to stop.
struct Load: Sendable {
  /// One for each bus, whose client prefers it.
  let buses: [BusClient]
  let witness: Witness
  let seed: UInt64
  private let isStopping = StopSign()

  init(buses: [BusClient], witness: Witness, seed: UInt64) {
    self.buses = buses
    self.witness = witness
    self.seed = seed
  }

  /// Lets publishers end once everything they have sent is acknowledged.
  func stop() { isStopping.raise() }

  /// Publishes messages of 1 to 16 events, one after the other, each for as long as it takes.
  func publish(_ publisher: Int) async throws {
    var generator = SeededGenerator(seed: seed &+ UInt64(publisher))
    let bus = buses[publisher % buses.count]
    var sequence = 0
    while !isStopping.isRaised {
      let events = (0..<Int.random(in: 1...16, using: &generator)).map { _ in
        sequence += 1
        return Witness.Sent(
          publisher: publisher, sequence: sequence, bytes: Self.event(publisher, sequence, &generator))
      }
      witness.acknowledge(events, try await untilAnswered { try await bus.publish(events.map(\.bytes)) })
    }
  }

  /// Reads the log from its start, from one bus after the other, and goes on until the given offset has come.
  func consume(until end: @escaping @Sendable () -> Int64?) async throws {
    for turn in 0... {
      let offset = witness.deliveredOffset
      if let end = end(), offset >= end { return }
      let bus = buses[turn % buses.count]
      let batch = try await untilAnswered {
        try await bus.fetch(after: offset, max: 1_000, wait: .milliseconds(100))
      }
      witness.deliver(batch.events)
    }
  }

  private static func event(_ publisher: Int, _ sequence: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    let filler = String(repeating: "x", count: Int.random(in: 0...400, using: &generator))
    return Array(
      """
      {"specversion":"1.0","id":"\(publisher)-\(sequence)","source":"//kill/\(publisher)",\
      "type":"com.example.kill","data":"\(filler)"}
      """.utf8)
  }
}

/// Says that it is time to stop.
final class StopSign: Sendable {
  private let state = Mutex(false)

  var isRaised: Bool { state.withLock { $0 } }

  func raise() { state.withLock { $0 = true } }
}

/// Where a consumer may stop, once that is known.
final class EndMark: Sendable {
  private let state = Mutex<Int64?>(nil)

  var offset: Int64? { state.withLock { $0 } }

  func set(_ offset: Int64) { state.withLock { $0 = offset } }
}
