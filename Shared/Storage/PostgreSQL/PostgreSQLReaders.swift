import Synchronization

/// The sessions that read: each read takes one that is free, or waits for the first that becomes so.
final class PostgreSQLReaders: Sendable {
  typealias Work = @Sendable (PostgreSQLLane) -> Void

  private struct State {
    var idle: [PostgreSQLLane]
    var waiting: [Work] = []
    var whenIdle: (@Sendable () -> Void)?
  }

  /// How often a read is run that is interrupted.
  private static let mostTries = 3

  private let count: Int
  private let state: Mutex<State>

  /// - Parameter count: the most sessions; each is opened when it is needed first.
  init(_ connector: PostgreSQLConnector, count: Int) {
    self.count = count
    let lanes = (1...count).map { PostgreSQLLane(connector, label: "\(connector.address.schema) reader \($0)") }
    state = Mutex(State(idle: lanes.reversed()))
  }

  /// Runs the body on one snapshot.
  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      add { lane in continuation.resume(with: Result { try Self.read(body, on: lane) }) }
    }
  }

  /// Waits until everything that was asked for is done, and ends the sessions.
  func close() async throws {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        let isIdle = state.idle.count == count
        if !isIdle { state.whenIdle = { continuation.resume() } }
        return isIdle
      }
      if isIdle { continuation.resume() }
    }
    for lane in state.withLock({ $0.idle }) { try await lane.run { lane.disconnect() } }
  }

  private func add(_ work: @escaping Work) {
    let lane = state.withLock { state -> PostgreSQLLane? in
      if let lane = state.idle.popLast() { return lane }
      state.waiting.append(work)
      return nil
    }
    if let lane { run(work, on: lane) }
  }

  private func run(_ work: @escaping Work, on lane: PostgreSQLLane) {
    lane.async { [self] in
      work(lane)
      let (next, whenIdle) = state.withLock { state -> (Work?, (@Sendable () -> Void)?) in
        if !state.waiting.isEmpty { return (state.waiting.removeFirst(), nil) }
        state.idle.append(lane)
        return (nil, state.idle.count == count ? state.whenIdle : nil)
      }
      if let next { run(next, on: lane) }
      whenIdle?()
    }
  }

  private static func read<R>(_ body: (any Transaction) throws -> R, on lane: PostgreSQLLane) throws -> R {
    var tries = 0
    while true {
      tries += 1
      let transaction = PostgreSQLTransaction(
        try lane.connected(), begin: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"])
      let result = Result { try body(transaction) }
      do {
        try transaction.rollback()
      } catch {
        // What was read was read on one snapshot; only the session is of no further use.
        lane.disconnect()
      }
      guard let interruption = transaction.interruption else { return try result.get() }
      lane.disconnect()
      if interruption.isLost || interruption.isPassing, tries < mostTries { continue }
      throw interruption.isLost
        ? PostgreSQLErrors.lost(interruption, lane.address)
        : PostgreSQLErrors.storageError(interruption, "in a read")
    }
  }
}
