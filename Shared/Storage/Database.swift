/// A service's own store: every read and every write is one transaction.
///
/// Bodies run on the store's own thread, never on the cooperative pool; they must not wait for anything. An error that a
/// body throws undoes the whole transaction and reaches the caller unchanged; the store's own are `StorageError`.
///
/// A body may be run more than once before it takes effect, as when the connection to a server is lost before the commit: it
/// has no effect outside of the transaction that a second run would double.
public protocol Database: Sendable {
  /// Whether other processes may have the store open as well.
  var isShared: Bool { get }

  /// Runs the body on one consistent snapshot; a statement that writes is refused.
  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R

  /// Runs the body as one transaction, which is on disk when this returns and undone when it throws.
  ///
  /// Not cancelled with the calling task: what was begun is finished. Writes take effect in the order they were asked for;
  /// those that queue up behind each other share one flush of the disk. No two writes overlap, in this process or another.
  ///
  /// Throws `StorageError` with code `.outcomeUnknown` where the connection to a server was lost during the commit: the change
  /// was made, or it was not, and only looking tells.
  @discardableResult
  func write<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R

  /// Brings the schema up to date: applies those migrations that are not recorded yet, in their order, all or none.
  ///
  /// Throws `StorageError` with code `.schema` for a database newer than this program, and for a released migration that
  /// was edited, moved or removed.
  func migrate(_ migrations: [Migration]) async throws

  /// Finishes what was asked for and closes the store; later calls throw `StorageError` with code `.closed`.
  func close() async throws
}

/// Statements inside one transaction; valid only inside the body it was given to.
///
/// SQL is plain and portable: `?` placeholders, `ON CONFLICT` upserts, `RETURNING`; nothing that only one engine has. Rows
/// come in the order of `ORDER BY` and in none without it; texts sort by their UTF-8 bytes.
/// Statements are prepared once for each text, so the text must not vary with the data.
///
/// A statement that fails ends the transaction: the next ones fail as well, and it is not committed, even where the body
/// catches the error. Only a `savepoint` around it is survived.
public protocol Transaction {
  /// Runs a statement that answers no rows, and returns how many rows it inserted, updated or deleted.
  @discardableResult
  func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int

  /// Runs a statement once for each list of arguments, in that order, and returns how many rows that inserted, updated or
  /// deleted altogether; on a server without waiting for each.
  @discardableResult
  func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int

  /// Runs a statement and returns all its rows.
  func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row]

  /// Runs the body so that, when it throws, only what it did is undone; the error passes on.
  func savepoint<R>(_ body: () throws -> R) throws -> R
}

extension Transaction {
  /// Runs a statement without arguments that answers no rows.
  @discardableResult
  public func execute(_ sql: String) throws -> Int { try execute(sql, []) }

  /// Runs a statement without arguments and returns all its rows.
  public func query(_ sql: String) throws -> [Row] { try query(sql, []) }

  /// The first row, or nil where there is none.
  public func queryOne(_ sql: String, _ arguments: [any SQLValueConvertible] = []) throws -> Row? {
    try query(sql, arguments).first
  }
}
