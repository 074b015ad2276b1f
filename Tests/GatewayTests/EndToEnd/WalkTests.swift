import JSON
import TestSupport
import Testing

@testable import Gateway

@Suite("A launch by the command line alone, as the README walks it", .serialized)
struct WalkTests {
  private static let id = "smart-routing"

  @Test("From proposal to an open gate, and to one that closes naming the item", .timeLimit(.minutes(10)))
  func walk() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      let launch = try await gonogo.succeed("launch", "propose", "smart-routing.yaml", "-o", "json").json()
      #expect(launch["tier"] == 1)
      #expect(launch["status"] == "proposed")
      let items = try await gonogo.succeed("item", "list", Self.id, "-o", "json").json()
      let keys = items["items"]?.arrayValue?.compactMap { $0["key"]?.stringValue } ?? []
      #expect(keys.contains("qa") && keys.filter { $0 == "kb-article" }.count == 3)
      try await gonogo.succeed("metric", "define", Self.id, "metrics.yaml")
      try await gonogo.succeed("metric", "seal", Self.id)
      try await Self.prepare(gonogo)
      try await gonogo.succeed("down")
      try await gonogo.succeed("up", "--detach", "--clock", "2027-03-02T14:00:00Z@1")
      try await Self.decide(gonogo)
      #expect(try await gonogo.run("gate", Self.id).status == 0)
      try await gonogo.succeed(as: "lena", "item", "reopen", Self.id, "qa", "--reason", "a regression")
      let gate = try await gonogo.run("gate", Self.id, "-o", "json")
      #expect(gate.status == 1)
      #expect(try gate.json()["open"] == false)
      let reasons = try gate.json()["reasons"]?.arrayValue ?? []
      #expect(reasons.contains { $0["item"] == "qa" }, "\(gate.output)")
      let audit = try await gonogo.succeed("audit", "verify", "-o", "json").json()
      #expect(audit["intact"] == true)
    }
  }

  /// Everybody does their items.
  private static func prepare(_ gonogo: GatewayProcess) async throws {
    try await gonogo.succeed(
      as: "ibrahim", "item", "done", id, "qa", "performance-benchmarks", "load-test", "rollout-plan")
    try await gonogo.succeed(
      as: "ibrahim", "item", "done", id, "rollback-procedure", "--evidence", "flag to 0%; Lena is on call")
    try await gonogo.succeed(as: "priya", "item", "done", id, "release-notes")
    try await gonogo.succeed(as: "marco", "item", "submit", id, "launch-copy", "announcement-email")
    let own = try await gonogo.run(as: "marco", "item", "approve", id, "announcement-email")
    #expect(own.status == ExitStatus.forbidden.rawValue || own.status == ExitStatus.conflict.rawValue, "\(own.errors)")
    try await gonogo.succeed(as: "priya", "item", "approve", id, "launch-copy")
    try await gonogo.succeed(as: "sofia", "item", "approve", id, "launch-copy", "--group", "legal")
    try await gonogo.succeed(as: "aiko", "item", "approve", id, "announcement-email")
    try await gonogo.succeed(
      as: "marco", "item", "done", id, "segment-email", "social-posts", "blog-post", "campaign", "--all-instances")
    try await gonogo.succeed(as: "jonas", "item", "done", id, "internal-demo", "--attended", "jonas,grace")
    try await gonogo.succeed(as: "jonas", "item", "done", id, "executive-communication")
    try await gonogo.succeed(
      as: "grace", "item", "done", id, "kb-article", "support-macro", "escalation-path", "faq-answer",
      "--all-instances")
    try await gonogo.succeed(as: "tomas", "item", "done", id, "battle-card", "talking-points", "--all-instances")
    try await gonogo.succeed(as: "dana", "item", "done", id, "all-hands")
    for lead in ["ibrahim", "priya", "marco", "jonas", "tomas", "grace"] {
      try await gonogo.succeed(as: lead, "poll", id, "go")
    }
  }

  /// GO, confirmed on the launch date where it is not in force by being made on it.
  private static func decide(_ gonogo: GatewayProcess) async throws {
    let ready = try await gonogo.succeed("ready", id, "-o", "json").json()
    #expect(ready["recommendation"] == "go", "\(ready.pretty())")
    let decision = try await gonogo.succeed(as: "dana", "decide", id, "go", "-o", "json").json()
    if decision["inForce"] == false { try await gonogo.succeed(as: "dana", "decide", id, "confirm") }
  }
}
