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
}
