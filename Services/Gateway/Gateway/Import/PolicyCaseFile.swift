import Documents
import JSON
import LaunchModel

/// Cases to try a policy with, from a table (CSV) or a document (YAML or JSON), each with its line.
struct PolicyCaseFile {
  /// As error messages name it.
  let name: String
  let cases: [JSONValue]
  private let lines: [Int]
  /// Whether a case is a line of its own, which says all of its place.
  private let isTable: Bool

  /// - Throws: `GatewayError` with every fault and its line.
  init(_ path: String) throws(GatewayError) {
    name = path == "-" ? "stdin" : path
    let bytes = try InputFile(path).bytes()
    isTable = Self.isTable(path, bytes)
    do {
      (cases, lines) = isTable ? try Self.table(bytes) : try Self.document(bytes, name)
    } catch {
      throw GatewayError(error, file: name)
    }
  }

  /// The problem with the line of each fault.
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

  /// By its name; of standard input, by whether its first line is a heading of columns.
  private static func isTable(_ path: String, _ bytes: [UInt8]) -> Bool {
    guard path == "-" else { return path.hasSuffix(".csv") }
    let heading = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    return heading.contains(",") && !heading.contains("{") && !heading.contains(":")
  }

  private static func table(_ bytes: [UInt8]) throws(Problem) -> ([JSONValue], [Int]) {
    let table = try CSVTable(parsing: bytes)
    let known = ["name", "tier"] + Facts.fields
    let faults =
      table.columns.filter { !known.contains($0) }.map { column in
        let hint = Suggestion.text(for: column, among: known)
        let mend = hint.isEmpty ? "; the columns are \(known.joined(separator: ", "))" : hint
        return FieldError(pointer: "", line: 1, detail: "there is no column \"\(column)\"\(mend)")
      } + table.uneven
    guard faults.isEmpty else { throw .invalid("invalid-columns", title: "the table has faults", errors: faults) }
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
      throw .invalid("invalid-cases", pointer: "/cases", "the file has a list `cases`, each with facts and tier")
    }
    return (cases, cases.indices.map { source.line(of: "/cases/\($0)") ?? 1 })
  }
}
