import Foundation
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Tiers, dates and calendars as an operator uses them, with the real services.
@Suite("Tiering on the command line")
struct TieringTests {
  @Test("Facts, dates, other launches and a freeze lead to the reasons against GO", .timeLimit(.minutes(5)))
  func planning() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await Self.importing(gonogo)
      try await Self.conflicts(gonogo)
      try await Self.changingAtOnce(gonogo)
      try await Self.retiering(gonogo)
      try await Self.export(gonogo)
      let ready = try await gonogo.succeed("ready", "search", "-o", "json").json()
      #expect(ready["reasons"]?.arrayValue?.contains { $0["code"] == "conflict" } == true)
    }
  }

  private static func write(_ name: String, _ text: String, _ gonogo: GatewayProcess) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(gonogo.folder)/\(name)"))
  }

  private static func importing(_ gonogo: GatewayProcess) async throws {
    let heading = "launch,name,owner,date,calendar,kinds,audience\n"
    let faulty = heading + "search,Search,dana,2027-03-02,US,new-surface,most\nfix,Fix,dana,2027-02-30,US,bug-fixes,\n"
    try write("faulty.csv", faulty, gonogo)
    let refused = try await gonogo.run("launch", "import", "faulty.csv", "--all-or-nothing")
    #expect(refused.status == ExitStatus.badInput.rawValue)
    #expect(refused.errors.contains("faulty.csv:3: /date: \"2027-02-30\" is not a valid date"), "\(refused.errors)")
    #expect(refused.errors.contains("faulty.csv:3: /facts/kinds/0:"))
    #expect(try await gonogo.succeed("launch", "list", "-o", "json").json()["launches"] == [])
    let lines = """
      {"launch": "one", "name": "One", "owner": "dana", "date": "2027-05-04", "calendar": "US", "facts": {"kinds": ["bug-fix"]}}
      {"launch":
      {"launch": "two"}
      """
    try write("lines.ndjson", lines, gonogo)
    let looked = try await gonogo.run("launch", "import", "lines.ndjson", "--dry-run", "-o", "json")
    #expect(try looked.json()["proposed"]?.arrayValue?.map { $0["launch"] } == ["one"])
    #expect(looked.errors.contains("lines.ndjson:2: unexpected end of JSON"), "\(looked.errors)")
    #expect(looked.errors.contains("lines.ndjson:3: /date:"), "\(looked.errors)")
    let together = try await gonogo.run("launch", "import", "lines.ndjson", "--all-or-nothing")
    #expect(together.errors.contains("lines.ndjson:2:") && together.errors.contains("lines.ndjson:3: /date:"))
    #expect(try await gonogo.succeed("launch", "list", "-o", "json").json()["launches"] == [])
    let partly = try await gonogo.run("launch", "import", "faulty.csv", "-o", "json")
    #expect(partly.status == ExitStatus.badInput.rawValue)
    #expect(try partly.json()["proposed"]?.arrayValue?.map { $0["line"] } == [2])
    let clone = try await gonogo.succeed(
      "launch", "clone", "search", "--as", "chat", "--date", "2027-03-05", "-o", "json")
    #expect(try clone.json()["tier"] == 1)
  }

  private static func conflicts(_ gonogo: GatewayProcess) async throws {
    let list = try await gonogo.succeed("calendar", "conflicts", "--launch", "chat", "-o", "json").json()
    let kinds = list["conflicts"]?.arrayValue?.compactMap { $0["kind"]?.stringValue } ?? []
    #expect(kinds.prefix(2) == ["same-week", "same-owner"])
    #expect(kinds.contains("same-function"))
    let unexplained = try await gonogo.run("calendar", "accept", "chat", "same-week", "search")
    #expect(unexplained.status == ExitStatus.badInput.rawValue)
    try await gonogo.succeed("calendar", "accept", "chat", "same-week", "search", "--reason", "two audiences")
    try await gonogo.succeed("calendar", "accept", "chat", "same-function", "search", "--reason", "they know")
    let open = try await gonogo.succeed("calendar", "conflicts", "--open", "--launch", "chat", "-o", "json").json()
    #expect(open["conflicts"]?.arrayValue?.map { $0["kind"] } == ["same-owner"])
    let audit = ["calendar", "blackout", "set", "audit", "--from", "2027-03-01", "--to", "2027-03-03"]
    let previewed = try await gonogo.run(words: audit + ["--dry-run", "-o", "json"]).json()
    #expect(previewed["stops"]?.arrayValue?.map { $0["launch"] } == ["search"])
    let unasked = try await gonogo.run(words: audit + ["--reason", "audit week"])
    #expect(unasked.status == ExitStatus.usage.rawValue)
    #expect(unasked.errors.contains("not a terminal: pass --yes to apply, or --dry-run to preview"))
    #expect(try await gonogo.succeed("calendar", "blackout", "list", "-o", "json").json()["blackouts"] == [])
    #expect(try await gonogo.run(words: audit + ["--reason", "audit week", "--yes"]).status == 0)
    let blackouts = try await gonogo.succeed("calendar", "blackout", "list", "-o", "json").json()
    #expect(blackouts["blackouts"]?.arrayValue?.first?["stopped"] == ["search"])
  }

  /// Of two changes to the same version one wins; without a version, a change applies to the version at its start.
  private static func changingAtOnce(_ gonogo: GatewayProcess) async throws {
    let version =
      try await gonogo.succeed("launch", "show", "search", "-o", "json").json()["version"]?.integerValue ?? 0
    async let one = gonogo.run(
      as: "dana", "launch", "set", "search", "name=Find", "--expected-version", "\(version)")
    async let other = gonogo.run(
      "launch", "reschedule", "search", "2027-03-03", "--expected-version", "\(version)")
    let both = [try await one, try await other]
    #expect(both.map(\.status).sorted() == [0, ExitStatus.conflict.rawValue])
    let message = both.filter { $0.status != 0 }.map(\.errors).joined()
    #expect(
      message.contains("you saw version \(version), but the launch is now at version \(version + 1)"), "\(message)")
    #expect(
      message.contains("dana changed name Search → Find")
        || message.contains("dana changed date 2027-03-02 → 2027-03-03"),
      "\(message)")
    for (verb, words) in [
      ("waive", []), ("postpone", []), ("cancel", []), ("override", ["2"]), ("retier", ["audience=all", "--yes"]),
    ] {
      let late = try await gonogo.run(
        words: ["launch", verb, "search"] + words + ["--reason", "r", "--expected-version", "\(version)"])
      #expect(late.status == ExitStatus.conflict.rawValue, "\(verb): \(late.errors)")
    }
    let again = try await gonogo.succeed("launch", "set", "search", "name=Search, again")
    #expect(again.errors.contains("version \(version + 1) → \(version + 2); name: "), "\(again.errors)")
    let same = try await gonogo.succeed("launch", "set", "search", "name=Search, again")
    #expect(same.errors.contains("nothing was changed"), "\(same.errors)")
    try await gonogo.succeed("launch", "set", "search", "name=Search")
    if both[1].status == 0 { try await gonogo.succeed("launch", "reschedule", "search", "2027-03-02") }
  }

  private static func retiering(_ gonogo: GatewayProcess) async throws {
    let unconfirmed = try await gonogo.run("launch", "retier", "search", "kinds=[new-feature]")
    #expect(unconfirmed.status == ExitStatus.usage.rawValue, "without a terminal, no one can confirm")
    #expect(unconfirmed.errors.contains("1 Major → 2 Moderate"))
    let preview = try await gonogo.succeed(
      "launch", "retier", "search", "kinds=[new-feature]", "--dry-run", "-o", "json")
    #expect(try preview.json()["checklist"]?["removed"]?.arrayValue?.contains { $0["key"] == "load-test" } == true)
    try await gonogo.succeed("item", "block", "search", "load-test", "--reason", "no rig")
    let owner = try await gonogo.run(as: "ibrahim", "launch", "retier", "search", "kinds=[new-feature]", "--yes")
    #expect(owner.status == ExitStatus.forbidden.rawValue)
    let unexplained = try await gonogo.run("launch", "retier", "search", "kinds=[new-feature]", "--yes")
    #expect(unexplained.status == ExitStatus.badInput.rawValue)
    #expect(unexplained.errors.contains("load-test"), "\(unexplained.errors)")
    let lowered = try await gonogo.succeed(
      "launch", "retier", "search", "kinds=[new-feature]", "--yes", "--reason", "smaller", "-o", "json")
    #expect(try lowered.json()["tier"] == 2)
    let sooner = try await gonogo.succeed("launch", "reschedule", "search", "2027-01-15", "--dry-run", "-o", "json")
      .json()
    #expect(sooner["checklist"]?["impossible"]?.arrayValue?.isEmpty == false)
    #expect(sooner["shortfall"]?["days"]?.integerValue == 12)
  }

  private static func export(_ gonogo: GatewayProcess) async throws {
    let text = try await gonogo.succeed("calendar", "export").output
    #expect(text.hasPrefix("BEGIN:VCALENDAR\r\n"))
    #expect(text.contains("DTSTART;VALUE=DATE:20270302\r\n"))
    #expect(text.contains("SUMMARY:Blackout: audit\r\n"))
  }

  @Test(
    "A policy is linted, tested and adopted, and calendars are imported from iCalendar files", .timeLimit(.minutes(5)))
  func documents() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      let rules = "rules:\n  - {key: big, tier: 1, when: {kinds: [new-surface]}, because: big}\n"
      try Self.write("undecided.yaml", "version: 1\n" + rules, gonogo)
      let undecided = try await gonogo.run("policy", "lint", "undecided.yaml")
      #expect(undecided.status == ExitStatus.no.rawValue)
      #expect(undecided.errors.contains("undecided.yaml:1: error: some cases match no rule"), "\(undecided.errors)")
      #expect(try await gonogo.run("policy", "adopt", "undecided.yaml").status == ExitStatus.badInput.rawValue)
      try Self.write("policy.yaml", "version: 1\notherwise: 3\n" + rules, gonogo)
      try Self.write("cases.csv", "kinds,pricing,tier\nnew-surface,,1\nbug-fix,yes,2\n", gonogo)
      try await gonogo.succeed("policy", "test", "cases.csv")
      let differs = try await gonogo.run("policy", "test", "cases.csv", "--policy", "policy.yaml", "-o", "json")
      #expect(differs.status == ExitStatus.no.rawValue)
      #expect(try differs.json()["failed"] == 1)
      try Self.write("cases.csv", "kinds,pricing,tier\nnew-surface,perhaps,1\n", gonogo)
      let faulty = try await gonogo.run("policy", "test", "cases.csv")
      #expect(faulty.errors.contains("cases.csv:2: /facts/pricing:"), "\(faulty.errors)")
      try Self.write("cases.csv", "kinds,pricing,tier\n", gonogo)
      let empty = try await gonogo.run("policy", "test", "cases.csv")
      #expect(empty.status == ExitStatus.badInput.rawValue, "an empty table proves nothing")
      #expect(empty.errors.contains("cases.csv has no cases"), "\(empty.errors)")
      try await gonogo.succeed("policy", "propose", "policy.yaml", "--reason", "simpler")
      #expect(try await gonogo.succeed("policy", "export", "--proposal", "policy-1").output.contains("otherwise: 3"))
      try await gonogo.succeed("policy", "adopt", "policy-1")
      try Self.write("other.yaml", "version: 1\notherwise: 2\n" + rules, gonogo)
      #expect(try await gonogo.succeed("policy", "show", "-o", "json").json()["documentVersion"] == 2)
      let late = try await gonogo.succeed("policy", "adopt", "other.yaml")
      #expect(
        late.errors.contains("other.yaml is based on version 1, but version 2 was adopted since"), "\(late.errors)")
      try await Self.calendars(gonogo)
    }
  }

  private static func calendars(_ gonogo: GatewayProcess) async throws {
    let event = "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270514\r\nSUMMARY:Company day\r\nEND:VEVENT\r\n"
    try write("acme.ics", "BEGIN:VCALENDAR\r\n\(event)END:VCALENDAR\r\n", gonogo)
    #expect(try await gonogo.run("calendar", "adopt", "acme.ics").status == ExitStatus.usage.rawValue)
    try await gonogo.succeed("calendar", "adopt", "acme.ics", "--key", "ACME")
    // From Thursday 13 May; the 14th is the company's day, and the 17th is Whit Monday in Germany.
    let day = try await gonogo.succeed("calendar", "workday", "2027-05-13", "1", "--calendar", "DE+ACME", "-o", "json")
    #expect(try day.json()["date"] == "2027-05-18")
    let faulty = event.replacing("VALUE=DATE:20270514", with: "VALUE=DATE:20270514\r\nRRULE:FREQ=WEEKLY")
    try write("weekly.ics", "BEGIN:VCALENDAR\r\n\(faulty)END:VCALENDAR\r\n", gonogo)
    let weekly = try await gonogo.run("calendar", "adopt", "weekly.ics", "--key", "ACME")
    #expect(weekly.status == ExitStatus.badInput.rawValue)
    #expect(weekly.errors.contains("weekly.ics:4: RRULE:FREQ=WEEKLY"), "\(weekly.errors)")
  }
}
