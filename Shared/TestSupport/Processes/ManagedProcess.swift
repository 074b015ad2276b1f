import Foundation
import Messaging
import Subprocess
import Synchronization
import SystemPackage

/// One process under test, from its start to its end.
final class ManagedProcess: Sendable {
  /// How it ended.
  enum CommandOutcome: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
    case notStarted(String)
  }

  private struct State {
    var pid: Int32?
    var ending: CommandOutcome?
  }

  private let executable: String
  private let arguments: [String]
  private let environment: [String: String]
  private let logFile: String
  private let state = Mutex(State())
  private let ended = MonotonicCounter()

  init(executable: String, arguments: [String] = [], environment: [String: String], logFile: String) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.logFile = logFile
  }

  /// Nil before the start and after the end.
  var pid: Int32? { state.withLock { $0.ending == nil ? $0.pid : nil } }
  var ending: CommandOutcome? { state.withLock { $0.ending } }

  /// Starts the process and returns when it has ended.
  func run() async {
    let ending: CommandOutcome
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
      ending =
        switch result.terminationStatus {
        case .exited(let code): .exited(Int32(code))
        case .signaled(let signal): .signalled(Int32(signal))
        }
    } catch {
      ending = .notStarted("\(error)")
    }
    state.withLock { $0.ending = ending }
    ended.advance(to: 1)
  }

  /// Sends a signal, where the process still runs.
  func send(_ signal: Int32) {
    state.withLock { state in
      if state.ending == nil, let pid = state.pid { _ = kill(pid, signal) }
    }
  }

  /// Waits for the end; false where that takes longer.
  func waitForEnd(within limit: Duration) async throws -> Bool { try await ended.wait(for: 1, until: .now + limit) }
}
