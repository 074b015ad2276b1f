import Testing

@testable import Messaging

@Suite struct OffsetGateTests {
  @Test("Waiting for an offset that is already reached returns at once")
  func reached() async throws {
    let gate = OffsetWaiter(offset: 5)
    #expect(try await gate.wait(for: 5, until: .now))
    #expect(try await gate.wait(for: 3, until: .now))
  }

  @Test("Each waiter resumes at its own offset, and the offset never decreases")
  func advancing() async throws {
    let gate = OffsetWaiter()
    try await withThrowingTaskGroup(of: Int64.self) { group in
      for offset in [Int64(3), 1, 2] {
        group.addTask {
          try await gate.reaches(offset)
          return offset
        }
      }
      while gate.wanted != 3 { await Task.yield() }
      var passed: [Int64] = []
      for offset in [Int64(1), 2, 3] {
        gate.advance(to: offset)
        passed.append(try #require(try await group.next()))
      }
      #expect(passed == [1, 2, 3])
    }
    gate.advance(to: 2)
    #expect(gate.offset == 3)
  }

  @Test("Waiting ends at the deadline and leaves no waiter behind")
  func deadline() async throws {
    let gate = OffsetWaiter()
    let isReached = try await gate.wait(for: 1, until: .now + .milliseconds(5))
    #expect(!isReached)
    #expect(gate.wanted == nil)
  }

  @Test("A cancelled wait throws at once")
  func cancelling() async throws {
    let gate = OffsetWaiter()
    let task = Task { try await gate.wait(for: 1, until: .now + .seconds(60)) }
    while gate.wanted == nil { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(gate.wanted == nil)
  }
}
