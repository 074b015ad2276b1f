import Foundation
import TestSupport
import Testing

@testable import Gateway

@Suite("Files that --out and --export name")
struct OutputFileTests {
  @Test("A file is written, and replaced only on request")
  func written() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/report.md"
      try OutputFile(path, option: "--out", overwrites: false).write("first")
      let error = #expect(throws: GatewayError.self) {
        _ = try OutputFile(path, option: "--out", overwrites: false)
      }
      #expect(error?.status == .conflict)
      try OutputFile(path, option: "--out", overwrites: true).write("second")
      let content = try String(contentsOf: URL(filePath: path), encoding: .utf8)
      #expect(content == "second")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names == ["report.md"])
    }
  }

  @Test("A folder that is missing, or a folder in the file's place, is a failure of the output (74)")
  func unwritable() async throws {
    try await withTemporaryFolder { folder in
      for path in ["\(folder)/missing/report.md", folder] {
        let file = try OutputFile(path, option: "--export", overwrites: true)
        let error = #expect(throws: GatewayError.self) { try file.write("x") }
        #expect(error?.status == .outputFailed)
        #expect(error?.status.rawValue == 74)
        #expect(error?.messages.first?.hasPrefix("cannot write \(path): ") == true)
      }
    }
  }

  @Test("A path that names no file is bad input", arguments: ["", "/", "..", "folder/."])
  func nameless(path: String) {
    let error = #expect(throws: GatewayError.self) { _ = try OutputFile(path, option: "--out", overwrites: true) }
    #expect(error == GatewayError(.badInput, "--out \"\(path)\" is not the name of a file"))
  }
}
