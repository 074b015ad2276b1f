import Contract
import Foundation
import JSON
import LaunchModel
import TestSupport
import Testing

@testable import Gateway

/// Rules of the checklist, as people meet them at the command line.
@Suite("Rules at the command line")
struct RuleTests {
  private func withLaunch(_ body: @Sendable @escaping (GatewayProcess) async throws -> Void) async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      try await body(gonogo)
    }
  }

  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @Test("Evidence by event leaves an item open that requires more, and the item says what", .timeLimit(.minutes(5)))
  func evidence() async throws {
    try await withLaunch { gonogo in
      func event(_ id: String, _ item: String) -> String {
        #"{"specversion":"1.0","id":"\#(id)","source":"//ci/","type":"dev.gonogo.signal.evidence.recorded.v1","#
          + #""data":{"launch":"smart-routing","item":"\#(item)","outcome":"passed"}}"#
      }
      let file = "\(gonogo.folder)/pass.ndjson"
      let lines = event("p1", "internal-demo") + "\n" + event("p2", "rollback-procedure") + "\n"
      try write(lines, to: file)
      try await gonogo.succeed("event", "publish", file)
      let demo = try await gonogo.succeed("item", "show", "smart-routing", "internal-demo").output
      #expect(demo.contains("open"))
      #expect(demo.contains("event //ci/ p1"))
      #expect(demo.contains("attendees from CS and Support"))
      let rollback = try await gonogo.succeed("item", "show", "smart-routing", "rollback-procedure").output
      #expect(rollback.contains("not done: it lacks"))
      #expect(rollback.contains("the person for rollback"))
      let typo = try await gonogo.run("item", "assign", "smart-routing", "qa", "--to", "lenna")
      #expect(typo.status == ExitStatus.badInput.rawValue)
      #expect(typo.errors.contains("did you mean \"lena\"?"), "\(typo.errors)")
      try await gonogo.succeed(
        "item", "done", "smart-routing", "rollback-procedure", "--evidence", "flag to 0 %", "--person", "lena")
    }
  }

  @Test("A rollback needs a reason, and the gate then names who rolled back and why", .timeLimit(.minutes(5)))
  func rollback() async throws {
    try await withLaunch { gonogo in
      try await gonogo.succeed("launch", "ship", "smart-routing", "--yes", "--reason", "the flag was on")
      let silent = try await gonogo.run("launch", "rollback", "smart-routing")
      #expect(silent.status == ExitStatus.badInput.rawValue)
      #expect(silent.errors.contains("a rollback needs a reason (--reason TEXT)"))
      try await gonogo.succeed(
        "decide", "smart-routing", "go", "--override", "--reason", "the demo is tomorrow")
      let shown = try await gonogo.succeed("launch", "rollback", "smart-routing", "--reason", "errors doubled").output
      #expect(shown.contains("errors doubled") && shown.contains("dana"))
      let gate = try await gonogo.run("gate", "smart-routing")
      #expect(gate.status == ExitStatus.no.rawValue)
      #expect(gate.output.contains("dana rolled the launch back at"), "\(gate.output)")
      #expect(gate.output.contains("errors doubled; another attempt needs a GO of its own"), "\(gate.output)")
    }
  }

  @Test(
    "Unresolved references are reported at adoption, by doctor, in ready and in item show",
    .timeLimit(.minutes(5)))
  func references() async throws {
    try await withLaunch { gonogo in
      let template = try await gonogo.succeed("template", "export").output
      try write(template.replacing("legal", with: "leagl"), to: "\(gonogo.folder)/t.yaml")
      let adopted = try await gonogo.succeed("template", "adopt", "--file", "t.yaml")
      let fault = "launch-copy waits for leagl, and nobody is in leagl"
      #expect(adopted.errors.contains(fault), "\(adopted.errors)")
      try await gonogo.succeed("launch", "clone", "smart-routing", "--as", "second", "--date", "2027-04-06")
      try await gonogo.succeed(
        as: "marco", "item", "submit", "second", "launch-copy", "--link", "https://x.invalid/1")
      #expect(try await gonogo.run("ready", "second", "--all").output.contains(fault))
      #expect(try await gonogo.run("doctor").output.contains("nobody is in leagl"))
      #expect(try await gonogo.succeed("item", "show", "second", "launch-copy").output.contains("nobody is in leagl"))
      let check = try await gonogo.run("roster", "check")
      #expect(check.status == ExitStatus.no.rawValue)
      #expect(check.output.contains("second") && check.output.contains("template"))
    }
  }
}
