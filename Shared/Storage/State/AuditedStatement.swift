/// A statement that changes an audited table, together with a query for the rows that it is about to change.
struct AuditedStatement: Sendable {
  /// The source of an argument of `before`.
  private enum Source: Sendable {
    case argument(Int)
    case value(SQLValue)
  }

  /// The audited tables, at least one, that cover the table's rows with different columns.
  let tables: [AuditedTable]
  /// The statement, extended so that it returns the rows that it changed.
  let sql: String
  /// A query for the rows before the change; nil for an `INSERT` that fails if the row exists.
  let before: String?
  /// Whether the statement deletes the rows.
  let deletes: Bool
  private let sources: [Source]

  /// Returns the arguments of `before`, taken from those of the statement.
  func arguments(_ all: [any SQLValueConvertible]) throws -> [any SQLValueConvertible] {
    try sources.map { source in
      switch source {
      case .value(let value): value
      case .argument(let index) where index < all.count: all[index]
      case .argument: throw StorageError(.statement, "too few arguments in: \(sql)")
      }
    }
  }

  /// Analyses a statement; nil if it changes no audited table.
  ///
  /// - Throws: `StorageError` if it changes one in a form that is not supported; see `Form`.
  init?(_ statement: String, tables: [String: [AuditedTable]]) throws {
    guard let form = Form(statement), let tables = tables[form.table], let table = tables.first else { return nil }
    self.tables = tables
    let selected = tables.flatMap(\.selected)
    let columns = selected.indices.filter { selected.firstIndex(of: selected[$0]) == $0 }.map { selected[$0] }
      .joined(separator: ", ")
    guard form.verb.topLevel(" RETURNING ") == nil else {
      throw Self.unsupported(statement, "it must have no RETURNING clause")
    }
    sql = "\(statement)\nRETURNING \(columns)"
    deletes = form.verb.text.hasPrefix("DELETE")
    if form.verb.text.hasPrefix("INSERT") {
      let values = try form.insertedValues(statement)
      var subject: [String] = []
      if case .column(let column) = table.subject { subject.append(column) }
      let identity = subject + table.keys
      sources = try identity.map { column in
        guard let value = values[column] else {
          throw Self.unsupported(statement, "\(column) must be inserted as a value, not as an expression")
        }
        return value.argument.map(Source.argument) ?? .value(value.literal)
      }
      let condition = identity.isEmpty ? "1 = 1" : identity.map { "\($0) = ?" }.joined(separator: " AND ")
      let replaces = form.verb.topLevel(" ON CONFLICT ") != nil
      before = replaces ? "SELECT \(columns) FROM \(table.name) WHERE \(condition)" : nil
    } else {
      let condition = form.verb.topLevel(" WHERE ")
      let text = condition.map { form.verb.text.dropFirst($0 + " WHERE ".utf8.count) } ?? "1 = 1"
      before = "SELECT \(columns) FROM \(table.name) WHERE \(text)"
      let all = SQLText.placeholders(form.verb.text[...])
      sources = (all - SQLText.placeholders(text)..<all).map(Source.argument)
    }
  }

  static func unsupported(_ sql: String, _ reason: String) -> StorageError {
    StorageError(.statement, "the statement changes an audited table: \(reason), in: \(sql)")
  }
}

/// A statement as text with single spaces, in which words can be found.
private struct SQLText {
  let text: String

  init(_ sql: String) { text = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  /// Returns the offset of the last occurrence of a word outside all parentheses; nil if there is none.
  func topLevel(_ word: String) -> Int? {
    let (bytes, word) = (Array(text.utf8), Array(word.utf8))
    var (depth, isQuoted) = (0, false)
    var found: Int?
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "'"): isQuoted.toggle()
      case UInt8(ascii: "(") where !isQuoted: depth += 1
      case UInt8(ascii: ")") where !isQuoted: depth -= 1
      default: break
      }
      if depth == 0, !isQuoted, bytes[index...].starts(with: word) { found = index }
    }
    return found
  }

  /// Returns the number of placeholders in a text; statements contain no question marks in quotes.
  static func placeholders(_ text: some StringProtocol) -> Int { text.utf8.count { $0 == UInt8(ascii: "?") } }
}

/// A statement of the form `INSERT INTO table (columns) VALUES (values) …`, `UPDATE table SET … [WHERE …]` or `DELETE
/// FROM table [WHERE …]`.
private struct Form {
  let verb: SQLText
  let table: String

  /// Parses a statement; nil if it is of another form.
  init?(_ sql: String) {
    let statement = SQLText(sql)
    let prefixes = ["INSERT INTO ", "UPDATE ", "DELETE FROM "]
    guard let prefix = prefixes.first(where: statement.text.hasPrefix) else { return nil }
    verb = statement
    table = String(statement.text.dropFirst(prefix.count).prefix { $0 != " " && $0 != "(" })
  }

  /// A value of an `INSERT`: one argument, or a literal.
  struct Value {
    var argument: Int?
    var literal: SQLValue = .null
  }

  /// Returns the inserted values by column, except those that are expressions.
  func insertedValues(_ sql: String) throws -> [String: Value] {
    let parts = Self.lists(verb.text)
    guard parts.count >= 2, verb.text.contains(") VALUES ("), parts[0].count == parts[1].count else {
      throw AuditedStatement.unsupported(sql, "it must have the form INSERT INTO table (columns) VALUES (values)")
    }
    var (values, argument) = ([String: Value](), 0)
    for (column, text) in zip(parts[0], parts[1]) {
      if text == "?" {
        values[column] = Value(argument: argument)
      } else if let number = Int64(text) {
        values[column] = Value(literal: .integer(number))
      } else if text.hasPrefix("'"), text.hasSuffix("'"), text.utf8.count >= 2 {
        values[column] = Value(literal: .text(String(text.dropFirst().dropLast())))
      }
      argument += SQLText.placeholders(text)
    }
    return values
  }

  /// Returns the first two lists in parentheses, each split at its own commas.
  private static func lists(_ text: String) -> [[String]] {
    var (lists, current, depth) = ([[String]](), [""], 0)
    for character in text {
      if character == "(" {
        depth += 1
        if depth == 1 { continue }
      }
      if character == ")" {
        depth -= 1
        if depth == 0 {
          lists.append(current.map { $0.split(separator: " ").joined(separator: " ") })
          current = [""]
          if lists.count == 2 { return lists }
          continue
        }
      }
      guard depth > 0 else { continue }
      if character == ",", depth == 1 {
        current.append("")
      } else {
        current[current.count - 1].append(character)
      }
    }
    return lists
  }
}
