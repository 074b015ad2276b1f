import CPostgres

/// What the server answered to one command.
struct PostgreSQLResult {
  /// The rows; none for a command that answers none.
  let rows: [Row]
  /// How many rows it inserted, updated or deleted.
  let affected: Int
  /// What was done, as `INSERT 0 1`.
  let tag: String

  init(_ result: OpaquePointer) throws(StorageError) {
    tag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
    affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    let columns = (0..<PQnfields(result)).map { column in
      (name: PQfname(result, column).map { String(cString: $0) } ?? "", type: PQftype(result, column))
    }
    let names = columns.map(\.name)
    var rows: [Row] = []
    rows.reserveCapacity(Int(PQntuples(result)))
    for row in 0..<PQntuples(result) {
      var values: [SQLValue] = []
      values.reserveCapacity(columns.count)
      for (column, type) in columns.map(\.type).enumerated() {
        values.append(try Self.value(result, row, Int32(column), type))
      }
      rows.append(Row(columns: names, values: values))
    }
    self.rows = rows
  }

  private static func value(
    _ result: OpaquePointer, _ row: Int32, _ column: Int32, _ type: Oid
  ) throws(StorageError) -> SQLValue {
    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
    let count = Int(PQgetlength(result, row, column))
    let bytes = UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
    return try PostgreSQLDecoding.value(bytes, type: type)
  }
}
