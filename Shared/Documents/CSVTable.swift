public import LaunchModel

/// A table of comma-separated values with a heading line (RFC 4180), each row with the line that it begins on.
///
/// Fields may be quoted, a quote in them doubled; lines end with LF or CRLF; a byte order mark and blank lines are passed over.
public struct CSVTable: Sendable {
  /// One row below the heading.
  public struct Row: Sendable, Hashable {
    /// The line on which it begins, from 1.
    public var line: Int
    /// A field for each column, as it was written, without its quotes.
    public var fields: [String]
  }

  /// The columns' names, without white space around them.
  public let columns: [String]
  /// The rows in the order of the file; each has as many fields as there are columns.
  public let rows: [Row]
  /// A fault for each row that has more or fewer fields than the heading, and is not among `rows`.
  public let uneven: [FieldError]

  /// Reads a table.
  ///
  /// - Throws: `invalid` with every fault and its line: bytes that are not UTF-8, a quote that is not closed, a column that stands
  ///   twice.
  public init(parsing bytes: [UInt8]) throws(Problem) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.problem([FieldError(pointer: "", line: 1, detail: "this is not UTF-8 text")])
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
        FieldError(pointer: "", line: 1, detail: "the file is empty: its first line names the columns")
      ])
    }
    let heading = rows.removeFirst()
    columns = heading.fields.map {
      String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
    var faults: [FieldError] = []
    for (index, column) in columns.enumerated() where columns[..<index].contains(column) {
      faults.append(FieldError(pointer: "", line: heading.line, detail: "the column \"\(column)\" stands twice"))
    }
    guard faults.isEmpty else { throw Self.problem(faults) }
    let width = columns.count
    self.rows = rows.filter { $0.fields.count == width }
    uneven = rows.filter { $0.fields.count != width }.map { row in
      let count = row.fields.count
      let detail = "this row has \(count) \(count == 1 ? "field" : "fields"), and the heading \(width)"
      return FieldError(pointer: "", line: row.line, detail: detail)
    }
  }

  private static func problem(_ faults: [FieldError]) -> Problem {
    .invalid("unreadable-document", title: "the table cannot be read", errors: faults)
  }
}

/// Takes the rows of a table off its bytes.
private struct CSVScanner {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  init(_ text: String.UTF8View) {
    let all = Array(text)
    bytes = all.starts(with: SourceDocument.byteOrderMark) ? Array(all.dropFirst(3)) : all
  }

  /// The next row that is not blank; nil at the end.
  mutating func next() throws(SourceError) -> CSVTable.Row? {
    while position < bytes.count {
      let begin = line
      var fields = [try field()]
      while position < bytes.count, bytes[position] == UInt8(ascii: ",") {
        position += 1
        fields.append(try field())
      }
      endLine()
      if fields.count > 1 || fields[0].contains(where: { !$0.isWhitespace }) {
        return CSVTable.Row(line: begin, fields: fields)
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
    let begin = line
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
        guard isAtEndOfField else { throw SourceError(line: line, detail: "a quoted field goes on after its quote") }
        return String(decoding: content, as: UTF8.self)
      }
      content.append(byte)
      position += 1
    }
    throw SourceError(line: begin, detail: "a quoted field that begins here is not closed")
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
