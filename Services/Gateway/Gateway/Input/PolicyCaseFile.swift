import Documents
import JSON
import LaunchModel

/// Test cases for a policy, from a table (CSV) or a document (YAML or JSON), each with its line.
struct PolicyCaseFile {
  /// The name for error messages.
  let name: String
  let cases: [JSONValue]
  private let lines: [Int]
  /// Whether each case has its own line, so that the line identifies the case.
  private let isTable: Bool

  /// - Throws: `GatewayError` that lists every error with its line.
  init(_ path: String) throws(GatewayError) {
    let file = InputFile(path)
    name = file.name
    let bytes = try file.bytes()
    try TableFormat.check(bytes, name)
    isTable = Self.isTable(path, bytes) && TableFormat.firstCharacter(of: bytes) != UInt8(ascii: "{")
    do {
      (cases, lines) = isTable ? try Self.table(bytes) : try Self.document(bytes, name)
    } catch {
      throw GatewayError(error, file: name)
    }
  }

  /// Returns the problem with the line of each error.
  func locating(_ problem: Problem) -> Problem {
    var located = problem
    located.errors = problem.errors.map { fault in
      var tokens = JSONPointer(fault.pointer)?.tokens ?? []
      guard tokens.count > 1, let index = Int(tokens[1]), lines.indices.contains(index) else { return fault }
      if isTable { tokens.removeFirst(2) }
      return FieldError(pointer: JSONPointer(tokens: tokens).description, line: lines[index], detail: fault.detail)
    }
    return located
  }

  /// Decides by the name; for standard input and other pipes, whose names say nothing, by whether the first line is a
  /// heading of columns.
  private static func isTable(_ path: String, _ bytes: [UInt8]) -> Bool {
    guard InputFile(path).isUnnamed else { return path.hasSuffix(".csv") }
    let heading = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return heading.contains(",") && !heading.contains("{") && !heading.contains(":")
  }

  private static func table(_ bytes: [UInt8]) throws(Problem) -> ([JSONValue], [Int]) {
    let table = try CSVTable(parsing: bytes)
    let known = ["name", "tier"] + Facts.fields
    let unknown = table.columns.filter { !known.contains($0) }
    let faults = unknown.map { FieldError.unknownColumn($0, among: known) } + table.uneven
    guard faults.isEmpty else { throw .invalid("invalid-columns", title: "the table has errors", errors: faults) }
    return (table.rows.map { row in entry(table.columns, row.fields) }, table.rows.map(\.line))
  }

  private static func entry(_ columns: [String], _ fields: [String]) -> JSONValue {
    var (members, facts): ([String: JSONValue], [String: JSONValue]) = ([:], [:])
    for (column, field) in zip(columns, fields) {
      switch column {
      case "name": members["name"] = field.isEmpty ? nil : .string(field)
      case "tier": members["tier"] = Int64(field).map { .integer($0) } ?? .string(field)
      default: facts[column] = TableCell.value(field, of: column, isFact: true)
      }
    }
    members["facts"] = .object(facts)
    return .object(members)
  }

  private static func document(_ bytes: [UInt8], _ name: String) throws(Problem) -> ([JSONValue], [Int]) {
    let source = try SourceDocument(parsing: bytes, file: name)
    guard let cases = source.value["cases"]?.arrayValue else {
      throw .invalid("invalid-cases", pointer: "/cases", "the file needs a list `cases`, each with facts and tier")
    }
    return (cases, cases.indices.map { source.line(of: "/cases/\($0)") ?? 1 })
  }
}
