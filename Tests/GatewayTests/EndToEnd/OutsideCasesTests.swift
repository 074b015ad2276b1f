import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The cases that were found from outside: the folder `GONOGO_TEST_CASES`, or else `shared/cases` next to the repository or
/// further up.
enum OutsideCases {
  static let folder: String? = {
    if let folder = ProcessInfo.processInfo.environment["GONOGO_TEST_CASES"] { return folder }
    var ancestor = URL(filePath: #filePath).deletingLastPathComponent()
    while ancestor.path != "/" {
      let candidate = ancestor.appending(path: "shared/cases").path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
      ancestor.deleteLastPathComponent()
    }
    return nil
  }()

  static let unavailable: Comment = "needs the cases found from outside; set GONOGO_TEST_CASES to their folder"

  static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Outside/cases.py").standardized.path
}

@Suite("Cases found by external testing", .serialized)
struct OutsideCasesTests {
  @Test(
    "Each case has the result that its README expects",
    .enabled(if: OutsideCases.folder != nil, OutsideCases.unavailable),
    .timeLimit(.minutes(10)), arguments: ["01", "02", "03", "05", "07", "08", "09", "10", "11", "13", "15", "16"])
  func cases(number: String) async throws {
    let folder = try #require(OutsideCases.folder)
    let programs = FilePath(BuiltProducts.executable("gonogo")).removingLastComponent().string
    let result = try await Subprocess.run(
      .name("python3"), arguments: [OutsideCases.script, programs, folder, number], output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)\(result.standardError)")
  }
}
