import LaunchModel
import Storage
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct ClockMarkTests {
  @Test("The clock mark is the latest time ever recorded", arguments: StorageEngine.allAvailable)
  func clockMark(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(ClockMark.migrations) { db in
      try await db.write { tx in
        #expect(try ClockMark.latest(tx) == nil)
        let now = Timestamp(microseconds: 1_798_794_000_000_000)
        try ClockMark.advance(to: now, tx)
        try ClockMark.advance(to: now.adding(seconds: -1), tx)
        #expect(try ClockMark.latest(tx) == now)
      }
    }
  }
}
