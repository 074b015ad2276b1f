import Contract
import JSON
import LaunchModel
import Messaging
import Storage

/// Failures as callers are told them.
enum ErrorReport {
  /// - Parameter isRepeatable: the call has a key by which a repetition is known, so that it does no harm.
  static func problem(_ error: any Error, isRepeatable: Bool = false) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let error as StorageError: storage(error, isRepeatable)
    case is CancellationError:
      Problem(
        .unavailable, code: "stopping", title: "The service is stopping", detail: "try again in a moment",
        retryable: true)
    case let fault as EventError:
      Problem(.invalid, code: fault.code, title: "The event cannot be used", detail: fault.detail)
    default:
      Problem(
        .internalError, code: "internal-error", title: "The service failed")
    }
  }

  private static func storage(_ error: StorageError, _ isRepeatable: Bool) -> Problem {
    switch error.code {
    case .diskFull:
      Problem(
        .unavailable, code: "disk-full", title: "The service's disk is full",
        detail: "nothing was changed; make room and try again", retryable: true)
    case .ioFailure, .corrupt, .closed:
      Problem(
        .unavailable, code: "store-failed", title: "The service's store has failed",
        detail: "the service restarts; whether the change was made shows then", retryable: true)
    case .unavailable, .forbidden, .address, .notDurable, .unsupported:
      Problem(
        .unavailable, code: "store-unavailable", title: "The service's store cannot be reached",
        detail: "nothing was changed; try again", retryable: true, retryAfterMs: 1_000)
    case .outcomeUnknown:
      Problem(
        .unavailable, code: "outcome-unknown", title: "Whether the change was made is not known",
        detail: "the connection to the service's store was lost while it was committed: look before you repeat it, "
          + "or repeat it with the idempotency key that it came with",
        retryable: isRepeatable)
    case .value:
      Problem(
        .invalid, code: "value-refused", title: "A value cannot be stored",
        detail: "a text holds U+0000 or is too long to be looked up by, or a number is out of range")
    case .locked, .timeout:
      Problem(.busy, code: "store-busy", title: "The service's store is busy", retryable: true, retryAfterMs: 500)
    default:
      Problem(
        .internalError, code: "store-error", title: "The service's store refused a statement")
    }
  }
}
