import Foundation
import JSON
import Testing

@testable import Gateway
// Swift Testing has a type of this name, too.
@testable import enum Gateway.ExitStatus

/// A launch that people walk from its proposal to its decision on the command line, item by item; each item is first
/// completed in a wrong way, and refused.
struct ScriptedLaunch: Sendable {
  /// The items of a function, as `key` or `key/instance`, each with the least demanding tier that needs it.
  private struct Row: Sendable {
    /// Who does them.
    var person: String
    var items: [(name: String, tier: Int)]
  }

  let gonogo: GatewayProcess
  let id: String
  let tier: Int

  /// The table of product.md, section 2, by hand, for two locales and one segment.
  private static let table: [Row] = [
    Row(
      person: "ibrahim",
      items: [
        ("qa", 3), ("performance-benchmarks", 1), ("load-test", 1), ("rollout-plan", 1),
        ("rollback-procedure", 1),
      ]),
    Row(person: "priya", items: [("success-metrics", 2), ("release-notes", 3)]),
    Row(
      person: "marco",
      items: [
        ("launch-copy", 1), ("announcement-email", 1), ("segment-email/enterprise", 2),
        ("social-posts", 1), ("blog-post", 1), ("campaign", 1), ("press-strategy", 0),
        ("analyst-briefings", 0), ("customer-event", 0),
      ]),
    Row(person: "jonas", items: [("internal-demo", 2), ("executive-communication", 1)]),
    Row(
      person: "grace",
      items: [
        ("kb-article/en", 2), ("kb-article/de", 2), ("support-macro", 2), ("escalation-path", 1),
        ("faq-answer", 1), ("hypercare-roster", 0), ("hypercare-check", 0),
      ]),
    Row(
      person: "tomas",
      items: [
        ("battle-card", 1), ("talking-points/prospecting", 1), ("talking-points/evaluation", 1),
        ("talking-points/negotiation", 1),
      ]),
    Row(person: "dana", items: [("all-hands", 1)]),
  ]

  /// What a tick is refused with; all others lack evidence.
  private static let refusals = [
    "rollout-plan": "cannot be done before the launch has a rollout: it has none",
    "success-metrics": "becomes done when the launch's metric plan is sealed",
    "launch-copy": "needs approval by product and legal: submit it for review instead",
    "announcement-email": "needs approval by marketing: submit it for review instead",
    "internal-demo": "needs attendees from CS and Support; nobody attended from CS or Support",
    "hypercare-roster": "cannot be done before there is a hypercare roster for 14 days",
    "hypercare-check": "depends on items that are not done: hypercare-roster",
  ]

  /// The items that a link alone does not complete.
  private static let special = Set(refusals.keys).union(["rollback-procedure"])

  private static let facts = [
    "{kinds: [flagship], audience: all, publicMoment: true, addsServerCompute: true}",
    "{kinds: [new-surface], audience: subset, addsServerCompute: unknown}",
    "{kinds: [new-feature], audience: subset}", "{kinds: [bug-fix], audience: subset}",
  ]

  /// The names of the items that the tier needs, by who does them.
  private var rows: [(person: String, names: [String])] {
    let rows = Self.table.map { row -> (person: String, names: [String]) in
      (row.person, row.items.filter { tier <= $0.tier }.map(\.name))
    }
    return rows.filter { !$0.names.isEmpty }
  }

  /// The names of all items that the tier needs.
  var names: Set<String> { Set(rows.flatMap(\.names)) }

  /// The items, by name.
  func items() async throws -> [String: JSONValue] {
    let list = try await run(["item", "list", id, "-o", "json"], as: "dana").json()["items"]?.arrayValue ?? []
    let named = list.map { item in
      let parts = [item["key"]?.stringValue, item["instance"]?.stringValue].compactMap { $0 }
      return (parts.joined(separator: "/"), item)
    }
    return Dictionary(named, uniquingKeysWith: { first, _ in first })
  }

  /// The names of the items that are not done.
  func undone() async throws -> Set<String> {
    Set(try await items().filter { $0.value["state"] != "done" }.keys)
  }

  /// The codes of the reasons against GO.
  func reasons() async throws -> [String] {
    let ready = try await run(["ready", id, "-o", "json"], as: "dana").json()
    return ready["reasons"]?.arrayValue?.compactMap { $0["code"]?.stringValue } ?? []
  }

  /// Runs a command and expects its exit status, and what it writes.
  @discardableResult
  func run(
    _ words: [String], as person: String, status: ExitStatus = .success, saying text: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> GatewayProcess.Outcome {
    let outcome = try await gonogo.run(words: words + ["--on-behalf-of", person])
    let said = outcome.output + outcome.errors
    #expect(
      outcome.status == status.rawValue && (text.isEmpty || said.contains(text)),
      "\(words.joined(separator: " ")): \(outcome.status), \(said)", sourceLocation: sourceLocation)
    return outcome
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(gonogo.folder)/\(name)"))
  }

  /// Proposes the launch for 2 March 2027; it has its tier, the items of the table, all open, and neither GO nor gate.
  func propose(owner: String = "dana", date: String = "2027-03-02") async throws {
    let text = """
      launch: \(id)
      name: A launch of tier \(tier)
      owner: \(owner)
      feature: \(id)
      date: \(date)
      timeZone: America/New_York
      locales: [en, de]
      segments: [enterprise]
      allHands: 2027-02-25
      facts: \(Self.facts[tier])

      """
    try write(text, to: "\(id).yaml")
    let launch = try await run(["launch", "propose", "\(id).yaml", "-o", "json"], as: "dana").json()
    #expect(launch["tier"]?.integerValue == Int64(tier))
    let items = try await items()
    #expect(Set(items.keys) == names)
    #expect(items.values.allSatisfy { $0["state"] == "open" })
    try await run(
      ["decide", id, "go", "--reason", "now"], as: "dana", status: .conflict, saying: "NO-GO is recommended")
    try await checkGate(.no, code: "no-decision")
  }

  /// Asks the gate, and expects the code of the first reason.
  func checkGate(
    _ status: ExitStatus, code: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let gate = try await run(["gate", id, "-o", "json"], as: "dana", status: status, sourceLocation: sourceLocation)
    let first = try gate.json()["reasons"]?.arrayValue?.first?["code"]?.stringValue
    #expect(first == code, "\(gate.output)", sourceLocation: sourceLocation)
  }

  /// Completes all items of the tier, each first in wrong ways.
  func complete(demoOn day: String? = nil) async throws {
    try await refuseTicks()
    try await completeByLink()
    if tier <= 2 {
      try await demonstrate(on: day)
      try await seal()
    }
    if tier <= 1 {
      try await planRollout()
      try await documentRollback()
      try await submitAndApprove()
    }
    if tier == 0 { try await planHypercare() }
    let left: Set<String> = tier == 0 ? ["hypercare-check"] : []
    #expect(try await undone() == left)
  }

  private func refuseTicks() async throws {
    for row in rows {
      let outcome = try await gonogo.run(words: ["item", "done", id] + row.names + ["--on-behalf-of", row.person])
      #expect(outcome.status != 0 && outcome.output.isEmpty, "\(outcome.output)")
      for name in row.names {
        let why = Self.refusals[name] ?? "lacks evidence: a link, a text of at least 10 characters"
        #expect(outcome.errors.contains("\(name) \(why)"), "\(outcome.errors)")
      }
    }
    #expect(try await undone() == names)
  }

  private func completeByLink() async throws {
    if tier <= 1 {
      let missing = try await items()["all-hands"]?["missing"]?.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(missing.contains { $0.hasPrefix("the meeting on 2027-02-25") }, "\(missing)")
    }
    for row in rows {
      let names = row.names.filter { !Self.special.contains($0) }
      guard !names.isEmpty else { continue }
      try await run(["item", "done", id] + names + ["--link", "https://docs.example/\(row.person)"], as: row.person)
    }
  }

  private func demonstrate(on day: String?) async throws {
    let words = ["item", "done", id, "internal-demo", "--attended", "jonas,grace"]
    // Jonas reports it, and so presented it; he alone is of CS.
    try await run(words, as: "jonas", status: .badInput, saying: "nobody attended from CS")
    let held = words + ["--presenter", "priya"]
    guard let day else {
      try await run(held, as: "jonas")
      return
    }
    // Three business days before the launch is too late, whenever it is reported.
    try await run(held + ["--on", "2027-02-25"], as: "jonas")
    #expect(try await reasons().contains("item-too-late"))
    try await run(held + ["--on", day], as: "jonas")
    #expect(try await !reasons().contains("item-too-late"))
  }

  /// Defines and seals the success metrics, which completes their item.
  func seal() async throws {
    try await run(["metric", "define", id, "metrics.yaml"], as: "dana")
    try await run(["metric", "seal", id], as: "dana", status: .badInput, saying: "cannot be measured")
    try await run(["metric", "seal", id, "--reason", "the feeds come before the launch"], as: "dana")
  }

  /// Gives the launch a rollout.
  func setRollout() async throws {
    try await run(
      ["launch", "set", id, "rollout={kind: gradual, flag: \(id), stages: [5, 25, 100]}"], as: "dana")
  }

  private func planRollout() async throws {
    try await setRollout()
    try await run(["item", "done", id, "rollout-plan"], as: "ibrahim")
  }

  private func documentRollback() async throws {
    let words = ["item", "done", id, "rollback-procedure", "--evidence", "set the flag to 0 %, then tell Support"]
    try await run(words, as: "ibrahim", status: .badInput, saying: "must name a person on the roster for rollback")
    try await run(words + ["--person", "nadia"], as: "ibrahim", status: .badInput, saying: "not on the roster")
    try await run(words + ["--person", "lena"], as: "ibrahim")
  }

  /// Lets the launch copy and the email be approved, after those who may not approve have tried.
  func submitAndApprove(_ evidence: [String] = ["--link", "https://docs.example/copy"]) async throws {
    let (copy, email) = ("launch-copy", "announcement-email")
    try await run(["item", "submit", id, copy, email] + evidence, as: "marco")
    try await run(["item", "approve", id, copy], as: "marco", status: .forbidden, saying: "a member of none of them")
    try await run(["item", "approve", id, email], as: "marco", status: .forbidden, saying: "their own work")
    try await run(["item", "approve", id, email], as: "aiko")
    try await run(["item", "approve", id, copy], as: "priya")
    let between = try await items()
    #expect(between[copy]?["state"] == "in-review" && between[email]?["state"] == "done")
    try await run(["item", "approve", id, copy, "--group", "legal"], as: "sofia")
  }

  private func planHypercare() async throws {
    let gaps = """
      responseMinutes: 30
      shifts:
        - {person: grace, from: 2027-03-02T08:00, to: 2027-03-02T20:00, until: 2027-03-15}

      """
    try write(gaps, to: "gaps.yaml")
    try await run(["hypercare", "roster", id, "gaps.yaml"], as: "grace")
    let words = ["item", "done", id, "hypercare-roster"]
    try await run(words, as: "grace", status: .conflict, saying: "nobody is on shift from 2027-03-02T00:00")
    try await run(["hypercare", "roster", id, "hypercare.yaml"], as: "grace")
    try await run(words, as: "grace")
    try await run(
      ["item", "done", id, "hypercare-check", "--link", "https://docs.example/day-1"], as: "grace", status: .conflict,
      saying: "has not been exposed to anybody yet")
  }

  /// Answers the poll for each function, after somebody who leads none has tried.
  func poll() async throws {
    #expect(try await reasons() == Array(repeating: "poll-missing", count: 6))
    try await run(["decide", id, "go"], as: "dana", status: .conflict, saying: "NO-GO is recommended for 6 reasons")
    try await run(["poll", id, "go"], as: "lena", status: .forbidden, saying: "leads no polled function")
    for lead in ["ibrahim", "priya", "marco", "jonas", "grace", "tomas"] {
      try await run(["poll", id, "go"], as: lead)
    }
  }

  /// Decides GO as recommended, after somebody outside Product Ops has tried.
  func decide() async throws {
    #expect(try await reasons() == [])
    try await run(["decide", id, "go"], as: "ibrahim", status: .forbidden)
    let decision = try await run(["decide", id, "go", "-o", "json"], as: "dana").json()
    #expect(decision["decision"] == "go" && decision["override"] == false, "\(decision)")
  }
}
