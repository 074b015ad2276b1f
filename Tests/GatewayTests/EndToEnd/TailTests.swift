import Foundation
import Glibc
import JSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

@Suite("Reading events from the command line", .serialized)
struct TailTests {
  private static func event(_ id: Int) -> String {
    #"{"specversion":"1.0","id":"\#(id)","source":"//x/","type":"com.example.seen","data":{"text":"a\#u{2028}b\#u{202E}"}}"#
  }

  private static func publish(_ ids: ClosedRange<Int>, _ gonogo: GatewayProcess) async throws {
    let lines = ids.map(event).joined(separator: "\n")
    try Data(lines.utf8).write(to: URL(filePath: "\(gonogo.folder)/events.ndjson"))
    try await gonogo.succeed("event", "publish", "events.ndjson")
  }

  /// The ids of printed events, from `--offsets -o json`.
  private static func ids(_ output: String) throws -> [String] {
    try output.split(separator: "\n").map { line in
      let value = try JSONValue(parsing: Array(line.utf8))
      #expect(value["offset"]?.integerValue ?? 0 > 0 && value["storedAt"]?.stringValue?.hasSuffix("Z") == true)
      return value["event"]?["id"]?.stringValue ?? "?"
    }
  }

  private static let filter = ["--type", "com.example.", "-o", "json", "--no-follow"]

  @Test("Each event is printed with its offset, byte for byte as it was published", .timeLimit(.minutes(5)))
  func offsets() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      try await Self.publish(1...3, gonogo)
      let plain = try await gonogo.run(words: ["event", "tail", "--after", "0"] + Self.filter)
      #expect(plain.output == (1...3).map { Self.event($0) + "\n" }.joined())
      let placed = try await gonogo.run(words: ["event", "tail", "--after", "0", "--offsets"] + Self.filter)
      let lines = placed.output.split(separator: "\n")
      #expect(lines.count == 3)
      for (index, line) in lines.enumerated() {
        #expect(line.hasPrefix(#"{"offset":"#) && line.hasSuffix(#","event":\#(Self.event(index + 1))}"#), "\(line)")
      }
    }
  }

  @Test("A consumer continues where its output ended, and lost output is printed again", .timeLimit(.minutes(5)))
  func consumer() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      try await Self.publish(1...3, gonogo)
      let words = ["event", "tail", "--consumer", "copy", "--offsets"] + Self.filter
      #expect(try Self.ids(try await gonogo.run(words: words + ["--after", "0"]).output) == ["1", "2", "3"])
      try await Self.publish(4...5, gonogo)
      let lost = try await gonogo.run(words: words, into: "/dev/full")
      #expect(lost.status == ExitStatus.outputFailed.rawValue, "\(lost.errors)")
      #expect(try Self.ids(try await gonogo.run(words: words).output) == ["4", "5"])
      #expect(try await gonogo.run(words: words).output.isEmpty)
      let reserved = try await gonogo.run(words: ["event", "tail", "--consumer", "Copy"] + Self.filter)
      #expect(reserved.status == ExitStatus.badInput.rawValue, "\(reserved.errors)")
    }
  }

  @Test("If the bus goes away, the command waits, and continues where it stopped", .timeLimit(.minutes(5)))
  func reconnecting() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      try await Self.publish(1...1, gonogo)
      let output = "\(gonogo.folder)/tail.ndjson"
      let errors = "\(gonogo.folder)/tail.log"
      let process = Process()
      process.executableURL = URL(filePath: BuiltProducts.executable("gonogo"))
      process.arguments = ["event", "tail", "--after", "0", "--type", "com.example.", "--offsets", "-o", "json"]
      process.currentDirectoryURL = URL(filePath: gonogo.folder)
      for path in [output, errors] { #expect(FileManager.default.createFile(atPath: path, contents: nil)) }
      process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
      process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
      try process.run()
      defer { process.terminate() }
      func waitForEvents(_ expected: [String]) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while try Self.ids(try String(contentsOfFile: output, encoding: .utf8)) != expected {
          guard ContinuousClock.now < deadline else {
            Issue.record("expected \(expected): \(try String(contentsOfFile: errors, encoding: .utf8))")
            return
          }
          // The command polls the bus; this waits for its next line.
          try await Task.sleep(for: .milliseconds(50))
        }
      }
      try await waitForEvents(["1"])
      try await gonogo.succeed("down")
      try await gonogo.succeed("up", "--detach")
      try await Self.publish(2...2, gonogo)
      try await waitForEvents(["1", "2"])
      #expect(process.isRunning)
      let log = try String(contentsOfFile: errors, encoding: .utf8)
      #expect(log.contains("warning: waiting for the bus: "), "\(log)")
    }
  }
}
