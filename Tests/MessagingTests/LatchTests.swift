import Messaging
import Testing

@Suite("Waiting for a one-time event")
struct LatchTests {
  @Test("All waiters are let through, whether they came before or after", .timeLimit(.minutes(1)))
  func opens() async throws {
    let latch = Latch()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<10 { group.addTask { try await latch.wait() } }
      latch.open()
      for try await passed in group { #expect(passed) }
    }
    #expect(try await latch.wait())
    #expect(latch.isOpen)
  }

  @Test("A waiter whose task is cancelled stops waiting", .timeLimit(.minutes(1)))
  func cancelled() async {
    let latch = Latch()
    await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { try await latch.wait() }
      group.cancelAll()
      await #expect(throws: CancellationError.self) { try await group.next() }
    }
    #expect(!latch.isOpen)
  }

  @Test("Waiting ends with its deadline", .timeLimit(.minutes(1)))
  func limited() async throws {
    #expect(try await !Latch().wait(until: .now + .milliseconds(1)))
  }
}
