import Digests
import Contract
import LaunchModel

/// How the rows of one table are read where that is not just its columns in the order of its key, or where more must hold of them
/// than their types.
public struct TableConversion {
  /// What the source gives instead of the table's rows: a query whose columns are those of the target's table; nil for the table.
  public var source: String?
  /// The columns that give the order of the digest; nil for the primary key. They must tell all rows apart.
  public var order: [String]?
  /// Looks at a row, of the source or read back from the target, in that order, and gives the values that others take the place of,
  /// by column. What it throws ends the move.
  public var adapting: (Row) throws -> [String: SQLValue]

  public init(
    source: String? = nil, order: [String]? = nil, adapting: @escaping (Row) throws -> [String: SQLValue] = { _ in [:] }
  ) {
    self.source = source
    self.order = order
    self.adapting = adapting
  }
}

/// A table with the way it is read.
struct TableReading {
  let shape: TableShape
  let conversion: TableConversion

  /// All rows of the target in the digest's order.
  var targetQuery: String { "SELECT \(shape.columnList) FROM \(TableShape.quoted(shape.name)) ORDER BY \(order)" }

  /// All rows of the source in the digest's order.
  var sourceQuery: String {
    let source = conversion.source.map { "(\($0)) AS given" } ?? TableShape.quoted(shape.name)
    return "SELECT \(shape.columnList) FROM \(source) ORDER BY \(order)"
  }

  private var order: String { TableShape.list(conversion.order ?? shape.key) }

  /// An empty digest of the table.
  var digest: TableDigest { TableDigest(table: shape.name, columns: shape.columns.map(\.name)) }

  /// A row's values in the order of the columns.
  ///
  /// - Throws: what the conversion throws; `StorageError` with code `.unreadable` for a value that is not of its column's type.
  func values(_ row: Row) throws -> [SQLValue] {
    for (column, value) in zip(shape.columns, row.values) { try require(value, fits: column) }
    let replaced = try conversion.adapting(row)
    guard !replaced.isEmpty else { return row.values }
    return zip(shape.columns, row.values).map { column, value in replaced[column.name] ?? value }
  }

  private func require(_ value: SQLValue, fits column: TableShape.Column) throws(StorageError) {
    guard value == .null || PostgreSQLType(value) == column.type else {
      throw StorageError(
        .unreadable,
        "column \"\(column.name)\" of table \"\(shape.name)\" holds \(value.kind), which does not belong there; restore a "
          + "backup")
    }
  }
}

extension SQLValue {
  /// What kind of value it is, as a person would say it.
  fileprivate var kind: String {
    switch self {
    case .null: "nothing"
    case .integer: "a whole number"
    case .real: "a number"
    case .text: "a text"
    case .blob: "bytes"
    }
  }
}

/// The digest of a table, row after row.
///
/// A value is a byte for its type (0 null, 1 whole number, 2 number, 3 text, 4 bytes) and its content: eight bytes, the highest
/// first, of the number or of the number's IEEE 754 bits; texts in UTF-8 and bytes as they are, after their length in eight bytes.
/// The table's name and those of its columns, as texts, go before the rows.
struct TableDigest {
  private let table: String
  private var hash = SHA256Hash()
  private var rows = 0

  init(table: String, columns: [String]) {
    self.table = table
    for name in [table] + columns { add(.text(name)) }
  }

  /// Adds the values of the next row, in the order of the columns.
  mutating func add(_ row: [SQLValue]) {
    rows += 1
    for value in row { add(value) }
  }

  /// The digest of all rows so far.
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
  /// The bytes of the number, the highest first.
  fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

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
