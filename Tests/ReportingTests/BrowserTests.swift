import Foundation
import Reporting
import Subprocess
import TestSupport
import Testing

/// `Tests/Outside/report_page.py` looks at the page in headless Chromium.
@Suite(
  "Reports in a browser",
  .enabled(if: Browser.isAvailable, "needs Chromium, and the Python package playwright"), .timeLimit(.minutes(5)),
  .serialized)
struct BrowserTests {
  @Test("The curve is at its place on the axes, and all text is legible at both widths, in light and dark mode")
  func page() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gonogo-report-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let report = SampleLaunch.report()
    let (page, value) = (folder.appending(path: "report.html"), folder.appending(path: "report.json"))
    try Data(try report.text(as: .html).utf8).write(to: page)
    try Data(try report.text(as: .json).utf8).write(to: value)
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Outside/report_page.py").path
    let result = try await Subprocess.run(
      .name("python3"), arguments: [script, page.path, value.path], output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)\(result.standardError)")
  }
}

private enum Browser {
  static let isAvailable = PythonOracle.succeeds(
    """
    import os, shutil, playwright.sync_api
    assert os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    """)
}
