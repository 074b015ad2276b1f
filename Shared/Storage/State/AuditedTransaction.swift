public import Contract

/// A transaction that computes the digest of every audited row that its statements change, for the audit links.
///
/// It also compares each row with its chain before the row is changed. If the row was changed without gonogo,
/// overwriting it does not hide this, because the link records what was found.
public final class AuditedTransaction: Transaction {
  private struct Changes {
    /// The changes that are not in a link yet, by subject.
    var unsealed: [String: LinkState] = [:]
    /// The digest of each key changed by this transaction, by subject.
    var digests: [String: [String: String]] = [:]
    /// The state according to each chain when this transaction first changed one of its rows; nil for a broken chain.
    var folds: [String: StateDigests?] = [:]
  }

  private let base: any Transaction
  private let ledger: StateLedger
  private var changes = Changes()

  public init(_ base: any Transaction, _ ledger: StateLedger) {
    self.base = base
    self.ledger = ledger
  }

  public func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int {
    guard let statement = try ledger.statement(sql) else { return try base.execute(sql, arguments) }
    let before = try statement.before.map { try base.query($0, try statement.arguments(arguments)) } ?? []
    let after = try base.query(statement.sql, arguments)
    for table in statement.tables {
      for row in before { try check(row, table) }
      for row in after { try note(row, table, isDeleted: statement.deletes) }
    }
    return after.count
  }

  public func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int {
    guard try ledger.statement(sql) != nil else { return try base.execute(sql, each: rows) }
    return try rows.reduce(0) { $0 + (try execute(sql, $1)) }
  }

  public func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row] {
    guard try ledger.statement(sql) == nil else {
      throw AuditedStatement.unsupported(sql, "it must be run by execute")
    }
    return try base.query(sql, arguments)
  }

  public func savepoint<R>(_ body: () throws -> R) throws -> R {
    let saved = changes
    do {
      return try base.savepoint(body)
    } catch {
      changes = saved
      throw error
    }
  }

  /// Returns the state for the subject's next link, which has the changes since its last one, and marks these as
  /// recorded.
  public func takeState(of subject: String) -> LinkState {
    var state = changes.unsealed.removeValue(forKey: subject) ?? LinkState()
    state.covers = ledger.covers
    return state
  }

  /// The subjects with changes that are not in a link yet, ascending.
  public var unsealedSubjects: [String] { changes.unsealed.keys.sorted() }

  /// Compares a row, as it was before this transaction changed it, with its chain.
  private func check(_ row: Row, _ table: AuditedTable) throws {
    let subject = try table.subject(of: row)
    // A row that this transaction has already changed or compared is known to be in order.
    guard try changes.digests[subject]?[table.key(of: row)] == nil else { return }
    for entry in try table.entries(of: row, isDescribed: true) {
      guard changes.digests[subject]?[entry.key] == nil, let said = try said(subject, entry.key) else { continue }
      if entry.digest != said {
        found(entry.value, subject, entry.key)
        changes.unsealed[subject]?.set[entry.key] = entry.value
      }
      changes.digests[subject, default: [:]][entry.key] = entry.digest
    }
  }

  private func note(_ row: Row, _ table: AuditedTable, isDeleted: Bool) throws {
    let subject = try table.subject(of: row)
    for entry in try table.entries(of: row, isDescribed: true) {
      let digest = isDeleted ? LinkState.absent : entry.digest
      let before: String
      if let known = changes.digests[subject]?[entry.key] {
        before = known
      } else {
        // There was no such row: if the chain has one, it was deleted without gonogo.
        before = LinkState.absent
        if let said = try said(subject, entry.key), said != LinkState.absent {
          found(LinkState.absent, subject, entry.key)
        }
      }
      changes.digests[subject, default: [:]][entry.key] = digest
      guard digest != before else { continue }
      changes.unsealed[subject, default: LinkState()].set[entry.key] =
        isDeleted ? LinkState.absent : entry.value
    }
  }

  private func found(_ value: String, _ subject: String, _ key: String) {
    changes.unsealed[subject, default: LinkState()].found =
      (changes.unsealed[subject]?.found ?? [:]).merging([key: value]) { first, _ in first }
  }

  /// Returns the last digest in the chain for a key; nil if the chain is broken, which a verification reports.
  private func said(_ subject: String, _ key: String) throws -> String? {
    if changes.folds[subject] == nil {
      let (digests, broken) = try ledger.digests(of: subject, base)
      changes.folds[subject] = .some(broken == nil ? digests : nil)
    }
    return changes.folds[subject]??.digest(key)
  }
}

/// A statement that changes an audited table, with the one that reads the rows it is about to change.
struct AuditedStatement: Sendable {
  /// Where an argument of `before` comes from.
  private enum Source: Sendable {
    case argument(Int)
    case value(SQLValue)
  }

  /// The audited tables that cover the table's rows, with different columns; at least one.
  let tables: [AuditedTable]
  /// The statement; returns the rows that it changed.
  let sql: String
  /// Reads the rows as they are before; nil for an `INSERT` that fails if there is one.
  let before: String?
  /// Whether the rows are gone afterwards.
  let deletes: Bool
  private let sources: [Source]

  /// The arguments of `before`, from those of the statement.
  func arguments(_ all: [any SQLValueConvertible]) throws -> [any SQLValueConvertible] {
    try sources.map { source in
      switch source {
      case .value(let value): value
      case .argument(let index) where index < all.count: all[index]
      case .argument: throw StorageError(.statement, "too few arguments in: \(sql)")
      }
    }
  }

  /// Nil if the statement changes no audited table.
  ///
  /// - Throws: `StorageError` if it does in a form that this cannot read; see `Form`.
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

/// The statement as text with single spaces, so that words can be found.
private struct SQLText {
  let text: String

  init(_ sql: String) { text = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  /// The offset of a word outside all parentheses, the last one; nil if there is none.
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

  /// How many placeholders a text has; statements quote none.
  static func placeholders(_ text: some StringProtocol) -> Int { text.utf8.count { $0 == UInt8(ascii: "?") } }
}

/// `INSERT INTO table (columns) VALUES (values) …`, `UPDATE table SET … [WHERE …]` or `DELETE FROM table [WHERE …]`.
private struct Form {
  let verb: SQLText
  let table: String

  /// Nil for any other statement.
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

  /// The inserted values by column, without those that are expressions.
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

  /// The first two lists in parentheses, each split at its own commas.
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
