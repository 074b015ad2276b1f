import JSON
import LaunchModel

/// The exit statuses of the process, for scripts (docs/cli.md).
enum ExitStatus: Int32, Sendable, Hashable, CaseIterable {
  case success = 0
  /// The answer is no: a closed gate, a broken audit chain, a failed check.
  case no = 1
  case usage = 64
  case badInput = 65
  /// A service is unreachable or cannot answer, so the result is unknown.
  case unavailable = 69
  /// Standard output, or a file that the command was to write, could not be written.
  case outputFailed = 74
  case timedOut = 75
  case conflict = 76
  case forbidden = 77

  /// The status for a call that failed with the problem; for `busAnswered` see `CallError`.
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

/// What a command does with a document that it was given.
enum DocumentPurpose: Sendable {
  /// It computes or shows something, and stores nothing.
  case reading
  /// It asks a service to store a change.
  case change
}

/// Why a command did not succeed.
struct GatewayError: Error, Sendable, Hashable {
  var status: ExitStatus
  /// The messages, each printed to stderr as an error; empty if the command's output is the whole answer.
  var messages: [String]
  /// The faulty places in an input, printed before the messages, one per line, in the format of compilers.
  var faults: [String]

  init(_ status: ExitStatus, _ messages: [String] = [], faults: [String] = []) {
    self.status = status
    self.messages = messages
    self.faults = faults
  }

  init(_ status: ExitStatus, _ message: String) { self.init(status, [message]) }
}

/// The failure of a call: a service refused it, or it never reached the service.
struct CallError: Error, Sendable, Hashable {
  var service: ServiceName
  var problem: Problem
  /// Whether the bus returned the offset that the call had to wait for. If it did not, a result of "not found" may only
  /// mean that the data has not arrived yet.
  var busAnswered = true
}

extension GatewayError {
  /// Converts any error of a command; returns nil for ArgumentParser's errors.
  init?(describing error: any Error) {
    switch error {
    case let error as GatewayError: self = error
    case let error as CallError: self.init(error)
    case let error as JSONError:
      self.init(.unavailable, "cannot read the service's answer: \(error.pointer) \(error.detail)")
    case is CancellationError: self.init(.timedOut, "interrupted")
    default: return nil
    }
  }

  init(_ failure: CallError) {
    self.init(failure.problem, busAnswered: failure.busAnswered)
    if failure.problem.code == "unreachable" {
      messages = messages.map { "\(failure.service.rawValue) is not running: \($0); start it with gonogo up" }
    } else if failure.problem.code == "not-answering" {
      messages = messages.map { "\(failure.service.rawValue) does not answer: \($0)" }
    }
  }

  /// The error for a call that a service refused. Field errors replace the detail if it only repeats the first of them.
  init(_ problem: Problem, busAnswered: Bool = true) {
    let faults = problem.errors.map(\.description)
    if let first = problem.errors.first, problem.detail.hasPrefix(first.located) {
      self.init(ExitStatus(problem, busAnswered: busAnswered), faults)
      return
    }
    var message = problem.detail.isEmpty ? problem.title : problem.detail
    if problem.kind == .notFound, !busAnswered {
      message += " (bus unreachable: it may not have arrived yet)"
    }
    self.init(ExitStatus(problem, busAnswered: busAnswered), [message], faults: faults)
  }

  /// The error for a refused call about items. Its field errors name the items, and omit the JSON Pointers, which refer
  /// to parameters that the user did not write.
  init(ofItems problem: Problem, busAnswered: Bool = true) {
    var problem = problem
    let isRepeated = problem.errors.first.map { problem.detail.hasPrefix($0.located) } ?? false
    problem.errors = problem.errors.map { error in
      error.isAboutActor ? error : FieldError(pointer: "", line: error.line, detail: error.detail)
    }
    if isRepeated { problem.detail = problem.errors.first?.located ?? problem.detail }
    self.init(problem, busAnswered: busAnswered)
  }

  /// A document that a service or a reader refused: each error as `FILE:LINE: /pointer: reason`.
  ///
  /// - Parameter purpose: what the command does with the document. Only one that changes something says that it did
  ///   not.
  init(_ problem: Problem, file: String, for purpose: DocumentPurpose = .reading) {
    guard !problem.errors.contains(where: \.isAboutActor) else {
      self.init(problem)
      return
    }
    guard !problem.errors.isEmpty else {
      self.init(problem)
      messages = messages.map { "\(file): \($0)" }
      return
    }
    let consequence = purpose == .change ? "; nothing was changed" : ""
    self.init(
      ExitStatus(problem), ["\(file) has \(counted(problem.errors.count, "error"))\(consequence)"],
      faults: problem.errors.map { fault in
        let place = [file, fault.line.map(String.init)].compactMap(\.self).joined(separator: ":")
        return [place, fault.pointer, fault.detail].filter { !$0.isEmpty }.joined(separator: ": ")
      })
  }
}

extension Problem {
  /// Whether the failure may be temporary, so that a command that follows something waits and tries again.
  var mayPass: Bool {
    switch kind {
    case .unavailable, .busy, .expired: true
    default: retryable
    }
  }
}

extension FieldError {
  /// The error with its location, in the form that the details of problems repeat.
  fileprivate var located: String { pointer.isEmpty ? detail : "\(pointer): \(detail)" }

  /// Whether it is about the person named by `--on-behalf-of`.
  fileprivate var isAboutActor: Bool { pointer == "/_meta/onBehalfOf" }

  /// The error in the form in which it is printed; for the person on whose behalf the caller acts, `--on-behalf-of
  /// lena: not on the roster`.
  fileprivate var description: String {
    guard isAboutActor else { return located }
    let fault = detail.replacing(" is not on the roster", with: ": not on the roster")
    return "--on-behalf-of \(fault) (gonogo roster show)"
  }
}
