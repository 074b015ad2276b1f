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
