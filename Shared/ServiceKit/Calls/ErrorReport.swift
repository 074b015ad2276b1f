import JSON
import LaunchModel
import Messaging
import Storage

/// Failures as callers are told them.
enum ErrorReport {
  static func problem(_ error: any Error) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let error as StorageError: storage(error)
    case is CancellationError:
      Problem(
        .unavailable, code: "stopping", title: "The service is stopping", detail: "try again in a moment",
        retryable: true)
    case let fault as EventFault:
      Problem(.invalid, code: fault.code, title: "The event cannot be used", detail: fault.detail)
    default:
      Problem(
        .internalError, code: "internal-error", title: "The service failed", detail: "its log has the details")
    }
  }

  private static func storage(_ error: StorageError) -> Problem {
    switch error.code {
    case .diskFull:
      Problem(
        .unavailable, code: "disk-full", title: "The service's disk is full",
        detail: "nothing was changed; make room and try again", retryable: true)
    case .ioFailure, .corrupt, .closed:
      Problem(
        .unavailable, code: "store-failed", title: "The service's store has failed",
        detail: "the service restarts; whether the change was made shows then", retryable: true)
    case .locked:
      Problem(.busy, code: "store-busy", title: "The service's store is busy", retryable: true, retryAfterMs: 500)
    default:
      Problem(
        .internalError, code: "store-error", title: "The service's store refused a statement",
        detail: "the service's log has the details")
    }
  }
}
