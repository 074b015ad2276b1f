/// Words as a shell reads them.
enum ShellText {
  /// The word, in single quotes unless every shell takes it literally without.
  static func word(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:@=,+%".utf8.contains(byte)
      }
    }
    guard !isPlain || word.isEmpty || word.first == "=" else { return word }
    return "'\(word.replacing("'", with: #"'\''"#))'"
  }

  /// The command line that runs the words.
  static func line(_ words: [String]) -> String { words.map(word).joined(separator: " ") }
}
