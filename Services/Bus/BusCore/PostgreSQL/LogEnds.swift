import LaunchModel
import Storage

/// The row of the log's ends, which every append locks until it is committed.
struct LogEnds: Sendable, Hashable {
  static let select = "SELECT head, first, newest_at, roster_at FROM log_bounds"
  /// The same, held until the transaction ends.
  static let lock = "SELECT head, first, newest_at, roster_at FROM log_bounds FOR UPDATE"

  /// The newest and the oldest offset.
  var bounds: LogBounds
  /// When the newest event was stored; nil before the first.
  var newestAt: Timestamp?
  /// The offset of the event that announced the roster in force; 0 before there is one.
  var rosterOffset: Int64

  init(_ row: Row?) throws {
    guard let row else { throw LogFault.failed("the log's ends cannot be read: log_bounds is empty") }
    bounds = LogBounds(head: try row.integer("head"), first: try row.integer("first"))
    newestAt = try row.optionalTimestamp("newest_at")
    rosterOffset = try row.integer("roster_at")
  }

  /// - Throws: `LogFault.failed` where these ends are of an older log than those, which were seen before.
  func check(after known: LogBounds) throws(LogFault) {
    guard bounds.head >= known.head, bounds.first >= known.first else {
      throw .failed(
        "the database has lost what was acknowledged: its log goes from \(bounds.first) to \(bounds.head), and was known to "
          + "go from \(known.first) to \(known.head); was an older backup restored, or a standby promoted that was behind?"
      )
    }
  }
}
