public import Contract
import LaunchModel

/// The bus's data beside the log: consumer offsets, quarantine, and the current roster.
///
/// Confined to the log's thread.
public protocol BusMetadataStore: AnyObject {
  /// Returns the registered consumers with their offsets.
  func consumers() throws(LogError) -> [String: Int64]

  /// Saves consumer offsets, and registers new consumers.
  func save(consumers: [String: Int64]) throws(LogError)

  /// Removes a consumer.
  func forget(consumer: String) throws(LogError)

  /// Returns the event that announced the current roster, byte for byte; nil if there is none. The log saves it where
  /// pruning does not delete it.
  func rosterEvent() throws(LogError) -> [UInt8]?

  /// Puts events into quarantine. The ids in the given entries are ignored. An existing entry for the same consumer and
  /// offset is replaced but keeps its id.
  ///
  /// - Returns: the entries' ids, in the same order.
  func quarantine(_ events: [QuarantinedEvent]) throws(LogError) -> [Int64]

  /// Deletes all entries of a consumer except the newest `count`.
  func trimQuarantine(of consumer: String, to count: Int) throws(LogError)

  /// Returns the entries that match a query, by ascending id, and the total number of matches.
  ///
  /// - Parameter bytes: maximum bytes of all events together; the first entry is always returned.
  func quarantined(
    _ query: QuarantineListParameters, max count: Int, bytes: Int
  ) throws(LogError) -> (events: [QuarantinedEvent], total: Int)

  /// Returns the selected entries, at most `count`.
  func quarantined(_ selection: QuarantineSelection, max count: Int) throws(LogError) -> [QuarantinedEvent]

  /// Updates an entry after another attempt.
  func update(_ entry: QuarantineEntry) throws(LogError)

  /// Marks entries so that their consumer retries them.
  func markRetrying(_ ids: [Int64]) throws(LogError)

  /// Deletes entries.
  ///
  /// - Returns: the number of entries deleted.
  func discard(_ ids: [Int64]) throws(LogError) -> Int
}

/// A quarantined event with its bytes.
public struct QuarantinedEvent: Sendable, Hashable {
  /// Its consumer, offset, reason and number of attempts.
  public var entry: QuarantineEntry
  /// The event as the producer wrote it; it may not be valid JSON.
  public var bytes: [UInt8]

  public init(entry: QuarantineEntry, bytes: [UInt8]) {
    self.entry = entry
    self.bytes = bytes
  }
}
