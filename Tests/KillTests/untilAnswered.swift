import LaunchModel

/// Retries until the call succeeds; rethrows only problems that a retry cannot fix.
///
/// - Parameter waitsFor: Returns true for further problems that resolve with time.
func untilAnswered<R>(
  waitingFor waitsFor: (Problem) -> Bool = { _ in false }, _ body: () async throws -> R
) async throws -> R {
  while true {
    do {
      return try await body()
    } catch let problem as Problem where problem.retryable || waitsFor(problem) {
      // A short delay, because the process may be restarting.
      try await Task.sleep(for: .milliseconds(problem.retryAfterMs ?? 5))
    }
  }
}
