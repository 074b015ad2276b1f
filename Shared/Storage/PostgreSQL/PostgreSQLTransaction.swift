/// The statements of one transaction of a session. `BEGIN` and savepoints are sent in the same round trip as the first
/// statement after them.
final class PostgreSQLTransaction: Transaction {
  /// The maximum number of statements per round trip; with more, the server's replies would pile up unread.
  private static let maxBatchSize = 256

  private let connection: PostgreSQLConnection
  private let failure = FirstStatementError()
  /// The statements to send before the next one: `BEGIN`, savepoints.
  private var pending: [String]
  private var depth = 0
  /// Whether the transaction's `BEGIN` has been sent.
  private var isOpen = false
  /// The error that has rolled back the whole transaction, even if the body catches it.
  private(set) var interruption: PostgreSQLError?

  /// - Parameter begin: the statements that start the transaction.
  init(_ connection: PostgreSQLConnection, begin: [String]) {
    self.connection = connection
    pending = begin
  }

  func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int {
    try run(sql, [arguments]).reduce(0) { $0 + $1.affected }
  }

  func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int {
    var affected = 0
    for start in stride(from: 0, to: rows.count, by: Self.maxBatchSize) {
      let batch = rows[start..<min(start + Self.maxBatchSize, rows.count)]
      affected += try run(sql, Array(batch)).reduce(0) { $0 + $1.affected }
    }
    return affected
  }

  func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row] {
    try run(sql, [arguments]).flatMap(\.rows)
  }

  func savepoint<R>(_ body: () throws -> R) throws -> R {
    try failure.check()
    depth += 1
    defer { depth -= 1 }
    let name = "s\(depth)"
    pending.append("SAVEPOINT \(name)")
    do {
      let result = try body()
      try failure.check()
      pending.append("RELEASE SAVEPOINT \(name)")
      return result
    } catch {
      rollback(to: name)
      throw error
    }
  }

  /// Throws if a statement has failed.
  func check() throws { try failure.check() }

  /// Commits the transaction.
  ///
  /// - Throws: `PostgreSQLError`; if its `isLost` is true, it is unknown whether the changes were committed.
  func commit() throws {
    guard isOpen else { return }
    isOpen = false
    let results = try connection.run((pending + ["COMMIT"]).map { .control($0) })
    guard results.last?.tag == "COMMIT" else {
      throw PostgreSQLError(state: nil, message: "the server rolled back the transaction instead of committing it")
    }
  }

  /// Rolls back the transaction, unless the session is lost.
  ///
  /// - Throws: `PostgreSQLError` if the rollback fails; the session can then no longer be used.
  func rollback() throws {
    guard isOpen, !connection.isLost else { return }
    isOpen = false
    _ = try connection.run([.control("ROLLBACK")])
  }

  private func rollback(to name: String) {
    guard interruption == nil else { return }
    if let unsent = pending.lastIndex(of: "SAVEPOINT \(name)") {
      pending.removeSubrange(unsent...)
    } else {
      pending += ["ROLLBACK TO SAVEPOINT \(name)", "RELEASE SAVEPOINT \(name)"]
    }
    failure.clear()
  }

  /// Runs a statement whose arguments are arrays.
  func run(_ sql: String, _ arrays: [SQLArray]) throws -> PostgreSQLResult {
    let results = try run(sql) { batch, statements throws(StorageError) in try batch.add(arrays, to: &statements) }
    guard let result = results.first else { throw PostgreSQLError.lost("the server did not reply") }
    return result
  }

  /// Runs a statement for each list of arguments, in one round trip.
  private func run(_ sql: String, _ rows: [[any SQLValueConvertible]]) throws -> [PostgreSQLResult] {
    try run(sql) { batch, statements throws(StorageError) in
      for row in rows { try batch.add(row.map(\.sqlValue), to: &statements) }
    }
  }

  /// Runs the pending statements and, in the same round trip, the batch filled by the closure.
  private func run(
    _ sql: String, _ fill: (inout StatementBatch, inout PreparedStatements) throws(StorageError) -> Void
  ) throws -> [PostgreSQLResult] {
    try failure.check()
    let begin = pending.map { PostgreSQLConnection.Command.control($0) }
    var batch = StatementBatch(sql)
    do {
      try fill(&batch, &connection.statements)
      isOpen = isOpen || !begin.isEmpty
      pending = []
      let results = try connection.run(begin + batch.commands)
      return batch.results(of: results[begin.count...])
    } catch {
      let failed = (error as? PostgreSQLError)?.index.map { $0 - begin.count }
      batch.discardPlans(failed: failed, in: &connection.statements)
      throw recording(error, sql, isPending: failed.map { $0 < 0 } ?? false)
    }
  }

  /// Records the error as the transaction's failure, and returns it as a `StorageError`.
  ///
  /// - Parameter isPending: whether the failed command was a pending one, which starts the transaction or a savepoint.
  private func recording(_ error: any Error, _ sql: String, isPending: Bool) -> any Error {
    guard let response = error as? PostgreSQLError else {
      guard let error = error as? StorageError else { return error }
      return failure.recording(error)
    }
    if response.isLost || response.isTransient || isPending { interruption = interruption ?? response }
    return failure.recording(PostgreSQLErrors.storageError(response, "in: \(sql)"))
  }
}

/// One statement with one or more lists of arguments, as commands for one round trip to the server.
struct StatementBatch {
  private let sql: String
  private(set) var commands: [PostgreSQLConnection.Command] = []
  /// The indices of the commands that produce the results.
  private var executions: [Int] = []
  private var lastPreparation: Int?

  init(_ sql: String) { self.sql = sql }

  /// Adds a list of arguments, preceded by the statement's preparation if it has not been prepared for their types.
  mutating func add(_ values: [SQLValue], to statements: inout PreparedStatements) throws(StorageError) {
    try add(try PostgreSQLArguments(values), values.map { PostgreSQLType($0) }, to: &statements)
  }

  /// Adds a list of arrays, likewise preceded by the preparation if needed.
  mutating func add(_ arrays: [SQLArray], to statements: inout PreparedStatements) throws(StorageError) {
    try add(PostgreSQLArguments(arrays), arrays.map(\.type), to: &statements)
  }

  private mutating func add(
    _ arguments: PostgreSQLArguments, _ types: [PostgreSQLType?], to statements: inout PreparedStatements
  ) throws(StorageError) {
    let plan = try statements.plan(sql, types)
    if let (sql, types) = plan.preparation {
      lastPreparation = commands.count
      commands.append(.prepare(name: plan.name, sql: sql, types: types))
    }
    executions.append(commands.count)
    commands.append(.execute(name: plan.name, arguments))
  }

  /// Returns the results of the executions from those of all commands.
  func results(of all: ArraySlice<PostgreSQLResult>) -> [PostgreSQLResult] {
    executions.map { all[all.startIndex + $0] }
  }

  /// Removes the statement's plans if a command failed before all preparations were done.
  ///
  /// - Parameter failed: the index of the failed command; nil if unknown.
  func discardPlans(failed: Int?, in statements: inout PreparedStatements) {
    guard let lastPreparation, failed.map({ $0 <= lastPreparation }) ?? true else { return }
    statements.remove(sql)
  }
}
