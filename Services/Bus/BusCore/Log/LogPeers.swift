import Foundation
public import Storage

/// Notifications to and from the other buses that share the log.
public final class LogPeers {
  private let url: String
  private let schema: String
  private let sender: PeerNotification.Sender
  private let database: PostgreSQLBusDatabase
  /// Provides confirmed bounds of the log.
  public let watch: LogWatch

  init(url: String, schema: String, sender: PeerNotification.Sender, database: PostgreSQLBusDatabase) {
    self.url = url
    self.schema = schema
    self.sender = sender
    self.database = database
    watch = LogWatch(database.watch())
  }

  /// Starts listening to the other buses, using its own session and thread.
  ///
  /// - Parameter handler: called on that thread for each notification, and with `appended` whenever a session begins,
  ///   because earlier notifications may have been lost.
  public func listen(_ handler: @escaping @Sendable (PeerNotification) -> Void) throws(StorageError)
    -> PostgreSQLListener
  {
    try PostgreSQLListener(url: url, schema: schema) { [sender] payload in
      guard let payload else { return handler(.appended) }
      if let notification = sender.notification(in: payload) { handler(notification) }
    }
  }

  /// Notifies the other buses. Must be called on the log thread.
  public func notify(_ notification: PeerNotification) throws(LogError) {
    _ = try database.query(
      "cannot notify", "SELECT CAST(pg_notify(?, ?) AS TEXT) AS notified",
      [database.channel, sender.payload(notification)])
  }
}

/// A notification between buses that share a log. The raw values are the wire format.
public enum PeerNotification: String, Sendable, Hashable {
  /// The bounds of the log have changed.
  case appended
  /// A client waits for all consumers to reach the head, so waiting fetches should be woken.
  case settling

  /// Encodes and decodes notifications under a name that is unique to this process.
  struct Sender: Sendable {
    private let name = UUID().uuidString

    func payload(_ notification: PeerNotification) -> String { "\(name) \(notification.rawValue)" }

    /// Returns the notification in a payload; nil if this process sent it, or if it is malformed.
    func notification(in payload: String) -> PeerNotification? {
      let words = payload.split(separator: " ")
      guard words.count == 2, words[0] != name else { return nil }
      return PeerNotification(rawValue: String(words[1]))
    }
  }
}
