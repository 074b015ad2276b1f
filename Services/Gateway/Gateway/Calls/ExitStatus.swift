import LaunchModel

/// What the process ends with, for scripts (contract.md, section 6).
enum ExitStatus: Int32, Sendable, Hashable, CaseIterable {
  case success = 0
  /// The answer is no: a closed gate, a broken audit chain, a check that failed.
  case no = 1
  case usage = 64
  case badInput = 65
  /// A service cannot be reached or cannot answer, so that nothing is known.
  case unavailable = 69
  case timedOut = 75
  case conflict = 76
  case forbidden = 77

  /// The status of a call that failed so; see `CallError` for `busAnswered`.
  init(_ problem: Problem, busAnswered: Bool = true) {
    switch problem.kind {
    case .notFound: self = busAnswered ? .badInput : .unavailable
    case .parseError, .invalidRequest, .invalidParams, .invalid, .tooLarge: self = .badInput
    case .conflict: self = problem.isTampering ? .no : .conflict
    case .forbidden: self = .forbidden
    case .expired, .busy: self = .timedOut
    case .unavailable: self = problem.code == "timed-out" ? .timedOut : .unavailable
    case .methodNotFound, .internalError: self = .unavailable
    }
  }
}
