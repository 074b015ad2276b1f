import UnixSignals

/// Runs the body. An interrupt cancels it, so that it can clean up.
///
/// - Returns: whether the body ended without an interrupt.
func untilInterrupted(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
  let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
  return try await withThrowingTaskGroup(of: Bool.self) { group in
    group.addTask {
      try await body()
      return true
    }
    group.addTask {
      for await _ in signals { return false }
      return true
    }
    let isDone = try await group.next() ?? false
    group.cancelAll()
    return isDone
  }
}
