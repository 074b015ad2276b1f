public import LaunchModel

/// A CSV table with a header line (RFC 4180), which records the line number of each row.
///
/// Fields may be quoted, with quotes inside them doubled, and with spaces around the quotes. Lines end with LF, CRLF or
/// CR. What spreadsheets leave behind is skipped: a byte order mark, blank lines, a first line `sep=,`, and rows and
/// columns that have only separators.
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
  /// One error per row that is not text, with the line of its first bad byte. Such rows are not included in `rows`.
  public let unreadable: [FieldError]

  /// Parses a table.
  ///
  /// - Parameter skippingUnreadableRows: whether a row below the header with invalid UTF-8 or U+0000 is left out and
  ///   named in `unreadable`. Neither can be a separator, a quote or a line break, so that the other rows are certain.
  /// - Throws: `invalid`, with the line of each error: invalid UTF-8, U+0000, an unterminated quoted field, a duplicate
  ///   column.
  public init(parsing bytes: [UInt8], skippingUnreadableRows: Bool = false) throws(Problem) {
    if !skippingUnreadableRows { try Self.checkText(bytes) }
    var scanner = CSVScanner(bytes)
    var rows: [CSVScanner.Row] = []
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
    if let fault = heading.fault { throw Self.problem([fault]) }
    unreadable = rows.compactMap(\.fault)
    var names = heading.row.fields.map(\.trimmed)
    while names.count > 1, names.last?.isEmpty == true { names.removeLast() }
    var faults: [FieldError] = []
    for (index, name) in names.enumerated() where !name.isEmpty && names[..<index].contains(name) {
      faults.append(FieldError(pointer: "", line: heading.row.line, detail: "duplicate column \"\(name)\""))
    }
    let readable = rows.filter { $0.fault == nil }.map { Self.withoutEmptyEnd($0.row, names.count) }
    let even = readable.filter { $0.fields.count == names.count }
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
    uneven = readable.filter { $0.fields.count != names.count }.map { row in
      let count = row.fields.count
      let detail = "this row has \(count) \(count == 1 ? "field" : "fields") but the header has \(names.count)"
      return FieldError(pointer: "", line: row.line, detail: detail)
    }
  }

  /// - Throws: `invalid` with the first line that is not text.
  private static func checkText(_ bytes: [UInt8]) throws(Problem) {
    if let index = bytes.firstIndex(of: 0) {
      throw problem([CSVScanner.nullFault(line: bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1)])
    }
    guard String(validating: bytes, as: UTF8.self) == nil else { return }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw problem([
      FieldError(pointer: "", line: line + 1, detail: "the file is not valid UTF-8; save it as CSV UTF-8")
    ])
  }

  /// Returns the row without empty fields beyond a number of columns.
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
  /// A row, with what is wrong with its text if it is not valid.
  struct Row {
    var row: CSVTable.Row
    var fault: FieldError?
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var separator = UInt8(ascii: ",")
  /// The first bad byte of the present row.
  private var fault: FieldError?

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
  mutating func next() throws(SourceError) -> Row? {
    while position < bytes.count {
      let start = line
      fault = nil
      var fields = [try field()]
      while position < bytes.count, bytes[position] == separator {
        position += 1
        fields.append(try field())
      }
      endLine()
      if fields.contains(where: { !$0.trimmed.isEmpty }) {
        return Row(row: CSVTable.Row(line: start, fields: fields), fault: fault)
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
        return text(of: content[...], from: start)
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
    return text(of: bytes[start..<position], from: line)
  }

  /// Returns the text of a field, and records its first line that is none.
  private mutating func text(of field: ArraySlice<UInt8>, from start: Int) -> String {
    if fault == nil {
      let lines = field.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      if let index = lines.firstIndex(where: { $0.contains(0) }) {
        fault = Self.nullFault(line: start + index)
      } else if String(validating: field, as: UTF8.self) == nil {
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        let detail = "the line is not valid UTF-8; save the file as CSV UTF-8"
        fault = FieldError(pointer: "", line: start + index, detail: detail)
      }
    }
    return String(decoding: field, as: UTF8.self)
  }

  static func nullFault(line: Int) -> FieldError {
    let detail = "the line contains the character U+0000; remove it, or save the file as CSV UTF-8"
    return FieldError(pointer: "", line: line, detail: detail)
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
