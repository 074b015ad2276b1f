import Testing

@testable import Gateway

@Suite("Restart policy")
struct RestartPolicyTests {
  @Test("A process that ends soon after its start is restarted with growing delays, and finally fails")
  func atOnce() {
    var policy = RestartPolicy()
    var delays: [Duration] = []
    var reason: String?
    while reason == nil {
      switch policy.judge(.exited(70), ranFor: .milliseconds(5)) {
      case .restart(let delay): delays.append(delay)
      case .fail(let why, let status):
        reason = why
        #expect(status == .unavailable)
      }
    }
    #expect(delays == [200, 400, 800, 1_600, 3_200].map { .milliseconds($0) })
    #expect(reason == "failed 6 times in a row right after its start, last with exit status 70")
  }

  @Test("A process that ran well before it died is restarted at once, however often")
  func afterLong() {
    var policy = RestartPolicy()
    for _ in 0..<100 {
      #expect(policy.judge(.signalled(9), ranFor: .seconds(60)) == .restart(after: .milliseconds(200)))
    }
  }

  @Test(
    "A process that is killed, or lacks store, socket or disk space, is restarted forever, every 30 s in the end",
    arguments: [.signalled(6), .signalled(9), .exited(69), .exited(74)] as [RestartPolicy.End])
  func forEver(end: RestartPolicy.End) {
    var policy = RestartPolicy()
    for number in 1...1_000 {
      guard case .restart(let delay) = policy.judge(end, ranFor: .milliseconds(5)) else {
        Issue.record("given up after \(number)")
        return
      }
      #expect(delay == min(.milliseconds(200 * (1 << min(number - 1, 10))), .seconds(30)))
      #expect(policy.failures == number)
    }
    // Kills in between do not use up the patience with a defect.
    guard case .restart = policy.judge(.exited(70), ranFor: .milliseconds(5)) else {
      Issue.record("given up at the first defect")
      return
    }
  }

  @Test("Delays are bounded")
  func longest() {
    var policy = RestartPolicy()
    policy.patience = 50
    var last = RestartPolicy.Verdict.fail("", .unavailable)
    for _ in 0..<50 { last = policy.judge(.exited(1), ranFor: .zero) }
    #expect(last == .restart(after: policy.longestDelay))
  }

  @Test(
    "Invalid settings are not retried",
    arguments: [
      (.exited(64), 65), (.exited(65), 65), (.exited(78), 65), (.exited(77), 77),
      (.notStarted("no executable x"), 69),
    ] as [(RestartPolicy.End, Int32)])
  func hopeless(end: RestartPolicy.End, status: Int32) {
    var policy = RestartPolicy()
    guard case .fail(_, let found) = policy.judge(end, ranFor: .milliseconds(5)) else {
      Issue.record("\(end) was retried")
      return
    }
    #expect(found.rawValue == status)
  }
}
