import Synchronization

/// Makes a store's sessions. For a while after a try that failed everybody is told so at once, so that callers do not queue up
/// behind connections that fail slowly.
final class PostgreSQLConnector: Sendable {
  private struct State {
    var failures = 0
    var refusal: (error: StorageError, until: ContinuousClock.Instant)?
  }

  private static let backOff = [Duration.milliseconds(100), .milliseconds(200), .milliseconds(500), .seconds(1)]

  let address: PostgreSQLAddress
  private let state = Mutex(State())

  init(_ address: PostgreSQLAddress) { self.address = address }

  /// A new session, set up and checked.
  func connect() throws(StorageError) -> PostgreSQLConnection {
    if let refusal = state.withLock({ $0.refusal }), refusal.until > .now { throw refusal.error }
    do {
      let connection = try PostgreSQLConnection(to: address)
      try PostgreSQLSession.begin(connection, address)
      state.withLock { $0 = State() }
      return connection
    } catch {
      state.withLock { state in
        let pause = Self.backOff[min(state.failures, Self.backOff.count - 1)]
        state.failures += 1
        state.refusal = (error, .now + pause * Double.random(in: 0.5...1))
      }
      throw error
    }
  }
}
