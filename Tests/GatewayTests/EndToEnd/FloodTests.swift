import Foundation
import Subprocess
import TestSupport
import Testing

/// `Tests/Outside/floods.py` attacks the built executables from outside; these are its short forms.
@Suite("Floods", .enabled(if: PythonOracle.succeeds("import resource")), .timeLimit(.minutes(10)), .serialized)
struct FloodTests {
  @Test(
    "Services keep working when peers take all connections, do not read, or do not finish messages",
    arguments: ["descriptors", "memory"])
  func holds(attack: String) async throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Outside/floods.py").path
    let result = try await Subprocess.run(
      .name("python3"), arguments: [script, "--bin", BuiltProducts.folder, "--short", attack],
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)\n\(result.standardError)")
  }
}
