import Logging
import Messaging

/// What one replica of a service does for all: applying events, and sweeping.
struct LeasedTasks: Sendable {
  let keeper: LeaseKeeper
  let consumer: EventConsumer
  let sweeps: [Sweep]
  let environment: ServiceEnvironment
  let standBy: StandBy

  /// Works whenever this replica has the lease, until the task is cancelled.
  func run() async throws {
    try await keeper.run(standBy: { await standBy.run() }) {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await consumer.run() }
        for sweep in sweeps { group.addTask { await SweepLoop(sweep: sweep, environment: environment).run() } }
      }
    }
  }
}

/// One sweep, pass after pass, until it is cancelled or told that its lease is lost.
private struct SweepLoop {
  let sweep: Sweep
  let environment: ServiceEnvironment

  func run() async {
    while !Task.isCancelled {
      do {
        try await sweep.body(environment)
      } catch is CancellationError {
        return
      } catch {
        environment.logger.warning(
          "a sweep failed and is tried again", metadata: ["sweep": "\(sweep.name)", "error": "\(error)"])
      }
      do { try await Task.sleep(for: sweep.every) } catch { return }
    }
  }
}
