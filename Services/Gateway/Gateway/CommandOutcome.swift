import ArgumentParser
import JSON

/// How a command that threw ends: what is said, where, and the exit status.
struct CommandOutcome: Sendable, Hashable {
  var status: Int32
  /// For stderr, or for stdout where it is what was asked for, as a help page.
  var text: String
  var isAsked = false

  init(_ error: any Error) {
    switch error {
    case let code as ExitCode: self.init(status: code.rawValue, text: "")
    case let failure as GatewayError: self.init(failure)
    case let failure as CallError: self.init(GatewayError(failure))
    case let error as JSONError:
      self.init(GatewayError(.unavailable, "a service's answer cannot be read: \(error.pointer) \(error.detail)"))
    case is CancellationError: self.init(GatewayError(.timedOut, "interrupted"))
    default:
      // Whatever the parser throws: faults of usage, help, version, completion scripts.
      let status = Gonogo.exitCode(for: error).rawValue
      self.init(status: status, text: Gonogo.fullMessage(for: error) + "\n", isAsked: status == 0)
    }
  }

  init(_ failure: GatewayError) {
    let lines = failure.faults + failure.messages.map { "error: \($0)" }
    self.init(status: failure.status.rawValue, text: lines.map { $0 + "\n" }.joined())
  }

  private init(status: Int32, text: String, isAsked: Bool = false) {
    self.status = status
    self.text = text
    self.isAsked = isAsked
  }

  /// Says it.
  ///
  /// - Returns: the exit status.
  func report() -> Int32 {
    Terminal(descriptor: isAsked ? 1 : 2, allowsColour: false, environment: .current).write(text)
    return status
  }
}
