/// The output that a page shows, with `…` for what it leaves out.
///
/// A line `…` matches any number of lines, and `…` within a line any text. Blank lines, the width of white space, hashes,
/// times of day and user ids do not count.
struct ExpectedOutput {
  /// A line of the page.
  struct Line: Hashable {
    var number: Int
    var text: String
  }

  /// The first difference between expected and actual output.
  enum Mismatch: Hashable {
    /// No line of the actual output is left that matches this one.
    case missing(Line)
    /// The page does not have this line of the actual output.
    case unexpected(String)
  }

  /// The lines that count.
  let lines: [Line]

  init(_ lines: [Line]) {
    self.lines = lines.filter { !$0.text.allSatisfy(\.isWhitespace) }
  }

  /// Returns the first difference from the actual output; nil if the output matches.
  func mismatch(with output: String) -> Mismatch? {
    let actual = output.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
    let normalized = actual.map(Self.normalize)
    // Each element is how many actual lines the expected lines read so far can match.
    var matched: Set = [0]
    for line in lines {
      let pattern = Self.normalize(line.text)
      if pattern == "…" {
        matched = Set((matched.min() ?? 0)...actual.count)
      } else {
        let next = matched.filter { $0 < actual.count && Self.matches(normalized[$0], pattern) }
        guard !next.isEmpty else { return .missing(line) }
        matched = Set(next.map { $0 + 1 })
      }
    }
    guard let last = matched.max(), last < actual.count else { return nil }
    return .unexpected(String(actual[last]))
  }

  private static func matches(_ line: String, _ pattern: String) -> Bool {
    let pieces = pattern.split(separator: "…", omittingEmptySubsequences: false)
    guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else { return line == pattern }
    guard line.hasPrefix(first) else { return false }
    var rest = line.dropFirst(first.count)
    guard rest.hasSuffix(last) else { return false }
    rest = rest.dropLast(last.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }

  /// Replaces what differs from run to run.
  private static func normalize(_ line: some StringProtocol) -> String {
    line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing(/\b[0-9a-f]{12,64}\b/.wordBoundaryKind(.simple), with: "HASH")
      .replacing(/\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z/.asciiOnlyDigits(), with: "TIME")
      .replacing(/uid:\d+/.asciiOnlyDigits(), with: "uid:ID")
  }
}
