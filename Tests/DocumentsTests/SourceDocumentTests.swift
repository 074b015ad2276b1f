import Documents
import JSON
import LaunchModel
import Testing

@Suite("Source documents") struct SourceDocumentTests {
  static let launch = """
    launch: smart-routing            # id, [a-z0-9-]
    name: Smart routing
    owner: dana
    feature: smart-routing           # the key used in signals
    date: 2027-03-02                 # local date …
    timeZone: America/New_York       # … in this zone; default UTC
    calendar: US                     # default: Monday to Friday, no holidays
    calendars: {support: PL}         # a function's own, where it differs
    locales: [en, de, fr]            # default [en]
    segments: [enterprise]           # default []
    allHands: 2027-02-25             # the next All-Hands before launch
    facts: {kinds: [new-surface], audience: subset, changesWorkflow: true, addsServerCompute: unknown}
    rollout: {kind: gradual, flag: smart-routing, stages: [5, 25, 100]}
    """

  @Test("The contract's launch file is read") func contractLaunchFile() throws {
    let source = try SourceDocument(parsing: Array(Self.launch.utf8), file: "launch.yaml")
    let plan = try LaunchPlan(reading: source.value, calendars: CalendarSet(BuiltIn.calendars))
    #expect(plan.launch.rawValue == "smart-routing")
    #expect(plan.date == LocalDate("2027-03-02"))
    #expect(plan.calendars == ["support": "PL"])
    #expect(plan.facts.flags == [.changesWorkflow: .known(true), .addsServerCompute: .unknown])
    #expect(plan.rollout == Rollout(kind: .gradual, flag: "smart-routing", stages: [5, 25, 100]))
    #expect(source.line(of: "/facts/audience") == 12)
    #expect(source.line(of: "/locales/2") == 9)
    #expect(source.line(of: "/facts/pricing") == 12)
  }

  @Test(
    "A duplicate key is reported at the line of its second occurrence",
    arguments: [
      ("a: 1\nb:\n  a: 2\n# a\n\nc: 3\na: 4\n", 7), ("x:\n  - k: 1\n    v: 2\n    k: 3\n  - k: 4\n", 4),
      ("a: 1\n\"a\": 2\n", 2), ("m: {a: 1, a: 2}\n", 1), ("z: 1\nb: 1\nz: 2\nb: 2\n", 4),
    ])
  func doubledKey(text: String, line: Int) throws {
    let problem = #expect(throws: Problem.self) { try SourceDocument(parsing: Array(text.utf8), file: "a.yaml") }
    let error = try #require(problem?.errors.first)
    #expect(error.line == line)
    #expect(error.detail.contains("duplicate key"))
  }

  @Test(
    "Each text and each key with the character U+0000 is refused with its line",
    arguments: [
      ("a.yaml", "name: \"a\\0\"\nrules:\n  - because: \"\\x00\"\n  - {x: 1, \"k\\u0000\": 2}\n"),
      ("a.json", "{\"name\": \"a\\u0000\",\n\"rules\": [\n{\"because\": \"\\u0000\"},\n{\"x\": 1, \"k\\u0000\": 2}]}"),
    ])
  func nullCharacter(file: String, text: String) throws {
    let problem = #expect(throws: Problem.self) { try SourceDocument(parsing: Array(text.utf8), file: file) }
    #expect(problem?.code == "value-refused")
    #expect(problem?.errors.map(\.pointer) == ["/name", "/rules/0/because", "/rules/1/k\u{0}"])
    #expect(problem?.errors.map(\.line) == [1, 3, 4])
    #expect(problem?.errors.allSatisfy { $0.detail.contains("U+0000") } == true)
    #expect(problem?.extra["file"] == .string(file))
  }

  @Test("A byte order mark at the start is skipped", arguments: ["a.yaml", "a.json"])
  func byteOrderMark(file: String) throws {
    let bytes = [0xef, 0xbb, 0xbf] + Array("{\n\"a\": 1}".utf8)
    let source = try SourceDocument(parsing: bytes, file: file)
    #expect(source.value == ["a": 1])
    #expect(source.line(of: "/a") == 2)
    let yaml = try SourceDocument(parsing: [0xef, 0xbb, 0xbf] + Array("launch: a\n".utf8), file: "-")
    #expect(yaml.value == ["launch": "a"])
  }

  @Test(
    "Errors that concern several fields or the length of a field are reported with their lines",
    arguments: [
      ("allHands: 2027-02-25", "allHands: 2027-03-03", 11),
      ("feature: smart-routing ", "feature: \(String(repeating: "ä", count: 257)) ", 4),
      ("name: Smart routing", "name: \(String(repeating: "n", count: 201))", 2),
    ])
  func planFaults(old: String, new: String, line: Int) throws {
    let text = Self.launch.split(separator: "\n").map { $0.hasPrefix(old) ? new : String($0) }.joined(separator: "\n")
    let source = try SourceDocument(parsing: Array(text.utf8), file: "launch.yaml")
    let problem = #expect(throws: Problem.self) { _ = try LaunchPlan(reading: source.value) }
    let located = source.locating(try #require(problem))
    #expect(located.errors.map(\.line) == [line])
  }

  @Test("Errors are ordered by line") func order() throws {
    let source = try SourceDocument(parsing: Array("b: 1\na: 2\nc: 3\n".utf8), file: "a.yaml")
    let problem = Problem.invalid(
      errors: ["/a", "/c", "/b", "/b/x"].map { FieldError(pointer: $0, detail: "wrong") })
    #expect(source.locating(problem).errors.map(\.pointer) == ["/b", "/b/x", "/a", "/c"])
  }

  @Test("All errors are reported at once, with their lines") func errors() throws {
    let text = """
      launch: Smart Routing
      name: ""
      onwer: dana
      date: 2027-02-30
      timeZone: Mars/Olympus
      calendar: UK
      calendars: {suport: PL}
      locales: []
      facts:
        kinds: [new-surfaces]
        audience: everyone
        pricing: perhaps
      rollout: {kind: gradual, stages: [50, 25, 101]}
      """
    let source = try SourceDocument(parsing: Array(text.utf8), file: "bad.yaml")
    let problem = #expect(throws: Problem.self) {
      try LaunchPlan(reading: source.value, calendars: CalendarSet(BuiltIn.calendars))
    }
    let errors = source.locating(try #require(problem)).errors
    let lines = Dictionary(errors.map { ($0.pointer, $0.line) }, uniquingKeysWith: { first, _ in first })
    let expected: [String: Int?] = [
      "/launch": 1, "/name": 2, "/onwer": 3, "/owner": 1, "/date": 4, "/timeZone": 5, "/calendar": 6,
      "/calendars/suport": 7, "/locales": 8, "/facts/kinds/0": 10, "/facts/audience": 11, "/facts/pricing": 12,
      "/rollout/stages/1": 13, "/rollout/stages/2": 13,
    ]
    #expect(lines == expected)
    #expect(errors.contains { $0.detail.contains("did you mean \"owner\"") })
    #expect(errors.contains { $0.detail.contains("did you mean \"support\"") })
  }

  @Test(
    "Plain scalars follow the YAML 1.2 core schema",
    arguments: [
      ("no", JSONValue.string("no")), ("yes", "yes"), ("on", "on"), ("2027-03-02", "2027-03-02"), ("12:30", "12:30"),
      ("true", true), ("False", false), ("~", nil), ("", nil), ("null", nil), ("12", 12), ("-1", -1), ("0o17", 15),
      ("0xff", 255), ("1e3", .number(1000)), (".5", .number(0.5)), ("1_000", "1_000"), ("5%", "5%"), ("'5'", "5"),
      ("!!str 5", "5"), ("0123", 123), ("\"true\"", "true"),
    ])
  func scalars(_ text: String, _ value: JSONValue) throws {
    let source = try SourceDocument(parsing: Array("key: \(text)\n".utf8), file: "x.yaml")
    #expect(source.value["key"] == value)
  }

  @Test(
    "A syntax error is reported with its line",
    arguments: [
      ("a: 1\nb: [1, 2\n", 3, "x.yaml"), ("a: 1\nb: 2\na: 3\n", 3, "x.yaml"), ("a: .inf\n", 1, "x.yaml"),
      ("---\na: 1\n---\nb: 2\n", 3, "x.yaml"), ("", 1, "x.yaml"), ("{\n\"a\": 1,\n}", 3, "x.json"),
      ("a: &x [1]\nb: *y\n", 2, "x.yaml"),
    ])
  func unreadable(_ text: String, _ line: Int, _ file: String) {
    let problem = #expect(throws: Problem.self) { try SourceDocument(parsing: Array(text.utf8), file: file) }
    #expect(problem?.errors.first?.line == line)
    #expect(problem?.extra["file"] == .string(file))
  }

  @Test("A small file cannot expand into a huge value") func aliasesAreBounded() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...7 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(throws: Problem.self) { try SourceDocument(parsing: Array(text.utf8), file: "x.yaml") }
  }

  @Test("JSON is read as JSON, with line numbers") func json() throws {
    let text = "{\n  \"a\": [\n    \"\\ud83d\\ude00\",\n    {\"b\": 1}\n  ]\n}\n"
    let source = try SourceDocument(parsing: Array(text.utf8), file: "x.json")
    #expect(source.value == ["a": ["😀", ["b": 1]]])
    #expect(source.line(of: "/a/1/b") == 4)
    #expect(source.line(of: "/a") == 2)
  }
}
