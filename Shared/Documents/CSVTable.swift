public import LaunchModel

/// A CSV table with a header line (RFC 4180), which records the line number of each row.
///
/// Fields may be quoted, with quotes inside them doubled, and with spaces around the quotes. Lines end with LF, CRLF or CR.
/// What spreadsheets leave behind is skipped: a byte order mark, blank lines, a first line `sep=,`, and rows and columns
/// that have only separators.
public struct CSVTable: Sendable {
  /// One row below the header.
  public struct Row: Sendable, Hashable {
    /// The line on which the row starts, from 1.
    public var line: Int
    /// The fields in the order of the columns, without quotes.
    public var fields: [String]
  }

  /// The columns' names, without surrounding white space.
  public let columns: [String]
  /// The rows in file order; each has one field per column.
  public let rows: [Row]
  /// One error per row with more or fewer fields than the header. Such rows are not included in `rows`.
  public let uneven: [FieldError]

  /// Parses a table.
  ///
  /// - Throws: `invalid`, with the line of each error: invalid UTF-8, U+0000, an unterminated quoted field, a duplicate
  ///   column.
  public init(parsing bytes: [UInt8]) throws(Problem) {
    if let index = bytes.firstIndex(of: 0) {
      let line = bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1
      let detail = "the line contains the character U+0000; remove it, or save the file as CSV UTF-8"
      throw Self.problem([FieldError(pointer: "", line: line, detail: detail)])
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw Self.problem([
        FieldError(pointer: "", line: line + 1, detail: "the file is not valid UTF-8; save it as CSV UTF-8")
      ])
    }
    var scanner = CSVScanner(bytes)
    var rows: [Row] = []
    do throws(SourceError) {
      while let row = try scanner.next() { rows.append(row) }
    } catch {
      throw Self.problem([FieldError(pointer: "", line: error.line, detail: error.detail)])
    }
    guard !rows.isEmpty else {
      throw Self.problem([
        FieldError(pointer: "", line: 1, detail: "the file is empty; expected a first line with the column names")
      ])
    }
    let heading = rows.removeFirst()
    var names = heading.fields.map(\.trimmed)
    while names.count > 1, names.last?.isEmpty == true { names.removeLast() }
    var faults: [FieldError] = []
    for (index, name) in names.enumerated() where !name.isEmpty && names[..<index].contains(name) {
      faults.append(FieldError(pointer: "", line: heading.line, detail: "duplicate column \"\(name)\""))
    }
    rows = rows.map { Self.withoutEmptyEnd($0, names.count) }
    let even = rows.filter { $0.fields.count == names.count }
    let used = names.indices.filter { !names[$0].isEmpty }
    for row in even {
      for (name, field) in zip(names, row.fields) where name.isEmpty && !field.trimmed.isEmpty {
        let detail = "\"\(field.trimmed)\" is in a column without a name; name the column"
        faults.append(FieldError(pointer: "", line: row.line, detail: detail))
      }
    }
    guard faults.isEmpty else { throw Self.problem(faults) }
    columns = used.map { names[$0] }
    self.rows = even.map { row in Row(line: row.line, fields: used.map { row.fields[$0] }) }
    uneven = rows.filter { $0.fields.count != names.count }.map { row in
      let count = row.fields.count
      let detail = "this row has \(count) \(count == 1 ? "field" : "fields") but the header has \(names.count)"
      return FieldError(pointer: "", line: row.line, detail: detail)
    }
  }

  /// Returns the row without empty fields beyond the given number of columns.
  private static func withoutEmptyEnd(_ row: Row, _ count: Int) -> Row {
    var row = row
    while row.fields.count > count, row.fields.last?.trimmed.isEmpty == true { row.fields.removeLast() }
    return row
  }

  private static func problem(_ faults: [FieldError]) -> Problem {
    .invalid("unreadable-document", title: "the table cannot be parsed", errors: faults)
  }
}

/// Splits a table's bytes into rows.
private struct CSVScanner {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var separator = UInt8(ascii: ",")

  init(_ all: [UInt8]) {
    bytes = all.starts(with: SourceDocument.byteOrderMark) ? Array(all.dropFirst(3)) : all
    readSeparator()
  }

  /// Reads a first line such as `sep=;`, which some spreadsheets write.
  private mutating func readSeparator() {
    guard bytes.count > 4, bytes.starts(with: Array("sep=".utf8)),
      bytes.count == 5 || bytes[5] == UInt8(ascii: "\r") || bytes[5] == UInt8(ascii: "\n")
    else { return }
    separator = bytes[4]
    position = 5
    endLine()
  }

  /// Returns the next non-blank row; nil at the end.
  mutating func next() throws(SourceError) -> CSVTable.Row? {
    while position < bytes.count {
      let start = line
      var fields = [try field()]
      while position < bytes.count, bytes[position] == separator {
        position += 1
        fields.append(try field())
      }
      endLine()
      if fields.contains(where: { !$0.trimmed.isEmpty }) {
        return CSVTable.Row(line: start, fields: fields)
      }
    }
    return nil
  }

  private mutating func endLine() {
    if position < bytes.count, bytes[position] == UInt8(ascii: "\r") { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
    line += 1
  }

  private mutating func field() throws(SourceError) -> String {
    let quote = positionAfterSpaces
    guard quote < bytes.count, bytes[quote] == UInt8(ascii: "\"") else { return plainField() }
    let start = line
    position = quote + 1
    var content: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      guard byte == UInt8(ascii: "\"") else {
        content.append(byte)
        continue
      }
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        position = positionAfterSpaces
        guard isAtEndOfField else {
          throw SourceError(line: line, detail: "unexpected text after a quoted field; double the quotes inside it")
        }
        return String(decoding: content, as: UTF8.self)
      }
      content.append(byte)
      position += 1
    }
    throw SourceError(line: start, detail: "the quoted field that starts here is not closed")
  }

  private var isAtEndOfField: Bool {
    guard position < bytes.count else { return true }
    return [separator, UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(bytes[position])
  }

  private var positionAfterSpaces: Int {
    var index = position
    while index < bytes.count, bytes[index] != separator, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    return index
  }

  private mutating func plainField() -> String {
    let start = position
    while position < bytes.count, !isAtEndOfField { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
