import ArgumentParser
import Contract
import JSON
import LaunchModel
import Synchronization
import Testing

@testable import Gateway

@Suite("gonogo gate --wait") struct GateCommandTests {
  private static let open = GateView(
    open: true, of: DecisionView(launch: Sample.launch, decision: .go, inForce: true, by: "dana"), reasons: [])

  private static func closed(_ code: String, _ detail: String) -> GateView {
    GateView(
      open: false, of: DecisionView(launch: Sample.launch), reasons: [ReadinessReason(code: code, detail: detail)])
  }

  /// What the checklist answers, call by call; the last answer is repeated.
  private static func run(
    wait: String, _ answers: [Result<GateView, Problem>],
    _ body: @Sendable (RecordingServices, GatewayError?) throws -> Void
  ) async throws {
    let count = Mutex(0)
    try await withRecordingServices(answer: { _ in
      let index = count.withLock { count in
        count += 1
        return min(count, answers.count) - 1
      }
      return try JSONCoding.value(try answers[index].get())
    }) { services in
      let command = try #require(
        try Gonogo.parseAsRoot(["gate", "smart-routing", "--wait", wait, "--artifact", "sha256:1"]) as? Gate)
      do {
        try await command.run(in: services.session)
        try body(services, nil)
      } catch let error as GatewayError {
        try body(services, error)
      }
    }
  }

  @Test("The command asks again until the gate opens, and prints why it waits whenever that changes")
  func opens() async throws {
    let closed = Self.closed("no-decision", "no decision has been made yet")
    let answers: [Result<GateView, Problem>] = [.success(closed), .success(closed), .success(Self.open)]
    try await Self.run(wait: "60s", answers) { services, error in
      #expect(error == nil)
      #expect(try services.output() == "open: smart-routing may ship (GO by dana)\n")
      let calls = services.calls.filter { $0.method == ChecklistRoutes.checkGate.method }
      #expect(calls.count == 3)
      #expect(calls.allSatisfy { $0.params["waitMs"] == 4_000 && $0.params["artifact"] == "sha256:1" })
      #expect(calls.map(\.meta.after) == [1, 2, 3], "each call comes after what is on the bus then")
      let notes = try services.diagnostics()
      #expect(notes == "waiting up to 60s for smart-routing: no decision has been made yet\n")
    }
  }

  @Test("When the time is over, the command exits 75 with the reasons")
  func timedOut() async throws {
    try await Self.run(wait: "1s", [.success(Self.closed("halted", "halted by dana"))]) { services, error in
      #expect(error?.status == .timedOut)
      #expect(error?.messages == ["the gate of smart-routing did not open within 1s"])
      let output = try services.output()
      #expect(output == "closed: smart-routing may not ship\n  · halted by dana\n")
    }
  }

  @Test("The command outlasts a service that does not answer, and exits 69 if that is so at the end")
  func unknown() async throws {
    let silent = Problem.unavailable("owner-unreachable", title: "result unknown", "tiering did not answer")
    try await Self.run(wait: "60s", [.failure(silent), .success(Self.open)]) { _, error in #expect(error == nil) }
    try await Self.run(wait: "1s", [.failure(silent)]) { services, error in
      #expect(error?.status == .unavailable)
      #expect(error?.messages == ["unknown whether smart-routing may ship: tiering did not answer"])
      let output = try services.output()
      #expect(output.isEmpty)
    }
  }

  @Test("The command does not wait for a gate that can never open, or after a permanent error")
  func atOnce() async throws {
    let cancelled = Self.closed("launch-cancelled", "the launch is cancelled")
    try await Self.run(wait: "60s", [.success(cancelled)]) { services, error in
      #expect(error == GatewayError(.no))
      #expect(services.methods.count { $0 == "checklist gate.check" } == 1)
    }
    let malformed = Problem.invalid("unfit-artifact", pointer: "/artifact", "not a digest")
    try await Self.run(wait: "60s", [.failure(malformed)]) { services, error in
      #expect(error?.status == .badInput)
      #expect(services.methods.count { $0 == "checklist gate.check" } == 1)
    }
  }

  @Test(
    "A duration is a whole number of seconds, minutes, hours or days, at most a week",
    arguments: [
      ("1s", 1), ("90s", 90), ("30m", 1_800), ("2h", 7_200), ("7d", 604_800), ("0s", nil), ("8d", nil), ("30", nil),
      ("m", nil), ("-1s", nil), ("1.5h", nil), ("1w", nil), ("", nil), ("99999999999999999999s", nil),
    ] as [(String, Int?)])
  func durations(text: String, seconds: Int?) {
    #expect(WaitDuration(argument: text)?.duration == seconds.map { .seconds($0) })
  }
}
