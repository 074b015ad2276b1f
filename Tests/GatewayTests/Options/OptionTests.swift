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
      ["launch", "set", "a", "owner"], ["launch", "set", "a", "=x"], ["launch", "set", "a", "facts..x=1"],
    ])
  func usage(arguments: [String]) throws {
    let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(arguments) }
    #expect(CommandOutcome(try #require(error)).status == ExitStatus.usage.rawValue)
  }

  @Test("A negative number of business days is not parsed as an option")
  func negativeWorkday() throws {
    let arguments = ["calendar", "workday", "2027-03-02", "-5", "--calendar", "US"]
    let command = try #require(try Gonogo.parseAsRoot(arguments) as? CalendarWorkday)
    #expect(command.offset == ["-5"])
    #expect(command.calendar == "US")
  }

  @Test("Items are named by key, or by key and instance, several at once")
  func items() throws {
    let arguments = ["item", "done", "a", "qa", "kb-article/pt-BR", "--attended", "jonas, grace", "--on", "2027-02-22"]
    let command = try #require(try Gonogo.parseAsRoot(arguments) as? ItemDone)
    #expect(
      command.items.items == [ItemReference(key: "qa"), ItemReference(key: "kb-article", instance: "pt-BR")])
    #expect(command.attended?.values == ["jonas", "grace"])
    #expect(command.on == LocalDate("2027-02-22"))
  }

  @Test("Fields are set by path, with values in YAML")
  func assignments() throws {
    let assignments = [
      "owner=ibrahim", "locales=[en, de]", "facts.audience=most", "facts.pricing=", "allHands=2027-02-25", "n=3",
    ].compactMap(FieldAssignment.init(argument:))
    #expect(
      try FieldAssignment.object(of: assignments) == [
        "owner": "ibrahim", "locales": ["en", "de"], "facts": ["audience": "most", "pricing": nil],
        "allHands": "2027-02-25", "n": 3,
      ])
  }

  @Test(
    "A field cannot be set twice",
    arguments: [["a=1", "a=2"], ["a.b=1", "a.b=2"], ["a=1", "a.b=2"], ["a.b=1", "a=2"]])
  func twice(arguments: [String]) {
    let assignments = arguments.compactMap(FieldAssignment.init(argument:))
    #expect(throws: GatewayError.self) { try FieldAssignment.object(of: assignments) }
  }

  @Test(
    "--version is a document's version if a command has one, and is otherwise refused",
    arguments: [["policy", "show"], ["policy", "export"], ["template", "show"], ["template", "export"]])
  func version(command: [String]) throws {
    for arguments in [["--version", "2"], ["2"]] {
      let parsed = try Gonogo.parseAsRoot(command + arguments)
      let version =
        switch parsed {
        case let command as PolicyShow: command.document.version
        case let command as PolicyExport: command.document.version
        case let command as TemplateShow: command.document.version
        case let command as TemplateExport: command.document.version
        default: nil as Int?
        }
      #expect(version == 2)
    }
    for arguments in [command + ["--version"], command + ["1", "--version", "2"], ["launch", "list", "--version"]] {
      let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(arguments) }
      #expect(CommandOutcome(try #require(error)).status == ExitStatus.usage.rawValue)
    }
  }
}
