import Foundation
import Subprocess

/// Runs Python scripts whose output tests compare with ours.
public enum PythonOracle {
  /// Returns whether python3 can import the package in at least the major version; for `.enabled(if:)`.
  public static func has(_ package: String, from major: Int = 0) -> Bool {
    succeeds("import \(package); assert int(getattr(\(package), '__version__', '0').split('.')[0]) >= \(major)")
  }

  /// Returns whether python3 runs the script without an error; for `.enabled(if:)`.
  public static func succeeds(_ script: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// Runs the script with the input, and returns its standard output.
  ///
  /// - Throws: `OracleError` with its standard error if it fails.
  public static func run(_ script: String, input: [UInt8]) async throws -> String {
    let result = try await Subprocess.run(
      .name("python3"), arguments: ["-c", script], input: .array(input), output: .string(limit: 1 << 24),
      error: .string(limit: 1 << 20))
    guard result.terminationStatus == .exited(0) else { throw OracleError(standardError: result.standardError) }
    return result.standardOutput
  }

  struct OracleError: Error {
    var standardError: String
  }
}
