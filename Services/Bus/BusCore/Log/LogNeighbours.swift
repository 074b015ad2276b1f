public import Storage

/// The other buses that share the log, as far as they are heard.
public final class LogNeighbours {
  private let url: String
  private let schema: String
  private let notice: LogNotice.Sender
  private let database: PostgreSQLBusDatabase

  init(url: String, schema: String, notice: LogNotice.Sender, database: PostgreSQLBusDatabase) {
    self.url = url
    self.schema = schema
    self.notice = notice
    self.database = database
  }

  /// Hears what the others say, by a session and a thread of its own.
  ///
  /// - Parameter hear: called on that thread; for `appended` also where something may have been missed.
  public func listen(_ hear: @escaping @Sendable (LogNotice) -> Void) throws(StorageError) -> PostgreSQLListener {
    try PostgreSQLListener(url: url, schema: schema) { [notice] payload in
      guard let payload else { return hear(.appended) }
      if let heard = notice.read(payload) { hear(heard) }
    }
  }

  /// Tells the others; on the log's thread.
  public func tell(_ what: LogNotice) throws(LogFault) {
    _ = try database.query(
      "cannot notify", "SELECT CAST(pg_notify(?, ?) AS TEXT) AS told", [database.channel, notice.payload(what)])
  }
}
