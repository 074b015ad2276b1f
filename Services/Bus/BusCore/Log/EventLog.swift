public import LaunchModel

/// The durable log of events: what the bus acknowledges is what this has on disk.
///
/// Offsets are dense and ascending from 1, and `storedAt` never decreases. A log belongs to one thread.
public protocol EventLog: AnyObject {
  /// The newest and the oldest offset.
  var bounds: LogBounds { get }
  /// When the newest event was stored; nil while nothing is left to say.
  var newestStoredAt: Timestamp? { get }

  /// Appends events in one transaction, in order. When it returns, what it says is stored is on disk.
  ///
  /// An event whose source and id are in the log already, or came earlier in the same batch, is not stored again. The head
  /// may have moved by more than what was stored: by what was appended before and could not be answered.
  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogFault) -> [AppendOutcome]

  /// Events after an offset, each verified against its checksum.
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogFault) -> LogPage

  /// The first offset stored at that time or later; the newest plus one where there is none.
  func firstOffset(storedSince time: Timestamp) throws(LogFault) -> Int64

  /// Deletes the oldest events up to an offset, at most so many, in one transaction. Their ids may be used again.
  func prune(through offset: Int64, atMost count: Int) throws(LogFault) -> LogBounds

  /// Makes sure of the ends where something else than this may have moved them: after a connection was lost.
  func refresh() throws(LogFault)
}
