import Foundation
import TestSupport
import Testing

/// Runs the examples of the pages. With `GONOGO_SHOW_PAGES=1` it also prints the output of each.
@Suite("The examples of the pages print what the pages show", .serialized)
struct PageExamplesTests {
  @Test("README.md", .timeLimit(.minutes(15)))
  func readme() async throws { try await check("README.md") }

  @Test(
    "docs/tutorial.md", .timeLimit(.minutes(15)),
    .enabled(if: PythonPublisher.isAvailable, "\(PythonPublisher.unavailable)"))
  func tutorial() async throws { try await check("docs/tutorial.md") }

  private func check(_ path: String) async throws {
    let page = try DocumentationPage(path)
    #expect(page.examples.count > 3, "\(path) has its examples in the form that this test looks for")
    let transcript =
      switch StorageEngine.standard {
      case .sqlite: try await page.run()
      case .postgreSQL: try await withPostgreSQLDatabase { try await page.run(databaseURL: $0) }
      }
    if ProcessInfo.processInfo.environment["GONOGO_SHOW_PAGES"] == "1" {
      for (example, output) in zip(page.examples, transcript.outputs) {
        try FileHandle.standardOutput.write(contentsOf: Data("=== \(path):\(example.line)\n\(output)".utf8))
      }
    }
    for problem in page.problems(in: transcript) {
      let file = DocumentationPage.repository.appending(path: path)
      Issue.record(
        "\(problem.description)",
        sourceLocation: SourceLocation(
          fileID: "GatewayTests/\(file.lastPathComponent)", filePath: file.path, line: problem.line, column: 1))
    }
  }
}
