public import JSON
public import LaunchModel

extension ChecklistRoutes {
  /// A launch's hypercare: its roster of shifts with the gaps, and the check of each day.
  public static let showHypercare = Route<LaunchReference, HypercareView>(.checklist, "hypercare.show", .read)
  /// Replaces the roster of shifts as a whole; for Support's lead and Product Ops. `expectedVersion` is the roster's.
  public static let setHypercareRoster = Route<SetHypercareRoster, HypercareView>(
    .checklist, "hypercare.setRoster", .change)
  /// Records the finding of one day's check, replacing an earlier one; for members of Support and people with a shift.
  public static let checkHypercare = Route<CheckHypercare, HypercareView>(.checklist, "hypercare.check", .change)
}

/// The roster of shifts to set.
public struct SetHypercareRoster: Codable, Sendable, Hashable {
  /// The launch that the shifts are for.
  public var launch: LaunchID
  /// The roster file's content.
  public var document: JSONValue
  /// Why, for the audit trail; nil for no reason.
  public var reason: String?

  public init(launch: LaunchID, document: JSONValue, reason: String? = nil) {
    self.launch = launch
    self.document = document
    self.reason = reason
  }
}

/// What one day's check found.
public struct CheckHypercare: Codable, Sendable, Hashable {
  /// The launch that customers have.
  public var launch: LaunchID
  /// The day of hypercare, from 1 (the day of the first exposure) to 14; nil means today.
  public var day: Int?
  /// What was found, for example `12 tickets, 1 escalated, all answered in 30 min`.
  public var finding: String
  /// Whether something needs attention; default `ok`.
  public var outcome: HypercareOutcome?

  public init(launch: LaunchID, day: Int? = nil, finding: String, outcome: HypercareOutcome? = nil) {
    self.launch = launch
    self.day = day
    self.finding = finding
    self.outcome = outcome
  }
}

/// The outcome of one day's check.
public enum HypercareOutcome: String, Codable, Sendable, Hashable, CaseIterable {
  case ok, problem
}

/// A launch's hypercare, the elevated support coverage in its first 14 days.
public struct HypercareView: Codable, Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// The display name of the launch, for example `Smart routing`.
  public var name: String
  /// The zone in which all dates and times are local, for example `America/New_York`.
  public var timeZone: String
  /// The first of the 14 days: that of the running attempt's exposure, else the planned date.
  public var startsOn: LocalDate
  /// The attempt at launching that the days are of, starting at 1; nil before the first exposure.
  public var attempt: Int?
  /// The version of the roster, which counts how often it was set; 0 if it was not.
  public var rosterVersion: Int
  /// The roster; nil if none was set.
  public var roster: HypercareRoster?
  /// Who set the roster, for example `grace`; nil if none was set.
  public var setBy: String?
  /// When the roster was set; nil if none was.
  public var setAt: Timestamp?
  /// The spans within the hours of coverage of the 14 days that nobody covers; empty if no roster was set.
  public var gaps: [HypercareGap]
  /// Who is on shift now.
  public var onShift: [HypercareOnShift]
  /// The 14 days, each with its check.
  public var days: [HypercareDay]

  public init(
    launch: LaunchID, name: String, timeZone: String, startsOn: LocalDate, attempt: Int?, rosterVersion: Int,
    roster: HypercareRoster?, setBy: String?, setAt: Timestamp?, gaps: [HypercareGap], onShift: [HypercareOnShift],
    days: [HypercareDay]
  ) {
    self.launch = launch
    self.name = name
    self.timeZone = timeZone
    self.startsOn = startsOn
    self.attempt = attempt
    self.rosterVersion = rosterVersion
    self.roster = roster
    self.setBy = setBy
    self.setAt = setAt
    self.gaps = gaps
    self.onShift = onShift
    self.days = days
  }
}

/// A span without a shift.
public struct HypercareGap: Codable, Sendable, Hashable {
  /// When it begins, in the launch's zone.
  public var from: LocalDateTime
  /// When it ends, in the launch's zone.
  public var to: LocalDateTime
  /// How long it lasts, which a clock change can make differ from what the times show.
  public var minutes: Int

  public init(from: LocalDateTime, to: LocalDateTime, minutes: Int) {
    self.from = from
    self.to = to
    self.minutes = minutes
  }
}

/// Somebody who is on shift.
public struct HypercareOnShift: Codable, Sendable, Hashable {
  /// Who is on shift, for example `sam`.
  public var person: PersonID
  /// When the shift ends, in the launch's zone.
  public var until: LocalDateTime
  /// Minutes within which a customer gets a first response.
  public var responseMinutes: Int

  public init(person: PersonID, until: LocalDateTime, responseMinutes: Int) {
    self.person = person
    self.until = until
    self.responseMinutes = responseMinutes
  }
}

/// One day of hypercare with its check.
public struct HypercareDay: Codable, Sendable, Hashable {
  /// What is known of a day's check.
  public enum State: String, Codable, Sendable, Hashable, CaseIterable {
    /// The day has not come, or the launch was not exposed yet.
    case upcoming
    /// To be recorded today.
    case due
    /// The day has passed without a check.
    case overdue
    /// Checked without a problem.
    case ok
    /// Checked, and something needs attention.
    case problem
    /// Not checked before the launch was rolled back.
    case notApplicable = "not-applicable"
  }

  /// The number of the day, from 1 to 14.
  public var day: Int
  /// The local date.
  public var date: LocalDate
  /// What is known of its check.
  public var state: State
  /// What the check found, for example `12 tickets, 1 escalated`; nil if there was none.
  public var finding: String?
  /// Who recorded the check; nil if there was none.
  public var by: String?
  /// When the check was recorded; nil if there was none.
  public var at: Timestamp?

  public init(
    day: Int, date: LocalDate, state: State, finding: String? = nil, by: String? = nil, at: Timestamp? = nil
  ) {
    self.day = day
    self.date = date
    self.state = state
    self.finding = finding
    self.by = by
    self.at = at
  }
}

/// The hypercare of a launch that customers have, for the board.
public struct HypercareSummary: Codable, Sendable, Hashable {
  /// The day, from 1 (the day of the first exposure) to `days`.
  public var day: Int
  /// The number of days: 14.
  public var days: Int
  /// The zone in which times are local, for example `America/New_York`.
  public var timeZone: String
  /// Who is on shift now.
  public var onShift: [HypercareOnShift]
  /// Whether nobody is on shift within the hours of coverage, or no roster was set.
  public var uncovered: Bool
  /// The number of spans of the 14 days without a shift.
  public var gaps: Int
  /// The days that have passed without their check.
  public var overdue: [Int]
  /// The days whose check found a problem.
  public var problems: [Int]

  public init(
    day: Int, days: Int, timeZone: String, onShift: [HypercareOnShift], uncovered: Bool, gaps: Int, overdue: [Int],
    problems: [Int]
  ) {
    self.day = day
    self.days = days
    self.timeZone = timeZone
    self.onShift = onShift
    self.uncovered = uncovered
    self.gaps = gaps
    self.overdue = overdue
    self.problems = problems
  }
}
