import Digests
import Contract
import LaunchModel

/// How to read the rows of one table if it is not simply column by column in the order of the primary key, and
/// additional checks of the rows.
public struct TableConversion {
  /// A query on the source whose columns are those of the target's table; nil to read the table itself.
  public var source: String?
  /// The columns that determine the order of rows in the digest; nil for the primary key. They must identify rows
  /// uniquely.
  public var order: [String]?
  /// Checks a row and returns replacement values by column. Called for each row in order, first as read from the source
  /// and then as read back from the target. An error that it throws aborts the move.
  public var adapting: (Row) throws -> [String: SQLValue]

  public init(
    source: String? = nil, order: [String]? = nil, adapting: @escaping (Row) throws -> [String: SQLValue] = { _ in [:] }
  ) {
    self.source = source
    self.order = order
    self.adapting = adapting
  }
}

/// A table and the way in which it is read.
struct TableReading {
  let shape: TableShape
  let conversion: TableConversion

  /// The query for all rows of the target in the digest's order.
  var targetQuery: String { "SELECT \(shape.columnList) FROM \(SQLIdentifier.quoted(shape.name)) ORDER BY \(order)" }

  /// The query for all rows of the source in the digest's order.
  var sourceQuery: String {
    let source = conversion.source.map { "(\($0)) AS given" } ?? SQLIdentifier.quoted(shape.name)
    return "SELECT \(shape.columnList) FROM \(source) ORDER BY \(order)"
  }

  private var order: String { TableShape.list(conversion.order ?? shape.key) }

  /// An empty digest of the table.
  var digest: TableDigest { TableDigest(table: shape.name, columns: shape.columns.map(\.name)) }

  /// Returns a row's converted values in the order of the columns.
  ///
  /// - Throws: any error of the conversion; `StorageError` with code `.unreadable` for a value that is not of its
  ///   column's type.
  func values(_ row: Row) throws -> [SQLValue] {
    for (column, value) in zip(shape.columns, row.values) { try checkType(of: value, in: column) }
    let replaced = try conversion.adapting(row)
    guard !replaced.isEmpty else { return row.values }
    return zip(shape.columns, row.values).map { column, value in replaced[column.name] ?? value }
  }

  private func checkType(of value: SQLValue, in column: TableShape.Column) throws(StorageError) {
    guard value == .null || PostgreSQLType(value) == column.type else {
      throw StorageError(
        .unreadable,
        "column \"\(column.name)\" of table \"\(shape.name)\" contains \(value.typeName) instead of \(column.type); "
          + "restore a backup")
    }
  }
}

extension SQLValue {
  /// The name of its SQL type, for messages.
  fileprivate var typeName: String {
    switch self {
    case .null: "null"
    case .integer: "int8"
    case .real: "float8"
    case .text: "text"
    case .blob: "bytea"
    }
  }
}

/// An incremental SHA-256 digest of a table.
///
/// Each value is encoded as one byte for its type (0 null, 1 integer, 2 real, 3 text, 4 bytes), followed by its
/// content: an integer, or the IEEE 754 bits of a real, as eight bytes in big-endian order; text in UTF-8 and bytes as
/// they are, each after its length as eight big-endian bytes. The names of the table and its columns, encoded as texts,
/// precede the rows.
struct TableDigest {
  private let table: String
  private var hash = SHA256Hash()
  private var rows = 0

  init(table: String, columns: [String]) {
    self.table = table
    for name in [table] + columns { add(.text(name)) }
  }

  /// Adds the next row, with its values in the order of the columns.
  mutating func add(_ row: [SQLValue]) {
    rows += 1
    for value in row { add(value) }
  }

  /// Returns the digest of all rows so far.
  func finished() -> MovedTable {
    MovedTable(table: table, rows: rows, digest: hash.hex())
  }

  private mutating func add(_ value: SQLValue) {
    switch value {
    case .null: add(type: 0, [])
    case .integer(let number): add(type: 1, number.bigEndianBytes)
    case .real(let number): add(type: 2, number.bitPattern.bigEndianBytes)
    case .text(let text): add(type: 3, Array(text.utf8), counted: true)
    case .blob(let bytes): add(type: 4, bytes, counted: true)
    }
  }

  private mutating func add(type: UInt8, _ content: [UInt8], counted: Bool = false) {
    hash.update([type])
    if counted { hash.update(content.count.bigEndianBytes) }
    hash.update(content)
  }
}

extension FixedWidthInteger {
  /// The number's bytes in big-endian order.
  fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

/// The structure of a table of the target, read from PostgreSQL's catalogue.
struct TableShape: Sendable, Hashable {
  /// A column that rows are copied into.
  struct Column: Sendable, Hashable {
    let name: String
    let type: PostgreSQLType
    /// Whether it is an identity column, in which the database numbers the rows.
    let isIdentity: Bool
  }

  let name: String
  /// The columns, sorted by name.
  let columns: [Column]
  /// The columns of the primary key, in its order; all columns if there is no primary key.
  let key: [String]

  /// The quoted names of the columns, separated by commas.
  var columnList: String { Self.list(columns.map(\.name)) }

  /// Returns the quoted names, separated by commas.
  static func list(_ names: [String]) -> String { names.map(SQLIdentifier.quoted).joined(separator: ", ") }
}

extension TableShape {
  /// The query for all tables and columns. Partitions are excluded because their table includes their rows, and
  /// `schema_migrations` because the program maintains it.
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

  /// Returns the tables of the session's current schema, sorted by name.
  static func all(_ transaction: any Transaction) throws -> [TableShape] {
    var columns: [String: [Column]] = [:]
    var keys: [String: [Int: String]] = [:]
    for row in try transaction.query(catalogue) {
      let (table, name) = (try row.text("table_name"), try row.text("column_name"))
      guard let type = PostgreSQLType(rawValue: UInt32(truncatingIfNeeded: try row.integer("type"))), type.array != nil
      else {
        throw StorageError(.schema, "column \"\(name)\" of table \"\(table)\" in PostgreSQL has an unsupported type")
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
