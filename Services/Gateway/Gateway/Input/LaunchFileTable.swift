import Documents
import JSON
import LaunchModel

/// Launches from a CSV or NDJSON file, each with its line. A line that cannot be read does not affect the others.
struct LaunchFileTable {
  /// One launch of the file.
  struct Entry {
    var line: Int
    var document: JSONValue
  }

  /// The name for error messages.
  let name: String
  private(set) var entries: [Entry] = []
  /// Lines that cannot be read, and rows that are not text or have another number of fields than the heading.
  private(set) var faults: [FieldError] = []

  /// Reads the file. The format is determined by its name, or else by its first character.
  ///
  /// - Throws: `GatewayError` if it cannot be read as either format, or has no launches.
  init(_ path: String) throws(GatewayError) {
    let file = InputFile(path)
    name = file.name
    guard !path.hasSuffix(".yaml"), !path.hasSuffix(".yml") else {
      throw GatewayError(
        .badInput,
        "\(name) is YAML, not CSV or NDJSON; propose a launch file with gonogo launch propose \(ShellText.word(path))")
    }
    let bytes = try file.bytes()
    try TableFormat.check(bytes, name)
    do {
      if Self.isJSON(bytes, path) { read(lines: bytes) } else { try read(table: bytes) }
    } catch {
      throw GatewayError(error, file: name, for: .change)
    }
    guard !(entries.isEmpty && faults.isEmpty) else { throw GatewayError(.badInput, "\(name) has no launches") }
  }

  private static func isJSON(_ bytes: [UInt8], _ path: String) -> Bool {
    if path.hasSuffix(".ndjson") || path.hasSuffix(".jsonl") { return true }
    return TableFormat.firstCharacter(of: bytes) == UInt8(ascii: "{")
  }

  private mutating func read(lines bytes: [UInt8]) {
    let text = bytes.starts(with: SourceDocument.byteOrderMark) ? bytes[3...] : bytes[...]
    for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { !(0x09...0x0d).contains($0) && $0 != 0x20 }) else { continue }
      do {
        add(try JSONValue(parsing: Array(line)), line: index + 1)
      } catch {
        faults.append(
          FieldError(pointer: "", line: index + 1, detail: Problem(error).errors.first?.detail ?? "\(error)"))
      }
    }
  }

  private mutating func read(table bytes: [UInt8]) throws(Problem) {
    let table = try CSVTable(parsing: bytes, skippingUnreadableRows: true)
    let columns = try LaunchColumns(table.columns)
    faults = table.uneven + table.unreadable
    for row in table.rows { add(columns.document(row.fields), line: row.line) }
  }

  /// Adds a launch, or an error for content that no store can hold.
  private mutating func add(_ document: JSONValue, line: Int) {
    do throws(Problem) {
      try NullCharacter.check(document)
      entries.append(Entry(line: line, document: document))
    } catch {
      faults += error.errors.map { FieldError(pointer: $0.pointer, line: line, detail: $0.detail) }
    }
  }
}

/// The columns of a table of launches: the fields of a launch file, the facts by their own names, and `rollout.kind`,
/// `rollout.flag` and `rollout.stages`.
struct LaunchColumns {
  private let paths: [[String]]

  private static let rollout = ["rollout.kind", "rollout.flag", "rollout.stages"]

  /// - Throws: `invalid` for unknown columns.
  init(_ names: [String]) throws(Problem) {
    let plain = LaunchPlan.fields.filter { !["facts", "rollout", "calendars"].contains($0) }
    let functions = LaunchFunction.allCases.map { "calendars.\($0.rawValue)" }
    let known = plain + Facts.fields + Self.rollout + functions
    var (paths, faults): ([[String]], [FieldError]) = ([], [])
    for name in names {
      let bare = name.hasPrefix("facts.") ? String(name.dropFirst("facts.".count)) : name
      guard known.contains(bare) else {
        let isUnseparated = names.count == 1 && (name.contains(";") || name.contains("\t"))
        faults.append(
          isUnseparated
            ? FieldError(pointer: "", line: 1, detail: "\"\(name)\" is one column; separate columns by commas")
            : .unknownColumn(name, searchedAs: bare, among: known))
        continue
      }
      let path = bare.split(separator: ".").map(String.init)
      paths.append(Facts.fields.contains(bare) ? ["facts", bare] : path)
    }
    guard faults.isEmpty else { throw .invalid("invalid-columns", title: "the table has errors", errors: faults) }
    self.paths = paths
  }

  /// Returns a row as a launch file. A field whose cell is empty or `omitted` is left out.
  func document(_ cells: [String]) -> JSONValue {
    // A row always has `facts`, so that a missing fact is reported by its column.
    var members: [String: JSONValue] = ["facts": [:]]
    for (path, cell) in zip(paths, cells) {
      guard let field = path.last, let value = TableCell.value(cell, of: field, isFact: path[0] == "facts") else {
        continue
      }
      if path.count == 1 {
        members[field] = value
      } else {
        var inner = members[path[0]]?.objectValue ?? [:]
        inner[field] = value
        members[path[0]] = .object(inner)
      }
    }
    return .object(members)
  }
}

extension FieldError {
  /// Returns the error for an unknown column, with the nearest known one or, if none is near, all of them.
  static func unknownColumn(_ name: String, searchedAs bare: String? = nil, among known: [String]) -> FieldError {
    let suggestion = Suggestion.text(for: bare ?? name, among: known)
    let fix = suggestion.isEmpty ? "; the columns are \(known.joined(separator: ", "))" : suggestion
    return FieldError(pointer: "", line: 1, detail: "no column \"\(name)\"\(fix)")
  }
}

/// Recognizes files that are not tables, whatever their names are.
enum TableFormat {
  /// Returns the first byte that is not white space.
  static func firstCharacter(of bytes: [UInt8]) -> UInt8? {
    let text = bytes.starts(with: SourceDocument.byteOrderMark) ? bytes[3...] : bytes[...]
    return text.first { !(0x09...0x0d).contains($0) && $0 != 0x20 }
  }

  /// - Throws: `GatewayError` if the file is a JSON array.
  static func check(_ bytes: [UInt8], _ name: String) throws(GatewayError) {
    guard firstCharacter(of: bytes) == UInt8(ascii: "[") else { return }
    throw GatewayError(
      .badInput, "\(name):1: the file is a JSON array; write one object per line (NDJSON), for example with jq -c '.[]'"
    )
  }
}

/// Parses the cells of tables that people write.
enum TableCell {
  /// The fields whose cells are lists, separated by spaces, semicolons or commas and, for `kinds`, also by plus signs.
  /// The cells may also be written as YAML or JSON lists.
  private static let lists: Set<String> = ["locales", "segments", "kinds", "stages"]

  /// Returns a cell's value for a document; nil if the cell is empty, or is `omitted` for a fact.
  static func value(_ cell: String, of field: String, isFact: Bool) -> JSONValue? {
    let text = String(cell.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    guard !text.isEmpty, !(isFact && text == "omitted") else { return nil }
    if lists.contains(field) {
      let words = words(of: text, isKinds: field == "kinds")
      return .array(words.map { field == "stages" ? Double($0).map { .number($0) } ?? .string($0) : .string($0) })
    }
    guard isFact, field != "audience" else { return .string(text) }
    return FieldReader.truth(of: .string(text)).map { .bool($0) } ?? .string(text)
  }

  private static func words(of text: String, isKinds: Bool) -> [String] {
    var list = text[...]
    if list.first == "[", list.last == "]" {
      // A list that is not JSON is a YAML list without quotes.
      if let texts = (try? JSONValue(parsing: Array(text.utf8)))?.arrayValue {
        return texts.map { $0.stringValue ?? FieldReader.shown($0) }
      }
      list = list.dropFirst().dropLast()
    }
    return list.split { $0 == ";" || $0 == "," || $0.isWhitespace || ($0 == "+" && isKinds) }.map(String.init)
  }
}
