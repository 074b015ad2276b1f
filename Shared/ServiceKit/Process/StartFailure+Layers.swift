import LaunchModel
import Storage
import ZeroMQ

extension StartFailure {
  /// Failures of the layers below, with the status for each.
  public init(from error: any Error) {
    switch error {
    case let failure as StartFailure: self = failure
    case let error as StorageError:
      self.init(Self.status(error.code), error.message)
    case let error as ZeroMQError where error.code == .badKeys || error.code == .invalidEndpoint:
      self.init(.badConfiguration, "\(error)")
    case let error as ZeroMQError: self.init(.unavailable, "\(error)")
    case let problem as Problem:
      self.init(.internalError, problem.detail.isEmpty ? problem.title : problem.detail)
    default: self.init(.internalError, "\(error)")
    }
  }

  private static func status(_ code: StorageError.Code) -> Status {
    switch code {
    case .unsupported, .address: .badConfiguration
    case .locked, .cannotOpen, .diskFull, .unavailable, .outcomeUnknown, .timeout: .unavailable
    case .forbidden: .noPermission
    case .ioFailure: .ioFailure
    case .occupied: .conflict
    case .schema, .corrupt, .unreadable, .notDurable: .wrongData
    default: .internalError
    }
  }
}
