public import Contract
import LaunchModel
import Storage

/// Confirms the bounds of a log that other processes write to, on a session of its own: an answer is never older than its question,
/// and does not wait for the log's thread.
public final class LogWatch: Sendable {
  private let watch: PostgreSQLWatch

  init(_ watch: PostgreSQLWatch) { self.watch = watch }

  /// Why the database cannot be used at present; nil if it answers.
  public var failure: LogError? { watch.failure.map(Self.error) }

  /// Returns the bounds of the log, read after this call.
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
  /// - Throws: as `confirm`.
  public func bounds(within age: Duration) async throws -> LogBounds {
    guard failure == nil, let last = watch.last, .now - last.askedAt <= age else { return try await confirm() }
    return try LogState(last.row).bounds
  }

  /// Calls the handler, on a thread of its own, when the database stops answering, with the reason, and when it answers again, with
  /// nil.
  public func onChange(_ handler: @escaping @Sendable (LogError?) -> Void) {
    watch.onChange { handler($0.map(Self.error)) }
  }

  func stop() { watch.stop() }

  private static func error(_ error: StorageError) -> LogError {
    LogError(storage: error, "cannot read the bounds of the log")
  }
}
