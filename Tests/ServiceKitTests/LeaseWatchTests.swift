import Storage
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct LeaseWatchTests {
  private static let start = ContinuousClock.now

  private static func after(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  /// The standing of a lease after that many heartbeats.
  private static func standing(_ beats: Int, isFree: Bool = false) async throws -> Leases.Standing {
    try await StorageEngine.sqlite.withDatabase(Leases.migrations) { db in
      try await db.write { tx in
        let lease = try #require(try Leases.take("work", for: "a", over: nil, tx))
        for _ in 0..<beats { _ = try Leases.beat(lease, tx) }
        if isFree { try Leases.release(lease, tx) }
        return try #require(try Leases.standing("work", tx))
      }
    }
  }

  @Test("A new or released lease may be taken at once")
  func free() async throws {
    var watch = LeaseWatch(term: .seconds(2))
    let givenUp = try await Self.standing(3, isFree: true)
    let answers = [watch.mayTake(nil, at: Self.start), watch.mayTake(givenUp, at: Self.start)]
    #expect(answers == [true, true])
  }

  @Test("A holder may be silent for one term after its last heartbeat was first seen")
  func silence() async throws {
    var watch = LeaseWatch(term: .seconds(2))
    let (one, two) = (try await Self.standing(1), try await Self.standing(2))
    let looks = [(one, 0), (one, 1.9), (two, 2.1), (two, 4), (two, 4.2)]
    let answers = looks.map { watch.mayTake($0, at: Self.after($1)) }
    #expect(answers == [false, false, false, false, true])
  }

  @Test("Time during which the watch could not read the lease does not count as silence")
  func blindness() async throws {
    var watch = LeaseWatch(term: .seconds(2))
    let one = try await Self.standing(1)
    let before = watch.mayTake(one, at: Self.after(0))
    watch.restart()
    let answers = [watch.mayTake(one, at: Self.after(60)), watch.mayTake(one, at: Self.after(62))]
    #expect(!before && answers == [false, true])
  }
}
