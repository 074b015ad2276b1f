import Foundation
import Subprocess

/// Runs `examples/publish.py`, if python3 with pyzmq is installed.
public enum PythonPublisher {
  /// The result of a run.
  public struct Run: Sendable {
    /// The exit status; nil if a signal ended the run.
    public var status: Int32?
    /// The standard output: the numbers of stored, duplicate and rejected events, as JSON.
    public var output: String
    /// The standard error.
    public var errors: String
  }

  /// Whether python3 with pyzmq is installed; for `.enabled(if:)`.
  public static let isAvailable: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import zmq"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// The reason for skipping a test that needs it.
  public static let unavailable = "python3 with pyzmq is not installed"

  /// Publishes events, one per line.
  ///
  /// - Parameter environment: the environment variables that locate the bus.
  public static func publish(_ lines: [[UInt8]], environment: [String: String]) async throws -> Run {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../examples/publish.py")
    let variables = environment.compactMap { name, value in
      Environment.Key(rawValue: name).map { ($0, value as String?) }
    }
    let result = try await Subprocess.run(
      .name("python3"), arguments: [script.standardized.path],
      environment: .inherit.updating(Dictionary(variables) { $1 }),
      input: .array(Array(lines.joined(separator: [0x0a]))), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    let status: Int32? =
      switch result.terminationStatus {
      case .exited(let code): Int32(code)
      case .signaled: nil
      }
    return Run(status: status, output: result.standardOutput, errors: result.standardError)
  }
}
