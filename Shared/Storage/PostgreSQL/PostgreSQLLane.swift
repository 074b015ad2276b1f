import Dispatch

/// A thread of its own for one session, which blocks on the server in its place and connects again after a loss.
// The session is touched in closures on `queue` only, which runs one at a time.
final class PostgreSQLLane: @unchecked Sendable {
  private let queue: DispatchQueue
  private let connector: PostgreSQLConnector
  private var session: PostgreSQLConnection?

  init(_ connector: PostgreSQLConnector, label: String) {
    self.connector = connector
    queue = DispatchQueue(label: label)
  }

  var address: PostgreSQLAddress { connector.address }

  /// Runs the work on the lane's thread after what was asked for before, and does not wait for it.
  func async(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  /// Runs the work on the lane's thread and waits without blocking.
  func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try work() }) }
    }
  }

  /// The session; a new one where there is none or it was lost. On the lane's thread only.
  func connected() throws(StorageError) -> PostgreSQLConnection {
    dispatchPrecondition(condition: .onQueue(queue))
    if let session, !session.isLost { return session }
    session = nil
    let new = try connector.connect()
    session = new
    return new
  }

  /// Ends the session. On the lane's thread only.
  func disconnect() {
    dispatchPrecondition(condition: .onQueue(queue))
    session = nil
  }
}
