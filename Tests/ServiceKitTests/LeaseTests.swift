import Storage
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct LeaseTests {
  @Test(
    "A lease belongs to one process until it is released or its heartbeat stops", arguments: StorageEngine.allAvailable)
  func changingHands(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Leases.migrations) { db in
      try await db.write { tx in
        #expect(try Leases.standing("work", tx) == nil)
        let first = try #require(try Leases.take("work", for: "a", over: nil, tx))
        #expect(first == Lease(name: "work", holder: "a", epoch: 1))
        #expect(try Leases.take("work", for: "b", over: nil, tx) == nil)

        let seen = try #require(try Leases.standing("work", tx))
        #expect(try Leases.beat(first, tx))
        #expect(try Leases.take("work", for: "b", over: seen, tx) == nil, "a heartbeat has happened since")

        try Leases.release(first, tx)
        #expect(try !Leases.beat(first, tx))
        let free = try #require(try Leases.standing("work", tx))
        #expect(free.isFree)
        let second = try #require(try Leases.take("work", for: "b", over: free, tx))
        #expect(second.epoch == 2)
        #expect(try Leases.standing("work", tx)?.isFree == false)
      }
    }
  }

  @Test("A process that lost a lease can neither renew nor release it", arguments: StorageEngine.allAvailable)
  func lost(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Leases.migrations) { db in
      try await db.write { tx in
        let first = try #require(try Leases.take("work", for: "a", over: nil, tx))
        let second = try #require(try Leases.take("work", for: "b", over: Leases.standing("work", tx), tx))
        #expect(try !Leases.beat(first, tx))
        try Leases.release(first, tx)
        #expect(try Leases.beat(second, tx))
        // The same process with a new epoch: work from its first lease is still fenced off.
        let third = try #require(try Leases.take("work", for: "a", over: Leases.standing("work", tx), tx))
        #expect(try !Leases.beat(first, tx))
        #expect(try Leases.beat(third, tx))
      }
    }
  }
}
