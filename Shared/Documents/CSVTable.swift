public import LaunchModel

/// A CSV table with a header line (RFC 4180), which records the line number of each row.
///
/// Fields may be quoted, with quotes inside them doubled. Lines end with LF or CRLF. A byte order mark and blank lines
/// are skipped.
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
  /// - Throws: `invalid`, with the line of each error: invalid UTF-8, an unterminated quoted field, a duplicate column.
  public init(parsing bytes: [UInt8]) throws(Problem) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.problem([FieldError(pointer: "", line: 1, detail: "the file is not valid UTF-8")])
    }
    var scanner = CSVScanner(text.utf8)
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
    columns = heading.fields.map {
      String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
    var faults: [FieldError] = []
    for (index, column) in columns.enumerated() where columns[..<index].contains(column) {
      faults.append(FieldError(pointer: "", line: heading.line, detail: "duplicate column \"\(column)\""))
    }
    guard faults.isEmpty else { throw Self.problem(faults) }
    let width = columns.count
    self.rows = rows.filter { $0.fields.count == width }
    uneven = rows.filter { $0.fields.count != width }.map { row in
      let count = row.fields.count
      let detail = "this row has \(count) \(count == 1 ? "field" : "fields") but the header has \(width)"
      return FieldError(pointer: "", line: row.line, detail: detail)
    }
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

  init(_ text: String.UTF8View) {
    let all = Array(text)
    bytes = all.starts(with: SourceDocument.byteOrderMark) ? Array(all.dropFirst(3)) : all
  }

  /// Returns the next non-blank row; nil at the end.
  mutating func next() throws(SourceError) -> CSVTable.Row? {
    while position < bytes.count {
      let start = line
      var fields = [try field()]
      while position < bytes.count, bytes[position] == UInt8(ascii: ",") {
        position += 1
        fields.append(try field())
      }
      endLine()
      if fields.count > 1 || fields[0].contains(where: { !$0.isWhitespace }) {
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
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return plainField() }
    let start = line
    position += 1
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
    return [UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(bytes[position])
  }

  private mutating func plainField() -> String {
    let start = position
    while position < bytes.count, !isAtEndOfField { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}
