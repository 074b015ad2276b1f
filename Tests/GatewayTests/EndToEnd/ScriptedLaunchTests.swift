import JSON
import Testing

@testable import Gateway

/// Launches of every tier from proposal to decision, as people and other systems see them (product.md, section 2).
@Suite("Scripted launches", .timeLimit(.minutes(10)))
struct ScriptedLaunchTests {
  /// Runs the body on a day with the sample roster.
  private func with(_ clock: String, _ body: (GatewayProcess) async throws -> Void) async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "\(clock)@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await body(gonogo)
    }
  }

  @Test("A launch of tier 3 needs two items and nothing else, and one of tier 2 its window, its items and a GO")
  func withoutPoll() async throws {
    try await with("2027-03-02T14:00:00Z") { gonogo in
      let minor = ScriptedLaunch(gonogo: gonogo, id: "exporter-fix", tier: 3)
      try await minor.proposeWithoutDecision()
      try await minor.complete()
      try await minor.checkGate(.success)

      let moderate = ScriptedLaunch(gonogo: gonogo, id: "saved-views", tier: 2)
      try await moderate.propose(owner: "priya")
      try await moderate.complete(demoOn: "2027-02-10")
      #expect(try await moderate.reasons() == ["shortfall"])
      try await moderate.run(
        ["decide", moderate.id, "go"], as: "dana", status: .conflict, saying: "the window of 14 days")
      try await moderate.run(["launch", "waive", moderate.id, "--reason", "customers wait for it"], as: "dana")
      try await moderate.decide()
      try await moderate.checkGate(.success)
    }
  }

  @Test(
    "A launch of tiers 0 and 1 needs its items, every function's answer and a GO, which opens the gate on the date",
    arguments: [0, 1])
  func withPoll(tier: Int) async throws {
    try await with("2027-01-13T14:00:00Z") { gonogo in
      let launch = ScriptedLaunch(gonogo: gonogo, id: "smart-inbox", tier: tier)
      try await launch.propose()
      try await launch.complete()
      try await launch.poll()
      try await launch.decide()
      try await launch.checkGate(.no, code: "provisional")
      try await launch.run(
        ["decide", launch.id, "confirm"], as: "dana", status: .conflict, saying: "before its launch date")
      try await gonogo.succeed("down")
      try await gonogo.succeed("up", "--detach", "--clock", "2027-03-02T14:00:00Z@1")
      try await launch.checkGate(.no, code: "unconfirmed")
      try await launch.run(["decide", launch.id, "confirm"], as: "dana")
      try await launch.checkGate(.success)
    }
  }

  /// What the first event about an item leaves it lacking; all others lack evidence.
  private static let lacking = [
    "rollout-plan": "a rollout in the launch's plan: it has none", "rollback-procedure": "the person for rollback",
    "internal-demo": "attendees from CS and Support", "all-hands": "the meeting on 2027-02-25",
    "success-metrics": "the seal of the success metrics",
  ]

  /// The items for which the event of a tool is the evidence they ask for.
  private static let byEvent: Set = ["qa", "performance-benchmarks", "load-test"]

  @Test("Other systems complete a launch of tier 1 by events, which have to bring what each item asks for")
  func byEvents() async throws {
    try await with("2027-01-13T14:00:00Z") { gonogo in
      let launch = ScriptedLaunch(gonogo: gonogo, id: "smart-inbox", tier: 1)
      try await launch.propose()
      try await launch.report(launch.names, round: 1)
      let first = try await launch.items()
      for (name, item) in first {
        let isDone = Self.byEvent.contains(name)
        let state: JSONValue = isDone ? "done" : "open"
        #expect(item["state"] == state, "\(name)")
        // An article has to be published; that somebody says so is kept as evidence.
        guard !isDone, !name.hasPrefix("kb-article") else { continue }
        let missing = item["missing"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let lacking = Self.lacking[name] ?? "evidence: a link, a text of at least 10 characters"
        #expect(missing.contains { $0.hasPrefix(lacking) }, "\(name): \(missing)")
      }

      try await launch.setRollout()
      try await launch.seal()
      let everything: [String: JSONValue] = [
        "url": "https://docs.example/1", "person": "lena", "attended": ["jonas", "grace"], "presenter": "priya",
      ]
      let others = launch.names.subtracting(Self.byEvent).subtracting(["success-metrics"])
      try await launch.report(others.filter { !$0.hasPrefix("kb-article") }, round: 2, everything)
      try await launch.publishArticles()
      #expect(try await launch.undone() == ["launch-copy", "announcement-email"], "people approve them")
      try await launch.submitAndApprove([])

      try await launch.poll()
      try await launch.decide()
      try await launch.checkGate(.no, code: "provisional")
      try await launch.report(["qa"], round: 3, outcome: "failed")
      try await launch.checkGate(.no, code: "item-reopened")
    }
  }
}

extension ScriptedLaunch {
  /// Proposes a launch of tier 3, on which nobody decides; after one of its items its gate is still closed.
  fileprivate func proposeWithoutDecision() async throws {
    try await propose(owner: "ibrahim", date: "2027-03-16")
    let gate = try await run(["gate", id, "-o", "json"], as: "dana", status: .no).json()
    let items = gate["reasons"]?.arrayValue?.compactMap { $0["item"]?.stringValue } ?? []
    #expect(Set(items) == names, "\(gate)")
  }

  /// Publishes a tool's report on each item.
  fileprivate func report(
    _ names: Set<String>, round: Int, outcome: JSONValue = "passed", _ more: [String: JSONValue] = [:]
  ) async throws {
    let events = names.sorted().map { name -> JSONValue in
      let parts = name.split(separator: "/").map(String.init)
      var data: [String: JSONValue] = ["launch": .string(id), "item": .string(parts[0]), "outcome": outcome]
      if parts.count > 1 { data["instance"] = .string(parts[1]) }
      return event("evidence.recorded", "\(round)-\(name)", data.merging(more) { _, new in new })
    }
    try await publish(events, as: "reports-\(round).ndjson")
  }

  /// Publishes the knowledge base's report on the article of each locale.
  fileprivate func publishArticles() async throws {
    let events = ["en", "de"].map { locale -> JSONValue in
      let data: [String: JSONValue] = ["article": "intro", "locale": .string(locale), "feature": .string(id)]
      return event("article.published", "article-\(locale)", data)
    }
    try await publish(events, as: "articles.ndjson")
  }

  private func event(_ type: String, _ name: String, _ data: [String: JSONValue]) -> JSONValue {
    [
      "specversion": "1.0", "id": .string(name), "source": "//tools/",
      "type": .string("dev.gonogo.signal.\(type).v1"), "data": .object(data),
    ]
  }

  private func publish(_ events: [JSONValue], as file: String) async throws {
    let lines = events.map { String(decoding: $0.serialized(), as: UTF8.self) + "\n" }
    try write(lines.joined(), to: file)
    try await run(["event", "publish", file], as: "dana")
  }
}
