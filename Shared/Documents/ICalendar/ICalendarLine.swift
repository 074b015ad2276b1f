/// One content line of an iCalendar stream (RFC 5545, section 3.1), unfolded.
struct ICalendarLine: Sendable, Hashable {
  /// The number of the line on which it starts, from 1.
  var number: Int
  /// The property name in upper case, such as `DTSTART`.
  var name: String
  /// The parameters by name in upper case, with quotes removed from the values.
  var parameters: [String: String]
  var value: String

  /// Returns the content lines of a file. Lines may also end with LF or CR alone, as some programs write them.
  ///
  /// - Throws: an error with the number of the first malformed line.
  static func all(in bytes: [UInt8]) throws(SourceError) -> [ICalendarLine] {
    var lines: [ICalendarLine] = []
    for (number, content) in unfolded(bytes) where !content.isEmpty { lines.append(try line(content, number)) }
    return lines
  }

  /// Joins each line that starts with white space to the previous one. Simple writers fold lines within a character, so
  /// that this joins bytes, and only the result must be UTF-8 (section 3.1).
  private static func unfolded(_ bytes: [UInt8]) -> [(number: Int, content: [UInt8])] {
    var lines: [(number: Int, content: [UInt8])] = []
    for (index, line) in physicalLines(bytes).enumerated() {
      if let first = line.first, first == 0x20 || first == 0x09, !lines.isEmpty {
        lines[lines.count - 1].content += line.dropFirst()
      } else {
        lines.append((index + 1, Array(line)))
      }
    }
    return lines
  }

  /// Returns the lines of a file, which end with CRLF, LF or CR, without a byte order mark.
  private static func physicalLines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let isMarked = bytes.starts(with: SourceDocument.byteOrderMark)
    var start = isMarked ? SourceDocument.byteOrderMark.count : 0
    var lines: [ArraySlice<UInt8>] = []
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") else {
        index += 1
        continue
      }
      lines.append(bytes[start..<index])
      index += byte == UInt8(ascii: "\r") && bytes[index...].starts(with: [0x0D, 0x0A]) ? 2 : 1
      start = index
    }
    if start < bytes.count { lines.append(bytes[start...]) }
    return lines
  }

  private static func line(_ content: [UInt8], _ number: Int) throws(SourceError) -> ICalendarLine {
    guard String(validating: content, as: UTF8.self) != nil else {
      throw SourceError(line: number, detail: "the line is not valid UTF-8")
    }
    guard !content.contains(0) else {
      throw SourceError(line: number, detail: "the line contains the character U+0000; remove it")
    }
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
    throw SourceError(line: number, detail: "\"\(shown)\" is not an iCalendar line: it has no colon")
  }

  private static func parsed(
    _ pieces: [[UInt8]], value: [UInt8], _ number: Int
  ) throws(SourceError) -> ICalendarLine {
    let texts = pieces.map { String(decoding: $0, as: UTF8.self) }
    var parameters: [String: String] = [:]
    for text in texts.dropFirst() {
      guard let equals = text.firstIndex(of: "=") else {
        throw SourceError(line: number, detail: "the parameter \"\(text)\" has no value")
      }
      let unquoted = text[text.index(after: equals)...].filter { $0 != "\"" }
      parameters[text[..<equals].uppercased()] = String(unquoted)
    }
    return ICalendarLine(
      number: number, name: texts[0].uppercased(), parameters: parameters, value: String(decoding: value, as: UTF8.self)
    )
  }

  /// The value as text, with escapes resolved (section 3.3.11).
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
