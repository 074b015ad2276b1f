/// What is prepared on one connection: for each SQL text a statement, and further ones only where the arguments' types differ.
///
/// A null has no type of its own and fits all; a statement prepared with one is prepared again when its type is known.
struct PreparedStatements {
  /// The statement to run, and what must be prepared for it first.
  struct Plan {
    let name: String
    let preparation: (sql: String, types: [PostgreSQLType?])?
  }

  private struct Text {
    let rewritten: PlaceholderRewriter
    var statements: [(name: String, types: [PostgreSQLType?])] = []
  }

  private var texts: [String: Text] = [:]
  private var prepared = 0

  /// The plan for arguments of these types, which counts as prepared from now on.
  ///
  /// - Throws: `StorageError` with code `.statement` for a wrong number of arguments.
  mutating func plan(_ sql: String, _ types: [PostgreSQLType?]) throws(StorageError) -> Plan {
    var text = texts[sql] ?? Text(rewritten: PlaceholderRewriter(sql))
    guard text.rewritten.count == types.count else {
      throw StorageError(
        .statement, "the statement takes \(text.rewritten.count) arguments and was given \(types.count), in: \(sql)")
    }
    if let known = text.statements.first(where: { Self.fits($0.types, types) }) {
      return Plan(name: known.name, preparation: nil)
    }
    prepared += 1
    let name = "s\(prepared)"
    var merged = types
    if let index = text.statements.firstIndex(where: { Self.agrees($0.types, types) }) {
      merged = zip(text.statements[index].types, types).map { $0 ?? $1 }
      text.statements.remove(at: index)
    }
    text.statements.append((name, merged))
    texts[sql] = text
    return Plan(name: name, preparation: (text.rewritten.sql, merged))
  }

  /// Forgets what was planned and then not prepared.
  mutating func forget(_ sql: String) { texts[sql]?.statements = [] }

  /// Forgets everything, as after `DEALLOCATE ALL`.
  mutating func forgetAll() {
    for sql in texts.keys { forget(sql) }
  }

  private static func fits(_ prepared: [PostgreSQLType?], _ wanted: [PostgreSQLType?]) -> Bool {
    zip(prepared, wanted).allSatisfy { $1 == nil || $0 == $1 }
  }

  private static func agrees(_ prepared: [PostgreSQLType?], _ wanted: [PostgreSQLType?]) -> Bool {
    zip(prepared, wanted).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }
}
