import Testing

@testable import Gateway

@Suite("Latch")
struct LatchTests {
  @Test("All waiters pass, before and after the latch opens", .timeLimit(.minutes(1)))
  func opens() async {
    let latch = Latch()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<10 { group.addTask { await latch.wait() } }
      latch.open()
      for await passed in group { #expect(passed) }
    }
    #expect(await latch.wait())
    #expect(latch.isOpen)
  }

  @Test("A cancelled task stops waiting", .timeLimit(.minutes(1)))
  func cancelled() async {
    let latch = Latch()
    let passed = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await latch.wait() }
      group.cancelAll()
      return await group.next()
    }
    #expect(passed == false)
  }

  @Test("Waiting ends at its time limit", .timeLimit(.minutes(1)))
  func limited() async {
    #expect(await Latch().wait(atMost: .milliseconds(1)) == false)
  }
}
