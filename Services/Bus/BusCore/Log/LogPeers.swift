import Foundation
public import Storage

/// The other buses that share the log, as far as they are heard.
public final class LogPeers {
  private let url: String
  private let schema: String
  private let notice: PeerNotification.Sender
  private let database: PostgreSQLBusDatabase

  init(url: String, schema: String, notice: PeerNotification.Sender, database: PostgreSQLBusDatabase) {
    self.url = url
    self.schema = schema
    self.notice = notice
    self.database = database
  }

  /// Hears what the others say, by a session and a thread of its own.
  ///
  /// - Parameter hear: called on that thread; for `appended` also where something may have been missed.
  public func listen(_ hear: @escaping @Sendable (PeerNotification) -> Void) throws(StorageError) -> PostgreSQLListener
  {
    try PostgreSQLListener(url: url, schema: schema) { [notice] payload in
      guard let payload else { return hear(.appended) }
      if let heard = notice.read(payload) { hear(heard) }
    }
  }

  /// Tells the others; on the log's thread.
  public func tell(_ what: PeerNotification) throws(LogError) {
    _ = try database.query(
      "cannot notify", "SELECT CAST(pg_notify(?, ?) AS TEXT) AS told", [database.channel, notice.payload(what)])
  }
}

/// What buses that share a log tell each other.
public enum PeerNotification: String, Sendable, Hashable {
  /// The log's ends have moved.
  case appended
  /// Somebody waits until all consumers are at the head: fetches that wait are to hurry.
  case settling

  /// One process's own notices, by which it tells those of others.
  struct Sender: Sendable {
    private let name = UUID().uuidString

    func payload(_ notice: PeerNotification) -> String { "\(name) \(notice.rawValue)" }

    /// Another's notice; nil for the own, and for what is none.
    func read(_ payload: String) -> PeerNotification? {
      let words = payload.split(separator: " ")
      guard words.count == 2, words[0] != name else { return nil }
      return PeerNotification(rawValue: String(words[1]))
    }
  }
}
