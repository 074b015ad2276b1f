import LaunchModel
import Messaging
import Synchronization
import TestSupport

/// Publishers and a consumer that continue through failures of the bus until they are stopped.
struct Load: Sendable {
  /// One client for each bus, which prefers it.
  let buses: [BusClient]
  let recorder: DeliveryRecorder
  let seed: UInt64
  private let isStopping = StopFlag()

  init(buses: [BusClient], recorder: DeliveryRecorder, seed: UInt64) {
    self.buses = buses
    self.recorder = recorder
    self.seed = seed
  }

  /// Stops publishers once everything they have sent is acknowledged.
  func stop() { isStopping.raise() }

  /// Publishes messages of 1 to 16 events one after the other, retrying until each is acknowledged.
  func publish(_ publisher: Int) async throws {
    var generator = SeededGenerator(seed: seed &+ UInt64(publisher))
    let bus = buses[publisher % buses.count]
    var sequence = 0
    while !isStopping.isRaised {
      let events = (0..<Int.random(in: 1...16, using: &generator)).map { _ in
        sequence += 1
        return DeliveryRecorder.Sent(
          publisher: publisher, sequence: sequence, bytes: Self.event(publisher, sequence, &generator))
      }
      recorder.acknowledge(events, try await untilAnswered { try await bus.publish(events.map(\.bytes)) })
    }
  }

  /// Reads the log from its start, alternating between the buses, up to the given offset.
  func consume(until end: @escaping @Sendable () -> Int64?) async throws {
    for turn in 0... {
      let offset = recorder.deliveredOffset
      if let end = end(), offset >= end { return }
      let bus = buses[turn % buses.count]
      let batch = try await untilAnswered {
        try await bus.fetch(after: offset, max: 1_000, wait: .milliseconds(100))
      }
      recorder.deliver(batch.events)
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

/// A flag that stops the load.
final class StopFlag: Sendable {
  private let state = Mutex(false)

  var isRaised: Bool { state.withLock { $0 } }

  func raise() { state.withLock { $0 = true } }
}

/// The offset at which a consumer may stop, once it is known.
final class EndMark: Sendable {
  private let state = Mutex<Int64?>(nil)

  var offset: Int64? { state.withLock { $0 } }

  func set(_ offset: Int64) { state.withLock { $0 = offset } }
}
