import Testing

@testable import ZeroMQ

@Suite struct TimerQueueTests {
  @Test("Actions run in order of their times, and none before it is due")
  func order() {
    let start = ContinuousClock.now
    var queue = TimerQueue<Int>()
    for number in (0..<200).shuffled() { queue.add(number, at: start + .milliseconds(number)) }
    #expect(queue.next == start)
    var due: [Int] = []
    while let action = queue.popDue(at: start + .milliseconds(99)) { due.append(action) }
    #expect(due == Array(0..<100))
    #expect(queue.next == start + .milliseconds(100))
  }

  @Test("An action runs at its time on an otherwise idle reactor")
  func schedule() async throws {
    try await withReactor { reactor in
      let fired = Inbox<ContinuousClock.Instant>()
      let due = ContinuousClock.now + .milliseconds(30)
      reactor.schedule(at: due) { fired.put(.now) }
      let moment = try await fired.next()
      #expect(moment >= due)
    }
  }
}
