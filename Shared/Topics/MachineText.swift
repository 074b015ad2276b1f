/// Machine-written parts of a ticket: fenced code, logs, stack traces, addresses and identifiers.
enum MachineText {
  /// Returns the lines without fenced code, log lines and stack traces.
  static func removed(from lines: [Substring]) -> [Substring] {
    var kept: [Substring] = []
    var isFenced = false
    for line in lines {
      let text = line.drop { $0.isWhitespace }
      if text.hasPrefix("```") || text.hasPrefix("~~~") {
        isFenced.toggle()
      } else if !isFenced, !isLog(text), !isStackFrame(text), !isMostlySymbols(text) {
        kept.append(line)
      }
    }
    return kept
  }

  /// Returns whether a word is a URL, a mail address or an identifier such as a UUID, a hash or a token.
  static func isAddress(_ word: Substring) -> Bool {
    if word.contains("://") || word.hasPrefix("www.") || word.hasPrefix("mailto:") { return true }
    if let at = word.firstIndex(of: "@"), at != word.startIndex, word[at...].contains(".") { return true }
    guard word.utf8.count >= 16, word.allSatisfy(\.isASCII) else { return false }
    let isHexadecimal = word.allSatisfy { $0.isHexDigit || $0 == "-" } && word.contains(where: \.isNumber)
    return isHexadecimal || word.utf8.count > 40
  }

  private static let levels: Set<Substring> = [
    "trace", "debug", "info", "notice", "warn", "warning", "error", "fatal", "critical", "severe",
  ]

  /// Returns whether a line begins with a time stamp or a level in capitals, as log lines do.
  private static func isLog(_ line: Substring) -> Bool {
    let start = line.drop { "[(<".contains($0) }
    let shape = String(start.prefix(10).map { $0.isNumber && $0.isASCII ? "9" : $0 })
    if ["9999-99-99", "9999/99/99"].contains(shape) {
      // A person may begin a sentence with a date, but not with a date and a time.
      return start.dropFirst(10).prefix(9).contains(":")
    }
    if shape.hasPrefix("99:99:99") { return true }
    guard let first = start.split(maxSplits: 1, whereSeparator: { !$0.isLetter }).first, first.count >= 4 else {
      return false
    }
    let isShouted = first == Substring(first.uppercased()) && levels.contains(Substring(first.lowercased()))
    return isShouted && start.startIndex == first.startIndex && (start != line || start.count > first.count + 12)
      && start.dropFirst(first.count).contains { ".:[]=_".contains($0) }
  }

  /// Returns whether a line belongs to a stack trace of a JVM, .NET, JavaScript, Python, Go, Ruby or native program.
  private static func isStackFrame(_ line: Substring) -> Bool {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard let first = words.first else { return false }
    let isCall = words.dropFirst().contains { ($0.contains(".") || $0.contains("/")) && $0.contains("(") }
    switch first {
    case "at": return isCall || line.hasSuffix(")") || line.contains(":line ") || endsWithPosition(line)
    case "File": return line.contains("\", line ")
    case "Traceback": return line.contains("(most recent call")
    case "goroutine": return line.hasSuffix("]:")
    case "Caused": return line.hasPrefix("Caused by:")
    case "Exception": return line.hasPrefix("Exception in thread")
    case "...": return line.hasSuffix(" more")
    default: break
    }
    if first.hasPrefix("#"), first.dropFirst().allSatisfy(\.isNumber), words.count > 1 {
      return words[1].hasPrefix("0x") || isCall
    }
    if first.hasPrefix("0x"), words.count > 1 { return true }
    // The exception itself, such as "java.lang.IllegalStateException: closed".
    let name = first.hasSuffix(":") ? first.dropLast() : first
    return name.contains(".") && (name.hasSuffix("Exception") || name.hasSuffix("Error"))
  }

  private static func endsWithPosition(_ line: Substring) -> Bool {
    let parts = line.split(separator: ":")
    return parts.count > 2 && parts.suffix(2).allSatisfy { $0.allSatisfy(\.isNumber) }
  }

  /// Returns whether a line has fewer letters than other characters, like tables, dumps and JSON.
  private static func isMostlySymbols(_ line: Substring) -> Bool {
    var visible = 0
    var symbols = 0
    for character in line where !character.isWhitespace {
      visible += 1
      if character.isASCII, !character.isLetter { symbols += 1 }
    }
    return visible > 20 && symbols * 2 > visible
  }
}
