import LaunchModel

/// Tries until there is an answer; only what will not be better the next time is thrown.
///
/// - Parameter waitsFor: further problems that time mends.
func untilAnswered<R>(
  waitingFor waitsFor: (Problem) -> Bool = { _ in false }, _ body: () async throws -> R
) async throws -> R {
  while true {
    do {
      return try await body()
    } catch let problem as Problem where problem.retryable || waitsFor(problem) {
      // A process that is being restarted is asked again soon, not at once.
      try await Task.sleep(for: .milliseconds(problem.retryAfterMs ?? 5))
    }
  }
}
