import LaunchModel
import Testing

@testable import Messaging

@Suite struct RetryPlanTests {
  private let now = ContinuousClock.now
  private let busy = Problem.busy("", retryAfterMs: 40)
  private let lost = Problem.unavailable("connection-lost", "")

  private func plan(idempotent: Bool, within: Duration = .seconds(5), endpoints: Int = 1) -> RetryPlan {
    RetryPlan(deadline: now + within, maxAttempts: 4, isIdempotent: idempotent, endpoints: endpoints)
  }

  @Test("A call that may have been executed is retried only if it is idempotent")
  func idempotence() {
    var (safe, unsafe) = (plan(idempotent: true), plan(idempotent: false))
    #expect(safe.pause(after: lost, at: now) != nil)
    #expect(unsafe.pause(after: lost, at: now) == nil)
    #expect(unsafe.pause(after: busy, at: now) != nil)
  }

  @Test(
    "Permanent errors are not retried",
    arguments: ["unreachable", "permission-denied", "timed-out", "version-changed"])
  func final(_ code: String) {
    var plan = plan(idempotent: true)
    #expect(plan.pause(after: Problem(.unavailable, code: code, title: "", retryable: true), at: now) == nil)
  }

  @Test("A call that a replica cannot serve from its store is repeated at once, once for each other endpoint")
  func otherReplicas() {
    let away = Problem.unavailable("store-unavailable", "", retryAfterMs: 1_000)
    let unknown = Problem(.unavailable, code: "outcome-unknown", title: "", retryable: false)
    var (single, several) = (plan(idempotent: false), plan(idempotent: false, endpoints: 2))
    #expect(single.pause(after: away, at: now) == nil)
    #expect(several.pause(after: unknown, at: now) == nil)
    #expect(several.pause(after: away, at: now) { $0.upperBound } == .milliseconds(50))
    #expect(several.pause(after: away, at: now) == nil)
  }

  @Test("Pauses double with jitter, in addition to the delay that the service asks for")
  func backOff() {
    var plan = plan(idempotent: true)
    var ceilings: [Int] = []
    let pauses = (1...4).map { _ in
      plan.pause(after: busy, at: now) { range in
        ceilings.append(range.upperBound)
        return range.upperBound
      }
    }
    #expect(ceilings == [50, 100, 200])
    #expect(pauses == [.milliseconds(90), .milliseconds(140), .milliseconds(240), nil])
  }

  @Test("No pause extends beyond the deadline")
  func deadline() {
    var plan = plan(idempotent: true, within: .milliseconds(30))
    #expect(plan.pause(after: busy, at: now) == nil)
  }
}
