public import JSON
public import LaunchModel

extension ChecklistRoutes {
  /// A launch's hypercare: the roster of shifts, the gaps in it, and the check for each day.
  public static let showHypercare = Route<LaunchReference, HypercareView>(.checklist, "hypercare.show", .read)
  /// Replaces the whole roster of shifts; for Support's lead and Product Ops. `expectedVersion` refers to the roster's
  /// version.
  public static let setHypercareRoster = Route<SetHypercareRoster, HypercareView>(
    .checklist, "hypercare.setRoster", .change)
  /// Records one day's check, replacing any earlier record; for members of Support and people with a shift.
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
  /// The zone of all dates and times here, for example `America/New_York`.
  public var timeZone: String
  /// The first of the 14 days: the day of the current attempt's exposure, or else the planned date.
  public var startsOn: LocalDate
  /// The attempt that the days belong to, starting at 1; nil before the first exposure.
  public var attempt: Int?
  /// The version of the roster: how often it has been set; 0 if it never was.
  public var rosterVersion: Int
  /// The roster; nil if none has been set.
  public var roster: HypercareRoster?
  /// Who set the roster, for example `grace`; nil if none has been set.
  public var setBy: String?
  /// When the roster was set; nil if none has been set.
  public var setAt: Timestamp?
  /// The uncovered spans within the hours of coverage of the 14 days; empty if no roster has been set.
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

/// A span that no shift covers.
public struct HypercareGap: Codable, Sendable, Hashable {
  /// When it begins, in the launch's zone.
  public var from: LocalDateTime
  /// When it ends, in the launch's zone.
  public var to: LocalDateTime
  /// How long it lasts; differs from the difference of the two times if a clock change lies between them.
  public var minutes: Int

  public init(from: LocalDateTime, to: LocalDateTime, minutes: Int) {
    self.from = from
    self.to = to
    self.minutes = minutes
  }
}

/// Somebody who is on shift.
public struct HypercareOnShift: Codable, Sendable, Hashable {
  /// The person, for example `sam`.
  public var person: PersonID
  /// When the shift ends, in the launch's zone.
  public var until: LocalDateTime
  /// The minutes within which a customer should get a first response.
  public var responseMinutes: Int

  public init(person: PersonID, until: LocalDateTime, responseMinutes: Int) {
    self.person = person
    self.until = until
    self.responseMinutes = responseMinutes
  }
}

/// One day of hypercare with its check.
public struct HypercareDay: Codable, Sendable, Hashable {
  /// The state of a day's check.
  public enum State: String, Codable, Sendable, Hashable, CaseIterable {
    /// The day has not come yet, or the launch has not been exposed.
    case upcoming
    /// Today's check has not been recorded yet.
    case due
    /// The day has passed without a check.
    case overdue
    /// Checked; nothing needs attention.
    case ok
    /// Checked; something needs attention.
    case problem
    /// The launch was rolled back before the check.
    case notApplicable = "not-applicable"
  }

  /// The number of the day, from 1 to 14.
  public var day: Int
  /// The local date.
  public var date: LocalDate
  /// The state of its check.
  public var state: State
  /// The finding of its check, for example `12 tickets, 1 escalated`; nil if there was none.
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

/// The hypercare of a launch that customers have, as shown on the board.
public struct HypercareSummary: Codable, Sendable, Hashable {
  /// The day, from 1 (the day of the first exposure) to `days`.
  public var day: Int
  /// The number of days: 14.
  public var days: Int
  /// The zone in which times are local, for example `America/New_York`.
  public var timeZone: String
  /// Who is on shift now.
  public var onShift: [HypercareOnShift]
  /// Whether nobody is on shift although this is within the hours of coverage, or no roster has been set.
  public var uncovered: Bool
  /// The number of uncovered spans in the 14 days.
  public var gaps: Int
  /// The days that have passed without a check.
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
