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
