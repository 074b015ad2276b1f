import Foundation
import Subprocess

/// `examples/publish.py`, where python3 is installed with pyzmq.
public enum PythonPublisher {
  /// What a run of it came to.
  public struct Run: Sendable {
    /// The exit status; nil where a signal ended it.
    public var status: Int32?
    /// What it wrote to standard output: how many events were stored, duplicates and rejected, as JSON.
    public var output: String
    /// What it wrote to standard error.
    public var errors: String
  }

  /// For `.enabled(if:)`.
  public static let isAvailable: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import zmq"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Why a test that needs it is skipped.
  public static let unavailable = "python3 with pyzmq is not installed"

  /// Publishes events, one a line.
  ///
  /// - Parameter environment: says where the bus is.
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
