import LaunchModel

/// Why a command ends with something else than success, in words for stderr.
struct GatewayError: Error, Sendable, Hashable {
  var status: ExitStatus
  /// Each a sentence of its own, printed as an error.
  var messages: [String]
  /// Lines before them, each a fault with its place, as compilers print them.
  var faults: [String]

  init(_ status: ExitStatus, _ messages: [String], faults: [String] = []) {
    self.status = status
    self.messages = messages
    self.faults = faults
  }

  init(_ status: ExitStatus, _ message: String) { self.init(status, [message]) }
}

/// A call that a service refused, or that never reached it.
struct CallError: Error, Sendable, Hashable {
  var service: ServiceName
  var problem: Problem
  /// Whether the bus could say what the call must come after; without that, something that is not found may only not
  /// have arrived yet.
  var busAnswered = true
}

extension GatewayError {
  init(_ failure: CallError) {
    self.init(failure.problem, busAnswered: failure.busAnswered)
    if failure.problem.code == "unreachable" {
      messages = messages.map { "\(failure.service.rawValue) is not up: \($0); gonogo up starts it" }
    }
  }

  /// A call that a service refused; faults that its detail tells the first of are each an error instead of it.
  init(_ problem: Problem, busAnswered: Bool = true) {
    let faults = problem.errors.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" }
    if let first = faults.first, problem.detail.hasPrefix(first) {
      self.init(ExitStatus(problem, busAnswered: busAnswered), faults)
      return
    }
    var message = problem.detail.isEmpty ? problem.title : problem.detail
    if problem.kind == .notFound, !busAnswered {
      message += " (the bus does not answer: it may not have arrived yet)"
    }
    self.init(ExitStatus(problem, busAnswered: busAnswered), [message], faults: faults)
  }

  /// A document that a service or a reader refused: each fault as `FILE:LINE: /pointer: reason`.
  init(_ problem: Problem, file: String) {
    guard !problem.errors.isEmpty else {
      self.init(problem)
      messages = messages.map { "\(file): \($0)" }
      return
    }
    let count = problem.errors.count
    self.init(
      ExitStatus(problem), ["\(file) has \(count == 1 ? "a fault" : "\(count) faults"); nothing was changed"],
      faults: problem.errors.map { fault in
        let place = [file, fault.line.map(String.init)].compactMap(\.self).joined(separator: ":")
        return [place, fault.pointer, fault.detail].filter { !$0.isEmpty }.joined(separator: ": ")
      })
  }
}
