import LaunchModel

/// Whether and when to try a call again: full jitter over a doubling back-off, within the deadline.
struct RetryPlan {
  let deadline: ContinuousClock.Instant
  let maxAttempts: Int
  let isIdempotent: Bool
  private var attempts = 1

  init(deadline: ContinuousClock.Instant, maxAttempts: Int, isIdempotent: Bool) {
    self.deadline = deadline
    self.maxAttempts = maxAttempts
    self.isIdempotent = isIdempotent
  }

  /// The pause before the next attempt; nil where the failure is final.
  ///
  /// What was refused before anything was done (`busy`) may always be tried again; what was lost on the way only where that
  /// cannot do harm.
  mutating func pause(
    after problem: Problem, at now: ContinuousClock.Instant, jitter: (ClosedRange<Int>) -> Int = { .random(in: $0) }
  ) -> Duration? {
    guard attempts < maxAttempts, mayRetry(problem) else { return nil }
    let ceiling = min(1_000, 25 << attempts)
    let pause = Duration.milliseconds((problem.retryAfterMs ?? 0) + jitter(1...ceiling))
    guard now + pause < deadline else { return nil }
    attempts += 1
    return pause
  }

  private func mayRetry(_ problem: Problem) -> Bool {
    switch problem.code {
    case "busy", "stopping": problem.retryable
    case "connection-lost": isIdempotent
    default: false
    }
  }
}
