import Documents
import JSON
import LaunchModel

/// A text in one row of a file.
struct TextRow: Sendable, Hashable {
  /// The line on which the row starts, from 1.
  var line: Int
  /// The subject; nil if the row has none.
  var subject: String?
  var body: String?
  /// The language given in the row; nil if none is.
  var locale: String?

  /// What is wrong with a row.
  struct Fault: Error, Hashable {
    var line: Int
    var detail: String
  }
}

/// A file of texts: CSV with a column `text`, or columns `subject` and `body`; or NDJSON with members of these names.
/// Both may also have `locale`. Other columns and members are ignored.
struct TextFile {
  private let path: String

  /// The name for error messages.
  var name: String { InputFile(path).name }

  /// A table, which is held in memory as a whole, has fewer bytes.
  private static let maximum = 256 << 20
  /// The white space before the first character that decides on the format has at most so many bytes.
  private static let maximumLead = 1 << 20
  private static let texts = ["text", "subject", "body"]

  init(_ path: String) { self.path = path }

  /// Runs the body for each row in file order, with the fault of a row that cannot be read. NDJSON is read line by
  /// line.
  ///
  /// - Throws: `GatewayError` if the file cannot be read as either format; the body's errors.
  func forEachRow(_ body: (Result<TextRow, TextRow.Fault>) async throws -> Void) async throws {
    // The file is opened once: a pipe cannot be read twice.
    var lines = try LineReader(path: path)
    let first = try lines.firstCharacter(within: Self.maximumLead)
    try TableFormat.check(first.map { [$0] } ?? [], name)
    guard first == UInt8(ascii: "{") || isNamedJSON else {
      let bytes = try lines.remainder(until: Self.maximum)
      guard bytes.count < Self.maximum else {
        throw GatewayError(
          .badInput, "\(name) has \(Self.maximum >> 20) MiB or more; pass NDJSON instead, which is read line by line")
      }
      for row in try rows(ofTable: bytes) { try await body(row) }
      return
    }
    while let line = try lines.next() { try await body(Self.row(line)) }
  }

  private var isNamedJSON: Bool { path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") }

  // MARK: NDJSON

  private static func row(_ line: LineReader.Line) -> Result<TextRow, TextRow.Fault> {
    func fault(_ detail: String) -> Result<TextRow, TextRow.Fault> {
      .failure(TextRow.Fault(line: line.number, detail: detail))
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: line.bytes)
    } catch {
      return fault("not JSON: \(error.detail)")
    }
    guard let members = value.objectValue else {
      return fault("expected an object with subject and body, or text")
    }
    for name in texts + ["locale"] {
      if let value = members[name], value != .null, value.stringValue == nil {
        return fault("/\(name): expected a string")
      }
    }
    guard texts.contains(where: { members[$0] != nil }) else {
      let found = members.keys.sorted().joined(separator: ", ")
      return fault("no member subject, body or text; the object has \(found.isEmpty ? "no members" : found)")
    }
    return .success(row(line.number) { members[$0]?.stringValue })
  }

  /// Returns a row from its fields; empty fields count as missing. If a row has both a text and a body, its body
  /// contains both.
  private static func row(_ line: Int, _ field: (String) -> String?) -> TextRow {
    func filled(_ name: String) -> String? { field(name).flatMap { $0.isEmpty ? nil : $0 } }
    let bodies = [filled("text"), filled("body")].compactMap(\.self)
    return TextRow(
      line: line, subject: filled("subject"), body: bodies.isEmpty ? nil : bodies.joined(separator: "\n"),
      locale: filled("locale"))
  }

  // MARK: CSV

  private func rows(ofTable bytes: [UInt8]) throws(GatewayError) -> [Result<TextRow, TextRow.Fault>] {
    do throws(Problem) {
      let table = try CSVTable(parsing: bytes, skippingUnreadableRows: true)
      guard Self.texts.contains(where: table.columns.contains) else {
        throw .invalid(
          "invalid-columns", title: "the table has no texts",
          errors: [
            FieldError(
              pointer: "", line: 1,
              detail:
                "no column \"text\", \"subject\" or \"body\"; the columns are \(table.columns.joined(separator: ", "))")
          ])
      }
      let index = Dictionary(table.columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
      var rows: [(line: Int, row: Result<TextRow, TextRow.Fault>)] = table.rows.map { row in
        (row.line, .success(Self.row(row.line) { name in index[name].map { row.fields[$0] } }))
      }
      for error in table.uneven + table.unreadable {
        let line = error.line ?? 1
        rows.append((line, .failure(TextRow.Fault(line: line, detail: error.detail))))
      }
      return rows.sorted { $0.line < $1.line }.map(\.row)
    } catch {
      throw GatewayError(error, file: name)
    }
  }
}
