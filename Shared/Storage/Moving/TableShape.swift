/// What a table of the target looks like, as its own catalogue has it.
struct TableShape: Sendable, Hashable {
  /// A column that rows are copied into.
  struct Column: Sendable, Hashable {
    let name: String
    let type: PostgreSQLType
    /// Whether the database itself numbers the rows by it.
    let isIdentity: Bool
  }

  let name: String
  /// By name.
  let columns: [Column]
  /// The columns of the primary key in its order; all columns where it has none.
  let key: [String]

  /// The columns' names as SQL lists them.
  var columnList: String { Self.list(columns.map(\.name)) }

  /// Names as SQL lists them.
  static func list(_ names: [String]) -> String { names.map(quoted).joined(separator: ", ") }

  /// A name as SQL writes it.
  static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}

extension TableShape {
  /// Partitions are their table's, and the record of migrations is the program's.
  private static let catalogue = """
    SELECT c.relname AS table_name, a.attname AS column_name, a.atttypid::int8 AS type, a.attidentity <> '' AS is_identity,
      array_position(i.indkey::int2[], a.attnum) AS key_position
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname <> 'schema_migrations'
    ORDER BY c.relname, a.attname
    """

  /// The tables of the schema that the session works in, by name.
  static func all(_ transaction: any Transaction) throws -> [TableShape] {
    var columns: [String: [Column]] = [:]
    var keys: [String: [Int: String]] = [:]
    for row in try transaction.query(catalogue) {
      let (table, name) = (try row.text("table_name"), try row.text("column_name"))
      guard let type = PostgreSQLType(rawValue: UInt32(truncatingIfNeeded: try row.integer("type"))), type.array != nil
      else {
        throw StorageError(.schema, "column \"\(name)\" of table \"\(table)\" has a type that no store has")
      }
      columns[table, default: []].append(Column(name: name, type: type, isIdentity: try row.bool("is_identity")))
      if let position = try row.optionalInt("key_position") { keys[table, default: [:]][position] = name }
    }
    return columns.keys.sorted().map { table in
      let columns = columns[table, default: []]
      let key = keys[table].map { key in key.sorted { $0.key < $1.key }.map(\.value) }
      return TableShape(name: table, columns: columns, key: key ?? columns.map(\.name))
    }
  }
}
