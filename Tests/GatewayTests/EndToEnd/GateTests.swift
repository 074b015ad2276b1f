import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite("The gate of a running system", .timeLimit(.minutes(5)))
struct GateTests {
  private static let id = "smart-routing"
  private static let artifact = "sha256:" + String(repeating: "a", count: 64)

  /// Runs the body on the launch date of the sample launch, before anything is decided.
  private func withLaunch(_ body: @Sendable @escaping (GatewayProcess) async throws -> Void) async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-03-02T15:00:00Z@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      try await body(gonogo)
    }
  }

  private static func decide(_ gonogo: GatewayProcess, _ words: String...) async throws {
    let outcome = try await gonogo.run(
      words: ["decide", id, "go", "--override", "--reason", "a trial", "--on-behalf-of", "dana"] + words)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("A waiting gate command returns when the gate opens, long before its time is over")
  func wakes() async throws {
    try await withLaunch { gonogo in
      async let waiting = gonogo.run("gate", Self.id, "--wait", "2m")
      // Time for it to ask; if it is slower, it finds the gate open.
      #expect(try await gonogo.run("gate", Self.id).status == ExitStatus.no.rawValue)
      try await Self.decide(gonogo)
      let decided = ContinuousClock.now
      let outcome = try await waiting
      let waited = ContinuousClock.now - decided
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("open: smart-routing may ship"))
      // On an idle machine, a fraction of a second; without being woken, half a minute.
      #expect(waited < .seconds(10), "\(waited)")
    }
  }

  @Test("A waiting gate command outlasts a checklist that is killed")
  func restart() async throws {
    try await withLaunch { gonogo in
      async let waiting = gonogo.run("gate", Self.id, "--wait", "3m")
      #expect(try await gonogo.run("gate", Self.id).status == ExitStatus.no.rawValue)
      let text = try String(contentsOfFile: "\(gonogo.folder)/run/checklist.sock.lock", encoding: .utf8)
      let pid = try #require(Int32(text.filter(\.isNumber)))
      #expect(kill(pid, SIGKILL) == 0)
      // The supervisor starts it again; until then the answer is not known.
      while try await gonogo.run("gate", Self.id).status != ExitStatus.no.rawValue { try Task.checkCancellation() }
      try await Self.decide(gonogo)
      let outcome = try await waiting
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test("When the time is over, the command exits 75 with the reasons")
  func timedOut() async throws {
    try await withLaunch { gonogo in
      let outcome = try await gonogo.run("gate", Self.id, "--wait", "2s", "--output", "json")
      #expect(outcome.status == ExitStatus.timedOut.rawValue)
      #expect(try outcome.json()["open"] == false)
      #expect(try outcome.json()["reasons"]?.arrayValue?.first?["code"] == "no-decision")
      #expect(outcome.errors.contains("the gate of smart-routing did not open within 2s"), "\(outcome.errors)")
    }
  }

  @Test("A GO for an artifact opens the gate only for that artifact")
  func artifact() async throws {
    try await withLaunch { gonogo in
      try await Self.decide(gonogo, "--artifact", Self.artifact)
      #expect(try await gonogo.run("gate", Self.id, "--artifact", Self.artifact).status == 0)
      let other = try await gonogo.run(
        "gate", Self.id, "--artifact", "sha256:" + String(repeating: "b", count: 64))
      #expect(other.status == ExitStatus.no.rawValue)
      #expect(other.output.contains("the GO is for \(Self.artifact), not for sha256:bbbb"), "\(other.output)")
      #expect(try await gonogo.run("gate", Self.id).status == ExitStatus.no.rawValue)
      let malformed = try await gonogo.run("gate", Self.id, "--artifact", "latest")
      #expect(malformed.status == ExitStatus.badInput.rawValue)
      #expect(malformed.errors.contains("give sha256: with 64 hexadecimal digits"), "\(malformed.errors)")
    }
  }

  @Test("Every gate asked after a halt's answer is closed, and lifting the halt opens it")
  func halt() async throws {
    try await withLaunch { gonogo in
      try await Self.decide(gonogo)
      for round in 1...5 {
        async let concurrent = gonogo.run("gate", Self.id)
        try await gonogo.succeed(as: "dana", "halt", "--reason", "round \(round)")
        let after = try await gonogo.run("gate", Self.id)
        #expect(after.status == ExitStatus.no.rawValue)
        #expect(after.output.contains("halted by dana"), "\(after.output)")
        #expect(after.output.contains("round \(round)"), "\(after.output)")
        let gate = try await concurrent
        #expect(gate.status == 0 || gate.output.contains("halted by dana"), "\(gate.output) \(gate.errors)")
        try await gonogo.succeed(as: "dana", "halt", "--lift", "--reason", "round \(round)")
        #expect(try await gonogo.run("gate", Self.id).status == 0)
      }
    }
  }

  @Test("A halt is shown by every list and view of launches, and needs the right")
  func shown() async throws {
    try await withLaunch { gonogo in
      let denied = try await gonogo.run(as: "lena", "halt", "--reason", "mine")
      #expect(denied.status == ExitStatus.forbidden.rawValue)
      try await gonogo.succeed(as: "dana", "halt", "--reason", "payments are failing")
      let commands = [
        ["halt"], ["board"], ["ready", Self.id], ["decide", Self.id], ["poll", Self.id], ["item", "list", Self.id],
      ]
      for command in commands {
        let outcome = try await gonogo.run(words: command)
        #expect(outcome.output.contains("payments are failing"), "\(command): \(outcome.output)")
      }
      let launch = try await gonogo.succeed("launch", "show", Self.id)
      #expect(launch.errors.contains("halted by dana"), "\(launch.errors)")
      let list = try await gonogo.succeed("launch", "list")
      #expect(list.errors.contains("halted by dana"), "\(list.errors)")
      try await gonogo.succeed(as: "dana", "halt", "--except", Self.id, "--reason", "the fix")
      #expect(try await gonogo.succeed("launch", "show", Self.id).errors.contains("halted") == false)
      #expect(try await gonogo.succeed("halt").output.contains("smart-routing, by dana"))
    }
  }
}
