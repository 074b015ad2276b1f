public import Contract
import LaunchModel

/// What the bus keeps beside the log: how far consumers are, what is in quarantine, and the roster that is in force.
///
/// It belongs to the thread of its log.
public protocol BusMetadataStore: AnyObject {
  /// The registered consumers with their offsets.
  func consumers() throws(LogError) -> [String: Int64]

  /// Writes down how far consumers are; one that is new is registered by it.
  func save(consumers: [String: Int64]) throws(LogError)

  /// Takes a consumer off the register.
  func forget(consumer: String) throws(LogError)

  /// The event that announced the roster in force, byte for byte, which the log keeps apart from what is pruned; nil before
  /// there is one.
  func rosterEvent() throws(LogError) -> [UInt8]?

  /// Puts events into quarantine; the id in their entries is not used. One that is there already, of that consumer and
  /// offset, is replaced and keeps its id.
  ///
  /// - Returns: the ids, in order.
  func quarantine(_ events: [QuarantinedEvent]) throws(LogError) -> [Int64]

  /// Keeps the newest entries of a consumer and deletes the others.
  func trimQuarantine(of consumer: String, to count: Int) throws(LogError)

  /// Entries by id, and how many there are in all.
  ///
  /// - Parameter bytes: how many bytes the events may have together; the first is given in any case.
  func quarantined(
    _ query: QuarantineListParameters, max count: Int, bytes: Int
  ) throws(LogError) -> (events: [QuarantinedEvent], total: Int)

  /// The chosen entries, up to so many.
  func quarantined(_ selection: QuarantineSelection, max count: Int) throws(LogError) -> [QuarantinedEvent]

  /// Replaces what an entry says of its last try.
  func update(_ entry: QuarantineEntry) throws(LogError)

  /// Marks entries as waiting for their consumer.
  func markRetrying(_ ids: [Int64]) throws(LogError)

  /// Deletes entries.
  ///
  /// - Returns: how many there were.
  func discard(_ ids: [Int64]) throws(LogError) -> Int
}

/// An event in quarantine with its bytes.
public struct QuarantinedEvent: Sendable, Hashable {
  /// What is known of it: its consumer, its offset, the reason and the tries.
  public var entry: QuarantineEntry
  /// As the producer wrote them; they need not be valid JSON.
  public var bytes: [UInt8]

  public init(entry: QuarantineEntry, bytes: [UInt8]) {
    self.entry = entry
    self.bytes = bytes
  }
}
