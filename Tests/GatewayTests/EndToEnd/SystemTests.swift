import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite("Running the system from the command line", .serialized)
struct SystemTests {
  @Test("If nothing is running, commands report it with the exit status for unavailable", .timeLimit(.minutes(2)))
  func down() async throws {
    try await withSampleInstallation { gonogo in
      let list = try await gonogo.run("launch", "list")
      #expect(list.status == ExitStatus.unavailable.rawValue)
      #expect(list.output.isEmpty)
      #expect(list.errors.contains("tiering is not running"))
      let gate = try await gonogo.run("gate", "smart-routing")
      #expect(gate.status == ExitStatus.unavailable.rawValue)
      #expect(gate.errors.contains("unknown whether smart-routing may ship"))
      let listed = try await gonogo.run("ps", "-o", "json")
      #expect(listed.status == ExitStatus.no.rawValue, "something is wrong")
      #expect(try await gonogo.run("doctor").status == ExitStatus.no.rawValue)
      let status = try listed.json()
      #expect(status["services"]?.arrayValue?.count == 5)
      #expect(status["services"]?.arrayValue?.allSatisfy { $0["status"] == "down" } == true)
      #expect(try await gonogo.run("down").errors.contains("nothing is running"))
    }
  }

  @Test("Services are listed, started once, restarted after a crash, and stopped together", .timeLimit(.minutes(5)))
  func supervision() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      #expect(try await gonogo.run("up", "--detach").status == ExitStatus.conflict.rawValue)
      let before = try await Self.services(gonogo)
      #expect(before.values.allSatisfy { $0 > 0 } && before.count == 5)
      let victim = try #require(before["tiering"])
      #expect(kill(victim, SIGKILL) == 0)
      var now = try await Self.services(gonogo)
      while now["tiering"] == nil || now["tiering"] == victim { now = try await Self.services(gonogo) }
      #expect(now["bus"] == before["bus"])
      #expect(kill(try #require(before["review"]), SIGSTOP) == 0)
      #expect(try await gonogo.run("ps").status == ExitStatus.no.rawValue, "one service does not answer")
      #expect(kill(try #require(before["review"]), SIGCONT) == 0)
      #expect(try await gonogo.run("launch", "list").status == 0)
      try await gonogo.succeed("down")
      #expect(now.values.allSatisfy { ProcessRecord(pid: $0) == nil })
    }
  }

  @Test("Processes left by a killed supervisor are stopped", .timeLimit(.minutes(5)))
  func orphans() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      let status = try await gonogo.succeed("ps", "-o", "json").json()
      let supervisor = try #require(status["supervisor"]?.integerValue.map { Int32($0) })
      let services = try await Self.services(gonogo)
      #expect(kill(supervisor, SIGKILL) == 0)
      // The kernel ends it a little later, and with it its lock.
      let deadline = ContinuousClock.now + .seconds(10)
      while ProcessRecord(pid: supervisor) != nil, .now < deadline { await Task.yield() }
      let again = try await gonogo.run("up", "--detach")
      #expect(again.status == ExitStatus.conflict.rawValue)
      #expect(again.errors.contains("already running without a supervisor: "), "\(again.errors)")
      #expect(try await Self.services(gonogo) == services, "running services are left alone")
      try await gonogo.succeed("down")
      #expect(services.values.allSatisfy { ProcessRecord(pid: $0) == nil })
    }
  }

  @Test(
    "Events from a file are acknowledged one by one, with rejected ones named and repeated ones counted",
    .timeLimit(.minutes(5)))
  func publishing() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      let event = #"{"specversion":"1.0","id":"1","source":"//x/","type":"com.example.seen","data":{}}"#
      let other = #"{"specversion":"1.0","id":"2","source":"//x/","type":"com.example.seen"}"#
      let lines = [event, "", other, event, #"{"id":"3"}"#, "{", other.replacing("seen", with: "heard")]
      try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: "\(gonogo.folder)/events.ndjson"))
      let first = try await gonogo.run("event", "publish", "events.ndjson", "-o", "json")
      #expect(first.status == ExitStatus.badInput.rawValue)
      #expect(try first.json() == ["read": 6, "stored": 2, "duplicate": 1, "rejected": 3])
      let places = first.errors.split(separator: "\n").compactMap { $0.split(separator: ": ").first }
      #expect(places == ["events.ndjson:5", "events.ndjson:6", "events.ndjson:7"])
      let again = try await gonogo.run("event", "publish", "events.ndjson", "-o", "json")
      #expect(try again.json() == ["read": 6, "stored": 0, "duplicate": 3, "rejected": 3])
      let tail = try await gonogo.succeed(
        "event", "tail", "--after", "0", "--type", "com.example.", "--no-follow", "-o", "json")
      #expect(tail.output == "\(event)\n\(other)\n")
    }
  }

  @Test(
    "A misspelt signal is stored with a warning that suggests the likely type and that doctor repeats",
    .timeLimit(.minutes(5)))
  func unknownSignals() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      let lines = ["feature.usd.v1", "feature.usd.v1", "feature.used.v1"].enumerated().map { index, name in
        #"{"specversion":"1.0","id":"\#(index)","source":"//x/","type":"dev.gonogo.signal.\#(name)","data":{"feature":"f","account":"a"}}"#
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: "\(gonogo.folder)/events.ndjson"))
      let published = try await gonogo.succeed("event", "publish", "events.ndjson", "-o", "json")
      #expect(try published.json() == ["read": 3, "stored": 3, "duplicate": 0, "rejected": 0])
      let warnings = published.errors.split(separator: "\n").filter { $0.contains("unknown-signal") }
      #expect(warnings.count == 1, "\(published.errors)")
      #expect(warnings.first?.contains(#"did you mean "dev.gonogo.signal.feature.used.v1""#) == true, "\(warnings)")
      let doctor = try await gonogo.run("doctor", "-o", "json").json()
      let check = doctor["checks"]?.arrayValue?.first { $0["name"] == "signals" }
      #expect(check?["verdict"] == "warn")
      #expect(
        check?["detail"]?.stringValue?.contains("2 events of type dev.gonogo.signal.feature.usd.v1") == true,
        "\(check ?? nil)")
    }
  }

  @Test("Every error in a file is reported, and nothing is stored", .timeLimit(.minutes(5)))
  func errors() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      let text = "launch: bad\nname: Bad\nownr: dana\ndate: 2027-02-30\nfacts:\n  kinds: [new-surfaces]\n"
      try Data(text.utf8).write(to: URL(filePath: "\(gonogo.folder)/bad.yaml"))
      let outcome = try await gonogo.run("launch", "propose", "bad.yaml")
      #expect(outcome.status == ExitStatus.badInput.rawValue)
      for place in ["bad.yaml:3: /ownr: ", "bad.yaml:4: /date: ", "bad.yaml:6: /facts/kinds/0: "] {
        #expect(outcome.errors.contains(place), "\(outcome.errors)")
      }
      #expect(try await gonogo.run("launch", "show", "bad").status == ExitStatus.badInput.rawValue)
      #expect(try await gonogo.succeed("launch", "list", "-o", "json").json()["launches"] == [])
    }
  }

  @Test("If a service is stopped, the gate is unknown, neither open nor closed", .timeLimit(.minutes(5)))
  func stoppedChecklist() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      let checklist = try #require(try await Self.services(gonogo)["checklist"])
      #expect(kill(checklist, SIGSTOP) == 0)
      defer { kill(checklist, SIGCONT) }
      let gate = try await gonogo.run("gate", "smart-routing", "--timeout", "1")
      #expect(gate.status == ExitStatus.unavailable.rawValue)
      #expect(gate.errors.contains("unknown whether smart-routing may ship"), "\(gate.errors)")
      #expect(gate.output.isEmpty)
      let postponed = try await gonogo.run(
        "launch", "postpone", "smart-routing", "--reason", "waiting", "--yes", "--timeout", "2", "-o", "json")
      #expect(postponed.status == 0, "a stored change is not reported as failed: \(postponed.errors)")
      #expect(try postponed.json()["status"] == "postponed")
      #expect(
        postponed.errors.contains("warning: the change is stored, but whether smart-routing shipped meanwhile"),
        "\(postponed.errors)")
      kill(checklist, SIGCONT)
      #expect(try await gonogo.run("gate", "smart-routing").status == ExitStatus.no.rawValue)
    }
  }

  @Test("Scripts read the launch, its items, and the closed gate's reasons as JSON", .timeLimit(.minutes(5)))
  func scripts() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      let launch = try await gonogo.succeed("launch", "propose", "smart-routing.yaml", "-o", "json").json()
      #expect(launch["tier"] == 1)
      #expect(launch["status"] == "proposed")
      let items = try await gonogo.succeed("item", "list", "smart-routing", "-o", "json").json()["items"]?.arrayValue
      let keys = items?.compactMap { $0["key"]?.stringValue } ?? []
      #expect(keys.contains("qa") && keys.filter { $0 == "kb-article" }.count == 3, "\(keys)")
      let gate = try await gonogo.run("gate", "smart-routing", "-o", "json")
      #expect(gate.status == ExitStatus.no.rawValue)
      #expect(try gate.json()["open"] == false)
      let reasons = try gate.json()["reasons"]?.arrayValue
      #expect(reasons?.contains { $0["item"] == "qa" } == true, "\(gate.output)")
      let readiness = try await gonogo.succeed("ready", "smart-routing", "-o", "json").json()
      #expect(readiness["recommendation"] == "no-go")
    }
  }

  @Test("The demo runs to its end", .timeLimit(.minutes(10)))
  func demo() async throws {
    try await withTemporaryFolder { folder in
      let outcome = try await GatewayProcess(folder: folder).run("demo")
      #expect(outcome.status == 0, "\(outcome.output.suffix(2_000))\n\(outcome.errors)")
      #expect(outcome.output.contains("Template version 2 adopted"))
    }
  }

  /// The pids of the running services by name.
  private static func services(_ gonogo: GatewayProcess) async throws -> [String: Int32] {
    let status = try await gonogo.run("ps", "-o", "json").json()
    var pids: [String: Int32] = [:]
    for service in status["services"]?.arrayValue ?? [] {
      guard let name = service["name"]?.stringValue, let pid = service["pid"]?.integerValue else { continue }
      pids[name] = Int32(pid)
    }
    return pids
  }
}
