import Testing

@Suite("Comments, messages and pages are written in plain English") struct PhraseTests {
  /// Phrases that must not come back, and what to write instead (CONTRIBUTING.md).
  private static let phrases: [(phrase: String, instead: String)] = [
    ("anew", "again"), ("mend", "fix"), ("mends", "fixes"), ("mended", "fixed"), ("at last", "finally"),
    ("all the same", "anyway"), ("so that nothing is known", "so the result is unknown"), ("nobody who", "nobody …"),
    ("nobody of", "no …"), ("somebody else", "another user, another process"), ("hands on", "forwards"),
    ("handed on", "forwarded"), ("goes on", "continues, resumes"), ("tells", "reports, shows"),
    ("told", "reported, shown"),
    ("stands in no", "does not block"), ("has faults", "is invalid"), ("have faults", "are invalid"),
    ("taken back", "rolled back, withdrawn, revoked"), ("puts aside", "quarantines"), ("put aside", "quarantined"),
    ("looks whether", "checks whether"), ("there is nobody", "nobody …"), ("sends everybody", "resumes all waiters"),
    ("lets everybody", "…"), ("what is not there", "missing"), ("where it is to be seen", "a URL"),
    ("is no launch", "is not a launch"), ("is no event", "is not an event"), ("is no number", "is not a number"),
    ("is no text", "is not a string"), ("is no date", "is not a date"), ("is no list", "is not a list"),
    ("nil where", "nil if"), ("true where", "true if"), ("false where", "false if"), ("throws where", "throws if"),
    ("for nil", "if nil"),
    ("nothing to look", "omit it to show"), ("in vain", "without success, timed out"),
    ("for ever", "indefinitely, forever"), ("does not say", "omits it"),
  ]

  private static let needles = phrases.map { (needle: Needle($0.phrase), $0.phrase, $0.instead) }

  @Test("No comment or literal of the sources contains a listed phrase")
  func sources() throws {
    let breaches = try Repository.here.sources().filter { !$0.path.hasPrefix("Tests/TidyTests/") }.flatMap { file in
      zip(file.lines, file.code).enumerated().flatMap { index, line in
        Self.breaches(in: Self.prose(line.0, code: line.1), at: "\(file.path):\(index + 1)")
      }
    }
    #expect(breaches.isEmpty, "\(breaches.joined(separator: "\n"))")
  }

  @Test("No page or script contains a listed phrase")
  func pages() throws {
    let paths = try Repository.here.paths(endingIn: [".md", ".yml", ".py", ".sh"])
    let scripts = [
      "deploy/common.sh", "deploy/contracts", "deploy/test", "deploy/quickstart", "deploy/kill-test",
      "deploy/hosts-test", ".ci/run",
    ]
    let breaches = try Set(paths + scripts).sorted().flatMap { path in
      try Repository.here.text(of: path).split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap {
        Self.breaches(in: String($0.element), at: "\(path):\($0.offset + 1)")
      }
    }
    #expect(breaches.isEmpty, "\(breaches.joined(separator: "\n"))")
  }

  @Test(
    "A phrase is found as whole words, in upper or lower case, but not in code",
    arguments: [
      ("/// The client is told.", 1), ("let told = 1", 0), ("// Retold as it was", 0), (#"fail("Look anew")"#, 1),
      ("/// The key; nil where it has faults.", 2), ("/// It is no longer there.", 0),
    ] as [(String, Int)])
  func matching(line: String, count: Int) {
    let prose = Self.prose(line, code: CodeOnly.text(of: line))
    #expect(Self.breaches(in: prose, at: "a:1").count == count)
  }

  private static func breaches(in prose: String, at place: String) -> [String] {
    let lowercased = prose.lowercased()
    return needles.compactMap { needle, phrase, instead in
      needle.isIn(lowercased) ? "\(place): \"\(phrase)\"; write: \(instead)" : nil
    }
  }

  /// What is not code on a line: the comment and the text of literals.
  private static func prose(_ line: String, code: String) -> String {
    let code = Array(code.utf8)
    let blank = UInt8(ascii: " ")
    return String(
      decoding: line.utf8.enumerated().map { index, byte in
        index < code.count && code[index] != blank ? blank : byte
      }, as: UTF8.self)
  }
}
