import Testing

/// A source that breaks a rule, or one that looks as if it did.
struct Sample: Sendable, CustomTestStringConvertible {
  var rule: String
  var path = "Services/Review/ReviewService/Sample.swift"
  var text: String
  var lines: [Int]

  var testDescription: String { "\(rule): \(text.debugDescription)" }
}

@Suite("Each rule finds its violations, and nothing else")
struct RuleTests {
  static let samples: [Sample] = [
    Sample(rule: "no task that nobody owns", text: "let a = 1\nTask.detached { }", lines: [2]),
    Sample(rule: "no task that nobody owns", text: "// Task.detached is wrong\nlet a = \"Task.detached\"", lines: []),
    Sample(rule: "no semaphores", text: "let a = DispatchSemaphore(value: 0)", lines: [1]),
    Sample(
      rule: "no blocking sleep", text: "sleep(1)\nusleep(5)\ntry await Task.sleep(for: a)\nclock.sleep(2)",
      lines: [1, 2]),
    Sample(
      rule: "no test sleeps to be right", path: "Tests/XTests/A.swift",
      text: "try await Task.sleep(for: a)\n// The rate is what is tested.\ntry await Task.sleep(for: a)", lines: [1]),
    Sample(
      rule: "the time comes from the clock", text: "let a = Date()\nlet b = LocalDate(\"x\")\nupDate()", lines: [1]),
    Sample(
      rule: "the time comes from the clock", path: "Shared/LaunchModel/Time/SystemClock.swift", text: "Date()",
      lines: []),
    Sample(rule: "only the gateway prints", text: "print(a)\nfootprint(a)\ntable.print(a)", lines: [1]),
    Sample(rule: "only the gateway prints", path: "Services/Gateway/Gateway/A.swift", text: "print(a)", lines: []),
    Sample(rule: "nothing crashes on purpose", text: "try! a()\nfatalError()\nb as! C\nretry !a", lines: [1, 2, 3]),
    Sample(rule: "nothing crashes on purpose", text: "let a = \"\\(try! b())\"", lines: [1]),
    Sample(
      rule: "what is unsafe is proven beside it",
      text:
        "final class A: @unchecked Sendable {}\n// Only the reactor's thread reads it.\nnonisolated(unsafe) let b: C",
      lines: [1]),
    Sample(rule: "settings are read in one place", text: "getenv(\"HOME\")", lines: [1]),
    Sample(
      rule: "a process ends in one place", text: "exit(0)\nProcessEnd.exit(with: 0)\n_exit(1)\nonExit(2)",
      lines: [1, 3]),
    Sample(
      rule: "no catch that swallows", text: "do { try a() } catch { }\ndo { try a() } catch { throw b }", lines: [1]),
    Sample(
      rule: "no error is dropped without a reason",
      text: """
        let a = try? b()
        // Nothing is lost: it was only read.
        try? c.close()
        let entry? = d
        retry?.e()
        while (try? f()) == nil {
        """, lines: [1, 6]),
    Sample(
      rule: "no error is dropped without a reason", path: "Tests/XTests/A.swift", text: "let a = try? b()", lines: []),
    Sample(rule: "a type is named for what it is", text: "enum DateUtils {\nlet a = FileManager.default", lines: [1]),
    Sample(rule: "no file over 400 lines", text: String(repeating: "let a = 1\n", count: 400), lines: []),
    Sample(rule: "no file over 400 lines", text: String(repeating: "let a = 1\n", count: 401), lines: [401]),
    Sample(
      rule: "what is public is documented",
      text: """
        public struct A {
        /// Says it.
        @available(*, deprecated)
        public func b() {
        public var c: Int
        public var d: Int { 1 }
        public static func < (a: A, b: A) -> Bool {
        public func encode(to encoder: any Encoder) throws {
        public protocol E {
        /// How many.
        var count: Int { get }
        func loose()
        }
        public init() {}
        public var count: Int { 1 }
        public private(set) var f: Int?
        public static let g = [
        /// In seconds.
        public let h: Int
        case i
        let j: Int
        public let count: Int
        """, lines: [1, 5, 6, 9, 12, 16, 17]),
    Sample(rule: "nothing is left to do", text: "// TODO: later", lines: [1]),
    Sample(
      rule: "SQL takes arguments",
      text: "tx.query(\"SELECT a FROM b WHERE c = '\\(d)'\", [])\ntx.query(\"SELECT a FROM b WHERE c = ?\", [d])",
      lines: [1]),
    Sample(
      rule: "a service imports no other service", text: "import ReviewCore\npublic import ChecklistCore", lines: [2]),
    Sample(
      rule: "a service imports no other service", path: "Services/Gateway/Gateway/A.swift",
      text: "import MetricsService",
      lines: [1]),
    Sample(
      rule: "what is shared knows no service", path: "Shared/ServiceKit/A.swift", text: "import BusCore", lines: [1]),
    Sample(
      rule: "a core is pure", path: "Services/Review/ReviewCore/A.swift", text: "import JSON\nimport Storage",
      lines: [2]),
    Sample(rule: "the model is pure", path: "Shared/LaunchModel/A.swift", text: "public import GRDB", lines: [1]),
    Sample(rule: "only the storage knows its engine", text: "import struct GRDB.Row", lines: [1]),
    Sample(rule: "only ZeroMQ touches the C library", text: "import CZeroMQ", lines: [1]),
    Sample(
      rule: "event types are named, not spelled",
      text:
        "let a = \"dev.gonogo.launch.\"\n/// As `\"dev.gonogo.launch.\"`.\nlet b = \"\"\"\n  [\"dev.gonogo.\"]\n\"\"\"",
      lines: [1]),
  ]

  @Test("Each sample is judged correctly", arguments: samples)
  func judges(_ sample: Sample) throws {
    let rule = try #require(TidyTests.rules.first { $0.name == sample.rule })
    #expect(rule.find(SourceFile(path: sample.path, text: sample.text)) == sample.lines)
  }

  @Test("Every rule has a sample that violates it")
  func everyRuleIsTried() {
    let tried = Set(Self.samples.filter { !$0.lines.isEmpty }.map(\.rule))
    #expect(TidyTests.rules.map(\.name).filter { !tried.contains($0) } == [])
  }

  @Test(
    "Comments and literals are removed, and only code is left",
    arguments: [
      ("a /* b /* c */ d */ e", "a                   e"),
      ("x(\"a\\\"b\") + y", "x(\"    \") + y"),
      ("x(#\"a\"b\\(c)\"#)", "x(#\"       \"#)"),
      ("x(\"a\\(b(\"c\") + d)e\")", "x(\"   b(\" \") + d) \")"),
      ("\"\"\"\n\"a\" \\(b)\n\"\"\"; c", "\"\"\"\n      b)\n\"\"\"; c"),
    ])
  func blanks(source: String, expected: String) {
    #expect(CodeOnly.text(of: source) == expected)
  }

  @Test(
    "A path of one machine is distinguished from a path that any machine may have",
    arguments: [
      ("see /home/dana/gonogo", true), ("cd /work/tree", true), ("framework/tree", false), ("~/.local/state", false),
      ("/etc/gonogo", false), ("https://example.com/home/page", false), ("\"/Users/x\"", true),
    ])
  func machinePath(line: String, expected: Bool) {
    #expect(MachinePath.isIn(line) == expected)
  }
}
