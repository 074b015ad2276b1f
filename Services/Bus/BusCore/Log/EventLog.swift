public import LaunchModel

/// The durable log of events: what the bus acknowledges is what this has on disk.
///
/// Offsets are dense and ascending from 1, and `storedAt` never decreases, however many processes share the log. What this
/// says of it belongs to one thread.
public protocol EventLog: AnyObject {
  /// The newest and the oldest offset, as far as is known here.
  var bounds: LogBounds { get }
  /// When the newest event was stored; nil while nothing is left to say.
  var newestStoredAt: Timestamp? { get }

  /// The offset of the event that announced the roster in force, as far as is known here; 0 before there is one, or where it
  /// does not matter, because no other process adopts any.
  var rosterOffset: Int64 { get }

  /// Appends events in one transaction, in order. When it returns, what it says is stored is on disk, and a roster among it is
  /// the one that is kept.
  ///
  /// An event whose source and id are in the log already, or came earlier in the same batch, is not stored again. What is
  /// stored stands at the head, one after the other; the head may have moved by more than that, by what others appended, or by
  /// what was appended before and could not be answered.
  ///
  /// - Throws: `LogFault.rosterChanged` where another process has had a roster adopted that is not known here.
  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogFault) -> [AppendOutcome]

  /// Events after an offset, each verified against its checksum.
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogFault) -> LogPage

  /// The first offset stored at that time or later; the newest plus one where there is none.
  func firstOffset(storedSince time: Timestamp) throws(LogFault) -> Int64

  /// Deletes the oldest events up to an offset, at most so many, in one transaction. Their ids may be used again.
  func prune(through offset: Int64, atMost count: Int) throws(LogFault) -> LogBounds

  /// Looks where the log ends, and which roster is in force, where something else than this may have moved them.
  func refresh() throws(LogFault)
}
