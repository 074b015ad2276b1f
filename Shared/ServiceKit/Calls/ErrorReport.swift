import Contract
import JSON
import LaunchModel
import Messaging
import Storage

/// Converts errors to the problems that callers receive.
enum ErrorReport {
  /// Returns the problem for an error.
  ///
  /// - Parameters:
  ///   - isRepeatable: whether the call has an idempotency key, so that repeating it is safe.
  ///   - isChange: whether the call was to change something, so that its caller needs to know that it did not.
  static func problem(_ error: any Error, isRepeatable: Bool = false, isChange: Bool = false) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let error as StorageError: storage(error, isRepeatable, isChange: isChange)
    case is CancellationError:
      Problem(
        .unavailable, code: "stopping", title: "the service is shutting down", detail: "try again in a moment",
        retryable: true)
    case let error as EventError:
      Problem(.invalid, code: error.code, title: "invalid event", detail: error.detail)
    default:
      Problem(
        .internalError, code: "internal-error", title: "the service failed")
    }
  }

  /// The codes of problems of the bus that last until an operator frees space or repairs the log.
  private static let lastingCodes: Set<String> = ["disk-full", "corrupt-event"]

  /// Returns the error for a call that needs events which a service cannot process; nil if the failure may be
  /// temporary.
  static func lasting(_ failure: any Error, of service: ServiceName) -> (any Error)? {
    switch failure {
    case let error as StorageError where error.code == .diskFull: return error
    case var problem as Problem where lastingCodes.contains(problem.code):
      problem.detail = "\(service.rawValue) cannot process the events that the call needs: \(problem.detail)"
      return problem
    default: return nil
    }
  }

  /// Returns why a service cannot process events, in one clause.
  static func reason(_ failure: any Error) -> String {
    let problem = Self.problem(failure)
    return problem.detail.isEmpty ? problem.title : problem.detail
  }

  private static func storage(_ error: StorageError, _ isRepeatable: Bool, isChange: Bool) -> Problem {
    switch error.code {
    case .diskFull:
      Problem(
        .unavailable, code: "disk-full", title: "the service's disk is full",
        detail: "\(error.message); \(isChange ? "nothing was changed: " : "")free up space and try again",
        retryable: true)
    case .ioFailure, .corrupt, .closed:
      Problem(
        .unavailable, code: "store-failed", title: "the service's store has failed",
        detail: "result unknown; the service is restarting: check whether the change was made before you repeat it",
        retryable: true)
    case .unavailable, .forbidden, .address, .notDurable, .unsupported, .schema:
      Problem(
        .unavailable, code: "store-unavailable", title: "the service cannot use its store",
        detail: "\(error.message); \(isChange ? "nothing was changed, " : "")try again", retryable: true,
        retryAfterMs: 1_000)
    case .outcomeUnknown:
      Problem(
        .unavailable, code: "outcome-unknown", title: "result unknown",
        detail:
          "the connection to the service's store was lost during the commit: check whether the change was made before "
          + "you repeat it, or repeat it with the same idempotency key",
        retryable: isRepeatable)
    case .value:
      Problem(
        .invalid, code: "value-refused", title: "a value cannot be stored",
        detail: "a text contains U+0000 or is too long for an index, or a number is out of range")
    case .locked, .timeout:
      Problem(.busy, code: "store-busy", title: "the service's store is busy", retryable: true, retryAfterMs: 500)
    default:
      Problem(
        .internalError, code: "store-error", title: "the service's store rejected a statement")
    }
  }
}
