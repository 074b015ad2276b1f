import Foundation
import Subprocess

/// Runs a Python script whose answer a test compares with ours.
public enum PythonOracle {
  /// Whether python3 can import this package, of that major version or a later one; for `.enabled(if:)`.
  public static func has(_ package: String, from major: Int = 0) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let check = "import \(package); assert int(getattr(\(package), '__version__', '0').split('.')[0]) >= \(major)"
    process.arguments = ["python3", "-c", check]
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
    guard result.terminationStatus == .exited(0) else { throw OracleError(said: result.standardError) }
    return result.standardOutput
  }

  struct OracleError: Error {
    var said: String
  }
}
