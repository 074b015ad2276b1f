import Foundation
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite("Querying the event log and audit on the command line")
struct RecordTests {
  @Test(
    "A missing launch or event is bad input, and quarantine commands name what they changed",
    .timeLimit(.minutes(5)))
  func record() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      let unknown = try await gonogo.run("audit", "verify", "nothing-of-that-name")
      #expect(unknown.status == ExitStatus.badInput.rawValue)
      #expect(unknown.errors.contains("no service has a record of nothing-of-that-name"))
      let event = #"{"specversion":"1.0","id":"1","source":"//x/","type":"com.example.seen"}"#
      try Data("\(event)\n{}\n".utf8).write(to: URL(filePath: "\(gonogo.folder)/events.ndjson"))
      #expect(try await gonogo.run("event", "publish", "events.ndjson").output.contains("2 events: 1 stored"))
      let doctor = try await gonogo.run("doctor").output
      #expect(doctor.contains("anyone with this uid can publish as a service"), "\(doctor)")
      let status = try await gonogo.succeed("ps", "-o", "json").json()
      let lags = status["services"]?.arrayValue?.compactMap { $0["lag"]?.integerValue }
      #expect(lags == [0, 0, 0, 0], "the lag is current, even for services that ignore the event")
      for words in [["show", "999"], ["tail", "--after", "999", "--no-follow"]] {
        let past = try await gonogo.run(words: ["event"] + words)
        #expect(past.status == ExitStatus.badInput.rawValue)
        #expect(past.errors.contains("999: the log's head is "), "\(past.errors)")
      }
      try await Self.quarantine(gonogo)
    }
  }

  private static func quarantine(_ gonogo: GatewayProcess) async throws {
    let list = try await gonogo.succeed("event", "quarantine", "list", "-o", "json").json()
    let id = try #require(list["entries"]?.arrayValue?.first?["id"]?.integerValue)
    let retried = try await gonogo.succeed("event", "quarantine", "retry", "\(id)")
    #expect(retried.output.contains("rejected again: "), "\(retried.output)")
    let absent = try await gonogo.run("event", "quarantine", "discard", "\(id)", "998")
    #expect(absent.status == ExitStatus.badInput.rawValue)
    #expect(absent.errors.contains("not in quarantine: 998; nothing was changed"))
    let discarded = try await gonogo.succeed("event", "quarantine", "discard", "\(id)")
    #expect(discarded.output.contains("bus") && discarded.output.contains("discarded"))
    #expect(try await gonogo.succeed("event", "quarantine", "list", "-o", "json").json()["total"] == 0)
  }
}
