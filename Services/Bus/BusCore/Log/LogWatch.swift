public import Contract
import LaunchModel
import Storage

/// Confirms the bounds of a log to which other processes write. It uses its own session, so it does not wait for the
/// log's thread, and an answer is never older than the question.
public final class LogWatch: Sendable {
  private let watch: PostgreSQLWatch

  init(_ watch: PostgreSQLWatch) { self.watch = watch }

  /// Why the database cannot be used at present; nil if it answers.
  public var failure: LogError? { watch.failure.map(Self.error) }

  /// Returns the bounds of the log, read from the database after the call was made.
  ///
  /// - Throws: `LogError.unavailable` if the database does not answer in time; `CancellationError`.
  public func confirm() async throws -> LogBounds {
    do {
      return try LogState(try await watch.confirm().row).bounds
    } catch let error as StorageError {
      throw Self.error(error)
    }
  }

  /// Returns the bounds of the log as they were at most `age` ago.
  ///
  /// - Throws: the same errors as `confirm`.
  public func bounds(within age: Duration) async throws -> LogBounds {
    guard failure == nil, let last = watch.last, .now - last.askedAt <= age else { return try await confirm() }
    return try LogState(last.row).bounds
  }

  /// Calls the handler, on its own thread, with the reason when the database stops answering, and with nil when it
  /// answers again.
  public func onChange(_ handler: @escaping @Sendable (LogError?) -> Void) {
    watch.onChange { handler($0.map(Self.error)) }
  }

  func stop() { watch.stop() }

  private static func error(_ error: StorageError) -> LogError {
    LogError(storage: error, "cannot read the bounds of the log")
  }
}
