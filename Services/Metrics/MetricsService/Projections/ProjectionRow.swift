import LaunchModel
import MetricsCore
import Storage

/// A projection as the store keeps it: for which attempt it is, and how far it has been built.
struct ProjectionRow: Sendable {
  var id: Int64
  var launch: LaunchID
  var attempt: Int
  /// `ProjectionSpec.key`.
  var key: String
  /// The next offset that is read from the log; nil where the first one is not looked up yet.
  var next: Int64?
  /// The last offset that is read from the log; later events come from the consumer.
  var until: Int64
  var prunedBefore: Int64?
  var watermark: Timestamp?
  /// Counts changes of its rows.
  var revision: Int

  /// Whether all of the log that it needs is in it.
  var isComplete: Bool { next.map { $0 > until } ?? false }

  init?(_ row: Row) throws {
    guard let launch = LaunchID(try row.text("launch")) else { return nil }
    self.launch = launch
    id = try row.integer("id")
    attempt = try row.int("attempt")
    key = try row.text("spec")
    next = try row.optionalInteger("next_offset")
    until = try row.integer("until_offset")
    prunedBefore = try row.optionalInteger("pruned_before")
    watermark = try row.optionalTimestamp("watermark")
    revision = try row.int("revision")
  }
}

/// A projection with the spec that its key stands for.
struct KnownProjection: Sendable {
  var row: ProjectionRow
  var spec: ProjectionSpec
}
