import Foundation
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite("Questions about the record by the command line")
struct RecordTests {
  @Test(
    "What is asked of the record and is not there is bad input, and what is done to it is named",
    .timeLimit(.minutes(5)))
  func record() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      let unknown = try await gonogo.run("audit", "verify", "nothing-of-that-name")
      #expect(unknown.status == ExitStatus.badInput.rawValue)
      #expect(unknown.errors.contains("no service has anything on record about nothing-of-that-name"))
      let event = #"{"specversion":"1.0","id":"1","source":"//x/","type":"com.example.seen"}"#
      try Data("\(event)\n{}\n".utf8).write(to: URL(filePath: "\(gonogo.folder)/events.ndjson"))
      #expect(try await gonogo.run("event", "publish", "events.ndjson").output.contains("2 events: 1 stored"))
      for words in [["show", "999"], ["tail", "--after", "999", "--no-follow"]] {
        let past = try await gonogo.run(words: ["event"] + words)
        #expect(past.status == ExitStatus.badInput.rawValue)
        #expect(past.errors.contains("999: the log's head is "), "\(past.errors)")
      }
    }
  }
}
