import Synchronization

/// The pool of sessions for reads. Each read uses an idle session, or waits for the next one to become idle.
final class PostgreSQLReaders: Sendable {
  typealias Work = @Sendable (PostgreSQLWorker) -> Void

  private struct State {
    var idle: [PostgreSQLWorker]
    var waiting: [Work] = []
    var onAllIdle: (@Sendable () -> Void)?
  }

  /// The maximum number of attempts at a read that is interrupted.
  private static let maxAttempts = 3

  private let count: Int
  private let state: Mutex<State>

  /// - Parameter count: the maximum number of sessions; each is opened when first needed.
  init(_ connector: PostgreSQLConnector, count: Int) {
    self.count = count
    let workers = (1...count).map { PostgreSQLWorker(connector, label: "\(connector.address.schema) reader \($0)") }
    state = Mutex(State(idle: workers.reversed()))
  }

  /// Runs the body on one snapshot.
  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      submit { worker in continuation.resume(with: Result { try Self.read(body, on: worker) }) }
    }
  }

  /// Waits until all pending reads are done, and ends the sessions.
  func close() async throws {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        let isIdle = state.idle.count == count
        if !isIdle { state.onAllIdle = { continuation.resume() } }
        return isIdle
      }
      if isIdle { continuation.resume() }
    }
    for worker in state.withLock({ $0.idle }) { try await worker.run { worker.disconnect() } }
  }

  private func submit(_ work: @escaping Work) {
    let worker = state.withLock { state -> PostgreSQLWorker? in
      if let worker = state.idle.popLast() { return worker }
      state.waiting.append(work)
      return nil
    }
    if let worker { run(work, on: worker) }
  }

  private func run(_ work: @escaping Work, on worker: PostgreSQLWorker) {
    worker.async { [self] in
      work(worker)
      let (next, onAllIdle) = state.withLock { state -> (Work?, (@Sendable () -> Void)?) in
        if !state.waiting.isEmpty { return (state.waiting.removeFirst(), nil) }
        state.idle.append(worker)
        return (nil, state.idle.count == count ? state.onAllIdle : nil)
      }
      if let next { run(next, on: worker) }
      onAllIdle?()
    }
  }

  private static func read<R>(_ body: (any Transaction) throws -> R, on worker: PostgreSQLWorker) throws -> R {
    var attempt = 0
    while true {
      attempt += 1
      let transaction = PostgreSQLTransaction(
        try worker.connected(), begin: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"])
      let result = Result { try body(transaction) }
      do {
        try transaction.rollback()
      } catch {
        // The result is valid, because it was read from one snapshot; only the session is unusable.
        worker.disconnect()
      }
      guard let interruption = transaction.interruption else { return try result.get() }
      worker.disconnect()
      if interruption.isLost || interruption.isTransient, attempt < maxAttempts { continue }
      throw interruption.isLost
        ? PostgreSQLErrors.lost(interruption, worker.address)
        : PostgreSQLErrors.storageError(interruption, "in a read")
    }
  }
}
