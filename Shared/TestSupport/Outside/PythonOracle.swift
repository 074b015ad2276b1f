import Foundation
import Subprocess

/// Runs a Python script whose answer a test compares with ours.
public enum PythonOracle {
  /// Whether python3 can import these packages; for `.enabled(if:)`.
  public static func has(_ packages: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import " + packages.joined(separator: ", ")]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// What the script writes when it is given the input.
  ///
  /// - Throws: where it ends with anything else than success, what it said.
  public static func run(_ script: String, input: [UInt8]) async throws -> String {
    let result = try await Subprocess.run(
      .name("python3"), arguments: ["-c", script], input: .array(input), output: .string(limit: 1 << 24),
      error: .string(limit: 1 << 20))
    guard result.terminationStatus == .exited(0) else { throw OracleFailure(said: result.standardError) }
    return result.standardOutput
  }

  struct OracleFailure: Error {
    var said: String
  }
}
