import Storage
import TestSupport
import Testing

@Suite struct OutboxTests {
  @Test("Unsent messages are returned in the order in which they were written", arguments: StorageEngine.allAvailable)
  func order(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Outbox.migrations) { db in
      let positions = try await db.write { tx in
        try (1...3).map { try Outbox.enqueue([UInt8($0)], tx) }
      }
      #expect(positions == [1, 2, 3])
      try await db.write { tx in
        #expect(try Outbox.unsent(2, tx).map(\.event) == [[1], [2]])
        try Outbox.markSent(1, tx)
        #expect(try Outbox.unsent(9, tx).map(\.position) == [2, 3])
        try Outbox.markSent(2, tx)
        try Outbox.markSent(3, tx)
        #expect(try Outbox.unsent(9, tx).isEmpty)
        #expect(try Outbox.enqueue([4], tx) == 4)
        #expect(try Outbox.lastPosition(tx) == 4)
      }
    }
  }

  @Test("The position of a rolled-back write is reused", arguments: StorageEngine.allAvailable)
  func rolledBackPosition(_ engine: StorageEngine) async throws {
    struct Refused: Error {}
    try await engine.withDatabase(Outbox.migrations) { db in
      await #expect(throws: Refused.self) {
        try await db.write { tx in
          try Outbox.enqueue([1], tx)
          throw Refused()
        }
      }
      let position = try await db.write { try Outbox.enqueue([2], $0) }
      #expect(position == 1)
    }
  }

  @Test("A rejected message is stored and returns to its previous position", arguments: StorageEngine.allAvailable)
  func rejected(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Outbox.migrations) { db in
      try await db.write { tx in
        for n: UInt8 in 1...2 { try Outbox.enqueue([n], tx) }
        let refused = try #require(try Outbox.unsent(1, tx).first)
        try Outbox.quarantine(refused, code: "forbidden", detail: "not yours", tx)
        #expect(try Outbox.unsent(9, tx).map(\.event) == [[2]])
        #expect(try Outbox.counts(tx) == (unsent: 1, rejected: 1))
        try Outbox.requeueRejected(tx)
        #expect(try Outbox.unsent(9, tx).map(\.event) == [[1], [2]])
        #expect(try Outbox.counts(tx) == (unsent: 2, rejected: 0))
      }
    }
  }
}
