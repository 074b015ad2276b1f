import Testing

@testable import Gateway

@Suite("Reading lines")
struct LineReaderTests {
  @Test(
    "Lines are numbered; blank lines count but are skipped",
    arguments: [
      ("", []), ("\n\n", []), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\r\nb\r\n", ["1:a", "2:b"]),
      ("\n  \na\n\t\n\nb", ["3:a", "6:b"]),
      ("\u{feff}{}\n\u{feff}b", ["1:{}", "2:\u{feff}b"]), ("\u{feff}", []),
    ] as [(String, [String])])
  func lines(content: String, expected: [String]) async throws {
    try await withTemporaryFile(content) { path in
      let lines = try Self.all(path)
      #expect(lines == expected)
    }
  }

  @Test("A line may be longer than the read buffer")
  func longLine() async throws {
    let long = String(repeating: "x", count: 300_000)
    try await withTemporaryFile("\(long)\nend\n") { path in
      let lines = try Self.all(path)
      #expect(lines == ["1:\(long)", "2:end"])
    }
  }

  @Test(
    "The first character is found behind white space and a byte order mark, and stays in place",
    arguments: [("\u{feff} \n\t{}\n", "{"), ("a,b\n", "a"), ("\u{feff}", nil), (" \n", nil), ("", nil)]
      as [(String, String?)])
  func firstCharacter(content: String, expected: String?) async throws {
    try await withTemporaryFile(content) { path in
      var reader = try LineReader(path: path)
      let first = try reader.firstCharacter(within: 1 << 20)
      #expect(first == expected?.utf8.first)
      let rest = try reader.remainder(until: 1 << 20)
      #expect(rest == Array(content.utf8))
    }
  }

  @Test(
    "The names of standard input and of a shell's pipes show no format",
    arguments: [
      ("-", true), ("/dev/stdin", true), ("/dev/fd/63", true), ("/proc/self/fd/0", true), ("cases.csv", false),
      ("dev/stdin", false),
    ])
  func unnamed(path: String, expected: Bool) { #expect(InputFile(path).isUnnamed == expected) }

  @Test("A missing file is named in the error")
  func missing() {
    #expect(throws: GatewayError(.badInput, "cannot read /nowhere/x: No such file or directory")) {
      _ = try LineReader(path: "/nowhere/x")
    }
  }

  private static func all(_ path: String) throws -> [String] {
    var reader = try LineReader(path: path)
    var lines: [String] = []
    while let line = try reader.next() { lines.append("\(line.number):\(String(decoding: line.bytes, as: UTF8.self))") }
    return lines
  }
}
