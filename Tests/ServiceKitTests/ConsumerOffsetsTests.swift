import Storage
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct ConsumerOffsetsTests {
  @Test("An offset only moves forward unless it is reset", arguments: StorageEngine.allAvailable)
  func offset(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(ConsumerOffsets.migrations) { db in
      try await db.write { tx in
        #expect(try ConsumerOffsets.offset("metrics", tx) == 0)
        try ConsumerOffsets.advance("metrics", to: 7, tx)
        try ConsumerOffsets.advance("metrics", to: 5, tx)
        try ConsumerOffsets.advance("review", to: 3, tx)
        #expect(try ConsumerOffsets.offset("metrics", tx) == 7)
        #expect(try ConsumerOffsets.offset("review", tx) == 3)
      }
    }
  }

  @Test(
    "An offset changed in the store is refused, and accepted again once it is restored",
    arguments: StorageEngine.allAvailable, ["processed = processed + 3", "processed = processed - 3", "seal = NULL"])
  func changed(_ engine: StorageEngine, _ change: String) async throws {
    try await engine.withDatabase(ConsumerOffsets.migrations) { db in
      try await db.write { try ConsumerOffsets.advance("metrics", to: 7, $0) }
      try await db.write { try $0.execute("UPDATE consumer_offsets SET \(change)") }
      let error = await #expect(throws: StorageError.self) {
        _ = try await db.read { try ConsumerOffsets.offset("metrics", $0) }
      }
      #expect(error?.code == .unreadable)
      #expect(error?.message.hasPrefix("the offset of metrics in the bus's log") == true)
      try await db.write {
        try $0.execute("UPDATE consumer_offsets SET processed = 7, seal = ?", [ConsumerOffsets.seal("metrics", 7)])
      }
      #expect(try await db.read { try ConsumerOffsets.offset("metrics", $0) } == 7)
    }
  }

  @Test("An upgrade accepts the offset as it is, and detects later changes", arguments: StorageEngine.allAvailable)
  func upgrade(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Array(ConsumerOffsets.migrations.prefix(1))) { db in
      try await db.write { try $0.execute("INSERT INTO consumer_offsets (consumer, processed) VALUES ('review', 41)") }
      try await db.migrate(ConsumerOffsets.migrations)
      #expect(try await db.read { try ConsumerOffsets.offset("review", $0) } == 41)
      try await db.write { try $0.execute("UPDATE consumer_offsets SET processed = 44") }
      await #expect(throws: StorageError.self) { _ = try await db.read { try ConsumerOffsets.offset("review", $0) } }
      try await db.write { tx in
        try tx.execute("UPDATE consumer_offsets SET processed = 41")
        try ConsumerOffsets.advance("review", to: 42, tx)
      }
      #expect(try await db.read { try ConsumerOffsets.offset("review", $0) } == 42)
    }
  }
}
