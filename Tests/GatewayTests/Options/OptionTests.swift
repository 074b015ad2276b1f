import ArgumentParser
import JSON
import Contract
import LaunchModel
import Testing

@testable import Gateway

@Suite("Command lines")
struct OptionTests {
  @Test(
    "Global options may come before or after a command's name",
    arguments: [
      ["-o", "json", "launch", "list"], ["launch", "list", "-o", "json"], ["launch", "list", "--output=json"],
      ["launch", "-o", "json", "list"],
    ])
  func globalOptions(arguments: [String]) throws {
    let command = try #require(try Gonogo.parseAsRoot(arguments) as? LaunchListCommand)
    #expect(command.global.output == .json)
  }

  @Test("Options have their defaults")
  func defaults() throws {
    let command = try #require(try Gonogo.parseAsRoot(["board"]) as? Board)
    #expect(command.global.output == .table)
    #expect(command.global.timeout == 5)
    #expect(command.global.onBehalfOf == nil)
    #expect(command.global.runDir == nil)
    #expect(!command.global.quiet)
  }

  @Test(
    "Invalid values are usage errors",
    arguments: [
      ["launch", "show", "Smart"], ["launch", "show"], ["launch", "frobnicate"], ["launch", "list", "-o", "xml"],
      ["launch", "stage", "a", "101"], ["launch", "override", "a"], ["launch", "override", "a", "4"],
      ["launch", "override", "a", "1", "--clear"], ["launch", "reschedule", "a", "2027-02-30"],
      ["item", "done", "a"], ["item", "done", "a", "/de"], ["item", "done", "a", "qa", "--on", "today"],
      ["item", "done", "a", "qa", "--link", "https://x", "--evidence", "seen"], ["item", "block", "a", "qa"],
      ["calendar", "workday", "2027-03-02"], ["calendar", "workday", "2027-03-02", "five"], ["ping", "nobody"],
      ["template", "adopt"], ["event", "quarantine", "retry"], ["decide", "a", "maybe"], ["board", "--timeout", "0"],
      ["item", "assign", "a", "--to", "lena"], ["item", "assign", "--to", "lena"],
      ["item", "assign", "--from", "erin"], ["item", "assign", "a", "qa"],
      ["review", "action", "assign"], ["review", "action", "assign", "a1"],
      ["review", "action", "assign", "--from", "erin"],
      ["review", "action", "assign", "a1", "--from", "erin", "--to", "lena"],
      ["item", "assign", "a", "qa", "--from", "erin", "--to", "lena"],
      ["item", "assign", "a", "qa", "--to", "lena", "--dry-run"],
      ["item", "waive", "a", "qa", "--reason", "r", "--request", "--decline"],
      ["item", "waive", "a", "qa", "--reason", "r", "--decline", "--until", "2027-03-01"],
      ["launch", "set", "a", "owner"], ["launch", "set", "a", "=x"], ["launch", "set", "a", "facts..x=1"],
    ])
  func usage(arguments: [String]) throws {
    let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(arguments) }
    #expect(CommandOutcome(try #require(error)).status == ExitStatus.usage.rawValue)
  }

  @Test("A consumer given on the command line cannot have a service's name", arguments: ServiceName.allCases)
  func consumerName(service: ServiceName) throws {
    let error = #expect(throws: (any Error).self) {
      try Gonogo.parseAsRoot(["event", "tail", "--consumer", service.rawValue])
    }
    #expect(CommandOutcome(try #require(error)).status == ExitStatus.usage.rawValue)
    let other = try Gonogo.parseAsRoot(["event", "tail", "--consumer", "\(service.rawValue)-copy"])
    #expect((other as? EventTail)?.consumer == "\(service.rawValue)-copy")
  }

  @Test(
    "A negative number of business days is not parsed as an option, with -- or without",
    arguments: [
      ["2027-03-02", "-5", "--calendar", "US"], ["2027-03-02", "--calendar", "US", "--", "-5"],
      ["--calendar", "US", "2027-03-02", "--", "-5"],
    ])
  func negativeWorkday(arguments: [String]) throws {
    let command = try #require(try Gonogo.parseAsRoot(["calendar", "workday"] + arguments) as? CalendarWorkday)
    #expect(command.days == -5)
    #expect(command.calendar == "US")
  }

  @Test(
    "A refused value is reported with the form that is expected",
    arguments: [
      (["launch", "reschedule", "a", "yesterday"], "a date such as 2027-03-02"),
      (["item", "done", "a", "qa", "--on", "yesterday"], "a date such as 2027-03-02"),
      (["calendar", "workday", "tomorrow", "1"], "a date such as 2027-03-02"),
      (["launch", "list", "--from", "3/2/2027"], "a date such as 2027-03-02"),
      (["launch", "ship", "a", "--at", "yesterday"], "a time such as 2027-03-02T14:00:00Z"),
      (["board", "--as-of", "2027-03-02"], "a time such as 2027-03-02T14:00:00Z"),
      (["launch", "show", "Smart Routing"], "a launch id such as smart-routing"),
      (["event", "show", "last"], "an offset such as 17"),
      (["event", "tail", "--after", "now"], "an offset such as 17"),
      (["launch", "stage", "a", "half"], "a number from 0 to 100"),
      (["board", "--timeout", "1m"], "a number of seconds"),
      (["gate", "a", "--wait", "soon"], "a duration such as 90s, 30m or 2h"),
      (["gate", "a", "--wait", "0s"], "a duration such as 90s, 30m or 2h"),
      (["gate", "a", "--wait", "8d"], "a duration such as 90s, 30m or 2h"),
      (["launch", "set", "a", "owner"], "a field and its value such as owner=dana"),
      (["launch", "set", "a", "name=x", "--expected-version", "new"], "a version number such as 3"),
      (["policy", "show", "newest"], "a version number such as 3"),
      (["event", "quarantine", "list", "--max", "all"], "a whole number"),
      (["event", "quarantine", "list", "--max", "0"], "1 to 1000"),
      (["event", "quarantine", "list", "--max", "1001"], "1 to 1000"),
      (["calendar", "adopt", "a.ics", "--years", "2030-2026"], "a first and a last year such as 2026-2035"),
      (["calendar", "adopt", "a.ics", "--years", "2026-x"], "a first and a last year such as 2026-2035"),
      (["calendar", "adopt", "a.ics", "--weekend", ","], "days of the week such as Sat,Sun"),
      (["calendar", "blackout", "set", "b", "--tiers", ","], "tiers such as 0,1"),
      (["item", "done", "a", "qa", "--attended", ","], "people such as jonas,aiko"),
    ])
  func forms(arguments: [String], form: String) throws {
    let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(arguments) }
    let outcome = CommandOutcome(try #require(error))
    #expect(outcome.status == ExitStatus.usage.rawValue)
    #expect(outcome.text.contains(form), "\(outcome.text)")
  }

  @Test(
    "Help on a command that does not exist is a usage error with the nearest command",
    arguments: [
      (["help", "lanch"], "launch"), (["help", "launch", "propse"], "propose"),
      (["help", "event", "quarantine", "lst"], "list"),
    ])
  func helpTopics(arguments: [String], nearest: String) async {
    let outcome = await Gateway.outcome(of: arguments)
    #expect(outcome.status == ExitStatus.usage.rawValue)
    #expect(outcome.text.contains("did you mean \"\(nearest)\"?"), "\(outcome.text)")
  }

  @Test(
    "Help on a word after a command that has none below it is a usage error",
    arguments: [["help", "launch", "show", "extra"], ["help", "ps", "ps"]])
  func helpBeyond(arguments: [String]) async {
    let outcome = await Gateway.outcome(of: arguments)
    #expect(outcome.status == ExitStatus.usage.rawValue)
    let command = arguments.dropFirst().dropLast().joined(separator: " ")
    #expect(outcome.text.contains("gonogo \(command) has no command"), "\(outcome.text)")
  }

  @Test("A span of years is two years in order, or a single year")
  func years() {
    #expect(YearSpan(argument: "2026-2035")?.range == 2026...2035)
    #expect(YearSpan(argument: "2027")?.range == 2027...2027)
    for text in ["2030-2026", "2026-x", "x-2026", "2026-", "-2026", "2026-2027-2028", "", "0-3", "2026-2300"] {
      #expect(YearSpan(argument: text) == nil, "\(text)")
    }
  }

  @Test(
    "Help on commands that exist is printed",
    arguments: [["help"], ["help", "ps"], ["help", "event", "quarantine", "list"]])
  func helpPages(arguments: [String]) async {
    let outcome = await Gateway.outcome(of: arguments)
    #expect(outcome.status == 0 && outcome.printsToStdout && outcome.text.contains("USAGE: gonogo"))
  }

  @Test("The version is printed in the requested output format, given before or after --version")
  func productVersion() async {
    for (arguments, text) in [
      (["--version"], "0.1.0\n"), (["-o", "json", "--version"], #"{"version":"0.1.0"}"# + "\n"),
      (["--version", "--output=yaml"], "version: \"0.1.0\"\n"), (["-q", "--version", "--no-color"], "0.1.0\n"),
    ] {
      let outcome = await Gateway.outcome(of: arguments)
      #expect(outcome.status == 0 && outcome.text == text && outcome.printsToStdout, "\(arguments): \(outcome)")
    }
    #expect(await Gateway.outcome(of: ["--version", "extra"]).status == ExitStatus.usage.rawValue)
  }

  @Test("Items are named by key, or by key and instance, several at once")
  func items() throws {
    let arguments = ["item", "done", "a", "qa", "kb-article/pt-BR", "--attended", "jonas, grace", "--on", "2027-02-22"]
    let command = try #require(try Gonogo.parseAsRoot(arguments) as? ItemDone)
    #expect(
      command.items.items == [ItemReference(key: "qa"), ItemReference(key: "kb-article", instance: "pt-BR")])
    #expect(command.participants.attended?.values == ["jonas", "grace"])
    #expect(command.on == LocalDate("2027-02-22"))
  }

  @Test("Fields are set by path, with values in YAML")
  func assignments() throws {
    let assignments = try [
      "owner=ibrahim", "locales=[en, de]", "facts.audience=most", "facts.pricing=", "allHands=2027-02-25", "n=3",
    ].map(FieldAssignment.field)
    #expect(
      try FieldAssignment.object(of: assignments) == [
        "owner": "ibrahim", "locales": ["en", "de"], "facts": ["audience": "most", "pricing": nil],
        "allHands": "2027-02-25", "n": 3,
      ])
  }

  @Test("A value that cannot be read is refused for that reason, and not as a missing value")
  func unreadableValue() throws {
    for arguments in [["set", "a", "name=[x"], ["retier", "a", "kinds=[x"]] {
      let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(["launch"] + arguments) }
      let message = Gonogo.message(for: try #require(error))
      #expect(message.contains("cannot be read as YAML: "), "\(message)")
    }
    #expect(try FieldAssignment.field("name=plan.json").value == "plan.json", "a value is not a file")
  }

  @Test(
    "A field cannot be set twice",
    arguments: [["a=1", "a=2"], ["a.b=1", "a.b=2"], ["a=1", "a.b=2"], ["a.b=1", "a=2"]])
  func twice(arguments: [String]) throws {
    let assignments = try arguments.map(FieldAssignment.field)
    #expect(throws: GatewayError.self) { try FieldAssignment.object(of: assignments) }
  }

  @Test(
    "--version is a document's version if a command has such an option, and is otherwise refused",
    arguments: [
      ["policy", "show"], ["policy", "export"], ["template", "show"], ["template", "export"],
      ["metric", "defaults", "show"],
    ])
  func version(command: [String]) throws {
    for arguments in [["--version", "2"], ["2"]] {
      let parsed = try Gonogo.parseAsRoot(command + arguments)
      let version =
        switch parsed {
        case let command as PolicyShow: command.document.version
        case let command as PolicyExport: command.document.version
        case let command as TemplateShow: command.document.version
        case let command as TemplateExport: command.document.version
        case let command as MetricDefaultsShow: command.document.version
        default: nil as Int?
        }
      #expect(version == 2)
    }
    for arguments in [command + ["--version"], command + ["1", "--version", "2"], ["launch", "list", "--version"]] {
      let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(arguments) }
      #expect(CommandOutcome(try #require(error)).status == ExitStatus.usage.rawValue)
    }
  }

  @Test(
    "A copy of a launch does not keep its flag: it has the given one, one named after the copy, or none",
    arguments: [
      ("smart", [], nil), ("smart", ["--flag", "smart-eu"], "smart-eu"), ("smart-routing", [], "routing-eu"),
      ("smart-routing", ["--flag", "eu"], "eu"),
    ] as [(String, [String], String?)])
  func cloned(flag: String, options: [String], expected: String?) throws {
    let words = ["launch", "clone", "smart-routing", "--as", "routing-eu", "--date", "2027-06-01"] + options
    let clone = try #require(try Gonogo.parseAsRoot(words) as? LaunchClone)
    var plan = LaunchPlan(
      launch: Sample.launch, name: "Smart routing", owner: "dana", feature: "smart-routing",
      date: Sample.date("2027-03-02"), facts: Facts(kinds: [.newSurface]),
      rollout: Rollout(kind: .gradual, flag: flag, stages: [5, 100]))
    let copy = try clone.plan(copying: plan)
    #expect(copy.rollout == Rollout(kind: .gradual, flag: expected, stages: [5, 100]))
    #expect(copy.feature == "routing-eu")
    plan.rollout = nil
    if options.isEmpty {
      #expect(try clone.plan(copying: plan).rollout == nil)
    } else {
      #expect(throws: GatewayError.self) { try clone.plan(copying: plan) }
    }
  }
}
