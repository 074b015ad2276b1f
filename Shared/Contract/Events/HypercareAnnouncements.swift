public import LaunchModel

extension Announcements {
  /// Sent by checklist when a launch's roster of hypercare shifts is set or replaced.
  public static let hypercareRoster = EventType<HypercareRosterSet>("dev.gonogo.hypercare.roster.v1")
  /// Sent by checklist when the check for a day of hypercare is recorded.
  public static let hypercareChecked = EventType<HypercareChecked>("dev.gonogo.hypercare.checked.v1")
}

/// The roster of hypercare shifts of a launch, in full.
public struct HypercareRosterSet: Codable, Sendable, Hashable {
  /// The version: 1 for the first, increased by one each time the roster is set.
  public var rosterVersion: Int
  /// The shifts with their hours and response target; dates and times are local to the launch's zone.
  public var roster: HypercareRoster

  public init(rosterVersion: Int, roster: HypercareRoster) {
    self.rosterVersion = rosterVersion
    self.roster = roster
  }
}

/// The check of one day of hypercare.
public struct HypercareChecked: Codable, Sendable, Hashable {
  /// The attempt at launching, starting at 1.
  public var attempt: Int
  /// The day, from 1 (the day of the first exposure) to 14; a later check of the same day replaces an earlier one.
  public var day: Int
  /// The day's local date.
  public var date: LocalDate
  /// Whether something needs attention.
  public var outcome: HypercareOutcome
  /// What was found, for example `12 tickets, 1 escalated, all answered in 30 min`.
  public var finding: String

  public init(attempt: Int, day: Int, date: LocalDate, outcome: HypercareOutcome, finding: String) {
    self.attempt = attempt
    self.day = day
    self.date = date
    self.outcome = outcome
    self.finding = finding
  }
}
