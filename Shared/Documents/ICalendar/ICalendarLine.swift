internal import LaunchModel

/// One content line of an iCalendar stream (RFC 5545, section 3.1), unfolded.
struct ICalendarLine: Sendable, Hashable {
  /// The line that it begins on, from 1.
  var number: Int
  /// In upper case, as `DTSTART`.
  var name: String
  /// By name in upper case, without quotes.
  var parameters: [String: String]
  var value: String

  /// The content lines of a text. Lines may end with LF alone, as some calendars write them.
  ///
  /// - Throws: a fault with the line of what is no content line.
  static func all(in text: String) throws(SourceFault) -> [ICalendarLine] {
    var lines: [ICalendarLine] = []
    for (number, content) in unfolded(text) where !content.isEmpty { lines.append(try line(content, number)) }
    return lines
  }

  /// Joins each line that begins with white space to the one before it.
  private static func unfolded(_ text: String) -> [(number: Int, content: [UInt8])] {
    var lines: [(number: Int, content: [UInt8])] = []
    var raw = Array(text.utf8)[...]
    if raw.starts(with: SourceDocument.byteOrderMark) { raw = raw.dropFirst(SourceDocument.byteOrderMark.count) }
    for (index, physical) in raw.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let line = physical.last == UInt8(ascii: "\r") ? physical.dropLast() : physical
      if let first = line.first, first == 0x20 || first == 0x09, !lines.isEmpty {
        lines[lines.count - 1].content += line.dropFirst()
      } else {
        lines.append((index + 1, Array(line)))
      }
    }
    return lines
  }

  private static func line(_ content: [UInt8], _ number: Int) throws(SourceFault) -> ICalendarLine {
    var isQuoted = false
    var pieces: [[UInt8]] = [[]]
    var rest = content[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == UInt8(ascii: ":") {
        return try parsed(pieces, value: Array(rest), number)
      }
      if !isQuoted, byte == UInt8(ascii: ";") { pieces.append([]) } else { pieces[pieces.count - 1].append(byte) }
    }
    let shown = String(decoding: content.prefix(40), as: UTF8.self)
    throw SourceFault(line: number, detail: "\"\(shown)\" is no line of an iCalendar file: it has no colon")
  }

  private static func parsed(
    _ pieces: [[UInt8]], value: [UInt8], _ number: Int
  ) throws(SourceFault) -> ICalendarLine {
    let texts = pieces.map { String(decoding: $0, as: UTF8.self) }
    var parameters: [String: String] = [:]
    for text in texts.dropFirst() {
      guard let equals = text.firstIndex(of: "=") else {
        throw SourceFault(line: number, detail: "the parameter \"\(text)\" has no value")
      }
      let unquoted = text[text.index(after: equals)...].filter { $0 != "\"" }
      parameters[text[..<equals].uppercased()] = String(unquoted)
    }
    return ICalendarLine(
      number: number, name: texts[0].uppercased(), parameters: parameters, value: String(decoding: value, as: UTF8.self)
    )
  }

  /// The value as a text, with its escapes undone (section 3.3.11).
  var text: String {
    var result = ""
    var isEscaped = false
    for character in value {
      if isEscaped {
        result.append(character == "n" || character == "N" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
