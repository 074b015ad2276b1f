import StandardStreams

/// Formats words for a shell.
enum ShellText {
  /// Returns the word, in single quotes unless every shell takes it literally without quotes.
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
    return word.unicodeScalars.contains(where: isHidden) ? printed(word) : quoted(word)
  }

  private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: #"'\''"#))'" }

  /// Whether the character is not passed to a terminal as it is; line feeds and tabs are.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.actsOnTerminal && scalar != "\n" && scalar != "\t"
  }

  /// Returns a command substitution that prints the word, with characters on which a terminal may act written in octal.
  /// Every POSIX shell understands it. Because a substitution drops line feeds at its end, these are appended after it.
  private static func printed(_ word: String) -> String {
    var (body, end) = (word, "")
    while body.unicodeScalars.last == "\n" {
      body.unicodeScalars.removeLast()
      end += "\n"
    }
    var format = ""
    for scalar in body.unicodeScalars {
      switch scalar {
      case "%": format += "%%"
      case "\\": format += #"\\"#
      // At the start, the character would begin an option.
      case "-" where format.isEmpty: format += #"\055"#
      case _ where isHidden(scalar): format += String(scalar).utf8.map(octal).joined()
      default: format.unicodeScalars.append(scalar)
      }
    }
    return "\"$(printf \(quoted(format)))\"" + (end.isEmpty ? "" : quoted(end))
  }

  private static func octal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// Returns the command line that runs the words.
  static func line(_ words: [String]) -> String { words.map(word).joined(separator: " ") }
}
