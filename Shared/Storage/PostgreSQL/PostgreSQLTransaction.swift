/// Statements in one transaction of a session. It begins with the first statement, on the same trip to the server, and so do
/// savepoints.
final class PostgreSQLTransaction: Transaction {
  /// More would let the server's answers pile up unread.
  private static let largestBatch = 256

  private let connection: PostgreSQLConnection
  private let failure = StatementError()
  /// What goes before the next statement: the beginning, savepoints.
  private var pending: [String]
  private var depth = 0
  /// Whether the server has heard of the transaction.
  private var isOpen = false
  /// What has undone the whole transaction, whatever the body makes of it.
  private(set) var interruption: PostgreSQLError?

  /// - Parameter begin: the statements that begin it.
  init(_ connection: PostgreSQLConnection, begin: [String]) {
    self.connection = connection
    pending = begin
  }

  func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int {
    try run(sql, [arguments]).reduce(0) { $0 + $1.affected }
  }

  func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int {
    var affected = 0
    for start in stride(from: 0, to: rows.count, by: Self.largestBatch) {
      let batch = rows[start..<min(start + Self.largestBatch, rows.count)]
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
      undo(to: name)
      throw error
    }
  }

  /// Throws where a statement has failed.
  func check() throws { try failure.check() }

  /// Makes the transaction's changes lasting.
  ///
  /// - Throws: `PostgreSQLError`; one that says lost leaves open whether they were made.
  func commit() throws {
    guard isOpen else { return }
    isOpen = false
    let results = try connection.run((pending + ["COMMIT"]).map { .control($0) })
    guard results.last?.tag == "COMMIT" else {
      throw PostgreSQLError(state: nil, message: "the server undid the transaction instead of committing it")
    }
  }

  /// Undoes the transaction, where the session is still there.
  ///
  /// - Throws: `PostgreSQLError` where it cannot be undone; then the session is of no use any more.
  func rollback() throws {
    guard isOpen, !connection.isLost else { return }
    isOpen = false
    _ = try connection.run([.control("ROLLBACK")])
  }

  private func undo(to name: String) {
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
    guard let result = results.first else { throw PostgreSQLError.lost("the server gave no answer") }
    return result
  }

  /// Runs a statement for each list of arguments, all on one trip.
  private func run(_ sql: String, _ rows: [[any SQLValueConvertible]]) throws -> [PostgreSQLResult] {
    try run(sql) { batch, statements throws(StorageError) in
      for row in rows { try batch.add(row.map(\.sqlValue), to: &statements) }
    }
  }

  /// Runs what is pending and, on the same trip, the batch that the body fills.
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
      batch.undoPlans(failed: failed, in: &connection.statements)
      throw noting(error, sql, isPending: failed.map { $0 < 0 } ?? false)
    }
  }

  /// - Parameter isPending: what failed is what was to begin the transaction or a savepoint.
  private func noting(_ error: any Error, _ sql: String, isPending: Bool) -> any Error {
    guard let answer = error as? PostgreSQLError else {
      guard let error = error as? StorageError else { return error }
      return failure.noting(error)
    }
    if answer.isLost || answer.isPassing || isPending { interruption = interruption ?? answer }
    return failure.noting(PostgreSQLErrors.storageError(answer, "in: \(sql)"))
  }
}

/// One statement with one or several lists of arguments, as commands that go on one trip to the server.
struct StatementBatch {
  private let sql: String
  private(set) var commands: [PostgreSQLConnection.Command] = []
  /// Which of the commands give the results.
  private var executions: [Int] = []
  private var lastPreparation: Int?

  init(_ sql: String) { self.sql = sql }

  /// Adds a list of arguments, and before it the preparation of the statement where it is not prepared for them.
  mutating func add(_ values: [SQLValue], to statements: inout PreparedStatements) throws(StorageError) {
    try add(try PostgreSQLArguments(values), values.map { PostgreSQLType($0) }, to: &statements)
  }

  /// Adds a list of arrays, in the same way.
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

  /// The results of the executions among those of all commands.
  func results(of answers: ArraySlice<PostgreSQLResult>) -> [PostgreSQLResult] {
    executions.map { answers[answers.startIndex + $0] }
  }

  /// Forgets what was planned, where a command failed before all of it was prepared.
  ///
  /// - Parameter failed: which of the commands failed; nil where that is not known.
  func undoPlans(failed: Int?, in statements: inout PreparedStatements) {
    guard let lastPreparation, failed.map({ $0 <= lastPreparation }) ?? true else { return }
    statements.forget(sql)
  }
}
