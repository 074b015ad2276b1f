/// A service's own store. Every read and every write is one transaction.
///
/// Bodies run on the store's own thread, never on the cooperative pool, and must not block on anything but their
/// statements. An error thrown by a body rolls back the whole transaction and reaches the caller unchanged; the store
/// itself throws `StorageError`.
///
/// A body may run more than once before it takes effect, for example if the connection to a server is lost before the
/// commit. Therefore it must not have side effects outside the transaction that a second run would duplicate.
public protocol Database: Sendable {
  /// Whether other processes may have the store open at the same time.
  var isShared: Bool { get }

  /// Why the store is known to be unusable at present, for example because its server does not answer; nil if it is not
  /// known to be.
  var outage: StorageError? { get }

  /// Runs the body on one consistent snapshot. Statements that write are rejected.
  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R

  /// Runs the body as one transaction. Returns once the commit is on disk; rolls back if the body throws.
  ///
  /// Cancelling the calling task does not cancel the write. Writes take effect in the order in which they were called,
  /// and queued writes share one flush to disk. Writes never overlap, within this process or across processes.
  ///
  /// Throws `StorageError` with code `.outcomeUnknown` if the connection to a server is lost during the commit: only
  /// the stored data show whether the change was made.
  @discardableResult
  func write<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R

  /// Brings the schema up to date: applies all migrations that are not recorded yet, in order and atomically.
  ///
  /// Throws `StorageError` with code `.schema` if the database is newer than this program, or if a released migration
  /// was edited, moved or removed.
  func migrate(_ migrations: [Migration]) async throws

  /// Completes pending calls and closes the store. Later calls throw `StorageError` with code `.closed`.
  func close() async throws
}

extension Database {
  /// Nil, because a store without a server is never known to be unusable.
  public var outage: StorageError? { nil }
}

/// The statements of one transaction; valid only inside the body that receives it.
///
/// SQL must be plain and portable: `?` placeholders, `ON CONFLICT` upserts and `RETURNING`, but nothing specific to one
/// engine. Rows are ordered only by `ORDER BY`; text sorts by its UTF-8 bytes. Statements are prepared once per SQL
/// text, so the text must not vary with the data.
///
/// A failed statement ends the transaction: later statements fail too, and it is not committed even if the body catches
/// the error. The exception is a failure inside a `savepoint`, which undoes only the savepoint.
public protocol Transaction {
  /// Runs a statement that returns no rows, and returns how many rows it inserted, updated or deleted.
  @discardableResult
  func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int

  /// Runs a statement once per list of arguments, in order, and returns how many rows were inserted, updated or deleted
  /// in total. On a server, the statements are pipelined instead of waiting for each reply.
  @discardableResult
  func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int

  /// Runs a statement and returns all its rows.
  func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row]

  /// Runs the body in a savepoint: if it throws, only its changes are undone, and the error is rethrown.
  func savepoint<R>(_ body: () throws -> R) throws -> R
}

extension Transaction {
  /// Runs a statement without arguments that returns no rows.
  @discardableResult
  public func execute(_ sql: String) throws -> Int { try execute(sql, []) }

  /// Runs a statement without arguments and returns all its rows.
  public func query(_ sql: String) throws -> [Row] { try query(sql, []) }

  /// Runs a statement and returns its first row, or nil if it has none.
  public func queryOne(_ sql: String, _ arguments: [any SQLValueConvertible] = []) throws -> Row? {
    try query(sql, arguments).first
  }
}
