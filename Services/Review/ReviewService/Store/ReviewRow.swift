import JSON
import LaunchModel
import Storage

/// A review as it is kept.
struct ReviewRow: Sendable {
  var launch: LaunchID
  var attempt: Int
  var state: ReviewState
  var opensAt: Timestamp
  var opensOn: LocalDate
  /// Whether the opening was computed with the launch's own calendar.
  var calendarKnown: Bool
  var openedAt: Timestamp?
  var closedAt: Timestamp?
  var closedBy: String?
  var digest: String?
  /// The agenda as it was when the review was closed.
  var agenda: AgendaView?
  var version: Int

  init(_ row: Row) throws {
    guard let launch = LaunchID(try row.text("launch")), let state = ReviewState(rawValue: try row.text("state")) else {
      throw StorageError(.unreadable, "a row of reviews has no valid launch or state")
    }
    self.launch = launch
    self.state = state
    attempt = try row.int("attempt")
    opensAt = try row.timestamp("opens_at")
    opensOn = try row.date("opens_on")
    calendarKnown = try row.bool("calendar_known")
    openedAt = try row.optionalTimestamp("opened_at")
    closedAt = try row.optionalTimestamp("closed_at")
    closedBy = try row.optionalText("closed_by")
    digest = try row.optionalText("digest")
    agenda = try row.optionalText("agenda") == nil ? nil : try row.json("agenda", as: AgendaView.self)
    version = try row.int("version")
  }
}
