import Foundation
import Messaging
import Subprocess
import Synchronization
import SystemPackage

/// A process under test, from its start to its termination.
final class ManagedProcess: Sendable {
  /// How the process terminated.
  enum Termination: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
    case notStarted(String)
  }

  private struct State {
    var pid: Int32?
    var termination: Termination?
  }

  private let executable: String
  private let arguments: [String]
  private let environment: [String: String]
  private let logFile: String
  private let state = Mutex(State())
  private let exited = MonotonicCounter()

  init(executable: String, arguments: [String] = [], environment: [String: String], logFile: String) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.logFile = logFile
  }

  /// The process id; nil before the start and after the termination.
  var pid: Int32? { state.withLock { $0.termination == nil ? $0.pid : nil } }
  /// How the process terminated; nil until it has.
  var termination: Termination? { state.withLock { $0.termination } }

  /// Runs the process, and returns when it has terminated.
  func run() async {
    let termination: Termination
    do {
      let log = try FileDescriptor.open(
        FilePath(logFile), .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
      let variables = environment.compactMap { name, value in
        Environment.Key(rawValue: name).map { ($0, value as String?) }
      }
      let result = try await Subprocess.run(
        .path(FilePath(executable)), arguments: Arguments(arguments),
        environment: .inherit.updating(Dictionary(variables) { $1 }), input: .none, output: .discarded,
        error: .fileDescriptor(log, closeAfterSpawningProcess: true)
      ) { execution in
        state.withLock { $0.pid = execution.processIdentifier.value }
      }
      termination =
        switch result.terminationStatus {
        case .exited(let code): .exited(Int32(code))
        case .signaled(let signal): .signalled(Int32(signal))
        }
    } catch {
      termination = .notStarted("\(error)")
    }
    state.withLock { $0.termination = termination }
    exited.advance(to: 1)
  }

  /// Sends a signal if the process is still running.
  func send(_ signal: Int32) {
    state.withLock { state in
      if state.termination == nil, let pid = state.pid { _ = kill(pid, signal) }
    }
  }

  /// Waits until the process has terminated; returns false if it takes longer than the limit.
  func waitForExit(within limit: Duration) async throws -> Bool { try await exited.wait(for: 1, until: .now + limit) }
}
