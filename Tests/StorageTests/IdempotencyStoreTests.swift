import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@Suite struct IdempotencyStoreTests {
  private static let now = Timestamp(microseconds: 1_798_794_000_000_000)
  private static let key = IdempotencyStore.Key(principal: .uid(1_000), method: "launch.propose", key: "k")
  private static let answer = IdempotencyStore.Answer(result: [1, 2], announcedBy: 7)

  private func withStore(_ engine: StorageEngine, _ body: @escaping @Sendable (any Transaction) throws -> Void)
    async throws
  {
    try await engine.withDatabase(IdempotencyStore.migrations) { db in
      try await db.write { tx in
        try IdempotencyStore.store(Self.answer, for: Self.key, params: [9], wallNow: Self.now, tx)
        try body(tx)
      }
    }
  }

  @Test("A repeated call gets the first answer for a day", arguments: StorageEngine.allAvailable)
  func sameCall(_ engine: StorageEngine) async throws {
    try await withStore(engine) { tx in
      let almost = Self.now.adding(seconds: 86_399)
      let first = try IdempotencyStore.answer(for: Self.key, params: [9], wallNow: almost, tx)
      #expect(first == Self.answer)
      let after = Self.now.adding(seconds: 86_400)
      let second = try IdempotencyStore.answer(for: Self.key, params: [9], wallNow: after, tx)
      #expect(second == nil)
    }
  }

  @Test("The same key with other parameters is a conflict", arguments: StorageEngine.allAvailable)
  func otherParameters(_ engine: StorageEngine) async throws {
    try await withStore(engine) { tx in
      let problem = #expect(throws: Problem.self) {
        _ = try IdempotencyStore.answer(for: Self.key, params: [8], wallNow: Self.now, tx)
      }
      #expect(problem?.kind == .conflict)
      #expect(problem?.code == "idempotency-key-reused")
    }
  }

  @Test(
    "Answers of other callers, methods or keys are not returned",
    arguments: StorageEngine.allAvailable,
    [
      IdempotencyStore.Key(principal: .uid(1_001), method: "launch.propose", key: "k"),
      IdempotencyStore.Key(principal: .uid(1_000), method: "launch.set", key: "k"),
      IdempotencyStore.Key(principal: .uid(1_000), method: "launch.propose", key: "l"),
    ])
  func otherCalls(
    _ engine: StorageEngine, _ other: IdempotencyStore.Key
  ) async throws {
    try await withStore(engine) { tx in
      let answer = try IdempotencyStore.answer(for: other, params: [9], wallNow: Self.now, tx)
      #expect(answer == nil)
    }
  }

  @Test("After a day the key can be used again", arguments: StorageEngine.allAvailable)
  func expiry(_ engine: StorageEngine) async throws {
    try await withStore(engine) { tx in
      let later = Self.now.adding(seconds: 90_000)
      let second = IdempotencyStore.Answer(result: [3], announcedBy: nil)
      try IdempotencyStore.store(second, for: Self.key, params: [8], wallNow: later, tx)
      #expect(try IdempotencyStore.answer(for: Self.key, params: [8], wallNow: later, tx) == second)
    }
  }
}
