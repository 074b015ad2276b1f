import Dispatch
public import Storage

/// A log and the ledger beside it, where the settings say that they are.
///
/// They belong to one thread, whichever it is.
public struct LogStore {
  /// The events.
  public let log: any EventLog
  /// Consumers, quarantine and roster.
  public let ledger: any Ledger
  /// What other processes that have the log open say; nil where there can be none.
  public let neighbours: LogNeighbours?
  private let closing: () throws(LogFault) -> Void

  /// Opens the store on a thread that may block.
  ///
  /// - Throws: `LogFault`; `StorageError` for a server that cannot be worked with.
  public static func open(_ location: DatabaseLocation) async throws -> sending LogStore {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "gonogo.bus.opening").async {
        do { continuation.resume(returning: try LogStore(location)) } catch { continuation.resume(throwing: error) }
      }
    }
  }

  private init(_ location: DatabaseLocation) throws {
    switch location {
    case .sqlite(let path):
      let database = try BusDatabase(path: path)
      log = try SQLiteEventLog(database)
      ledger = SQLiteLedger(database)
      neighbours = nil
      closing = { () throws(LogFault) in try database.close() }
    case .postgreSQL(let url, let schema):
      let database = try PostgreSQLBusDatabase(url: url, schema: schema)
      let notice = LogNotice.Sender()
      log = try PostgreSQLEventLog(database, notice: notice)
      ledger = PostgreSQLLedger(database)
      neighbours = LogNeighbours(url: url, schema: schema, notice: notice, database: database)
      closing = { () throws(LogFault) in database.close() }
    }
  }

  /// Brings a file into one piece, or ends the session with the server.
  public func close() throws(LogFault) { try closing() }
}
