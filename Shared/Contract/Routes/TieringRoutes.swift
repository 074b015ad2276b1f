public import JSON
public import LaunchModel

/// The tiering service's methods.
public enum TieringRoutes {
  /// Stores and announces a new launch with its tier, earliest date and shortfall.
  public static let propose = Route<ProposeLaunch, LaunchRecord>(.tiering, "launch.propose", .change)
  /// The tier and dates that a launch file would get, without storing anything.
  public static let classify = Route<ClassifyLaunch, Classification>(.tiering, "launch.classify", .read)
  /// Launches by date, filtered.
  public static let list = Route<LaunchFilter, LaunchList>(.tiering, "launch.list", .read)
  /// One launch with everything tiering knows about it.
  public static let show = Route<LaunchReference, LaunchRecord>(.tiering, "launch.show", .read)
  /// The changes of a launch, as recorded by tiering.
  public static let history = Route<LaunchReference, LaunchHistory>(.tiering, "launch.history", .read)
  /// Changes fields of the launch file; after GO, Product Ops only, with a reason.
  public static let set = Route<SetLaunch, LaunchRecord>(.tiering, "launch.set", .change)
  /// Overrides the computed tier, or removes the override; Product Ops only, with a reason.
  public static let override = Route<OverrideTier, LaunchRecord>(.tiering, "launch.override", .change)
  /// Moves the date; a date before the earliest feasible one results in a shortfall.
  public static let reschedule = Route<RescheduleLaunch, LaunchRecord>(.tiering, "launch.reschedule", .change)
  /// Confirms that the date still holds, without increasing the launch's version; by the owner or Product Ops.
  public static let reconfirm = Route<LaunchAction, LaunchRecord>(.tiering, "launch.reconfirm", .change)
  /// Waives a shortfall, with a reason; without a waiver a shortfall blocks GO.
  public static let waiveShortfall = Route<LaunchAction, LaunchRecord>(.tiering, "launch.waiveShortfall", .change)
  /// Postpones a launch: removes its date without setting a new one.
  public static let postpone = Route<LaunchAction, LaunchRecord>(.tiering, "launch.postpone", .change)
  /// Cancels a launch for good; its history is retained.
  public static let cancel = Route<LaunchAction, LaunchRecord>(.tiering, "launch.cancel", .change)
  /// A business-day calendar with its holidays.
  public static let showCalendar = Route<CalendarReference, CalendarView>(.tiering, "calendar.show", .read)
  /// Adopts a calendar under its key, recomputing due dates and earliest dates; Product Ops only.
  public static let adoptCalendar = Route<AdoptCalendar, CalendarView>(.tiering, "calendar.adopt", .change)
  /// The date that is a number of business days after or before another.
  public static let workday = Route<WorkdayRequest, WorkdayAnswer>(.tiering, "calendar.workday", .read)
}

/// A launch to propose: the contents of a launch file, undecoded.
///
/// They stay JSON until tiering reads them, so that all errors are reported at once, each with its pointer.
public struct ProposeLaunch: Codable, Sendable, Hashable {
  /// The launch file's contents, as an object.
  public var document: JSONValue

  public init(document: JSONValue) { self.document = document }
}

/// A launch to classify.
public struct ClassifyLaunch: Codable, Sendable, Hashable {
  /// The launch file's contents, as an object; only the facts are required.
  public var document: JSONValue
  /// Whether to report everything that `launch.propose` would reject, such as a missing field or an id in use; default
  /// false.
  public var asProposal: Bool?

  public init(document: JSONValue, asProposal: Bool? = nil) {
    self.document = document
    self.asProposal = asProposal
  }
}

/// The tier and dates of a launch file, computed without storing anything.
public struct Classification: Codable, Sendable, Hashable {
  /// The most demanding tier among the rules that fire.
  public var tier: Tier
  /// The rules that fired, with the facts that fired them.
  public var tierReasons: [TierReason]
  /// Facts that were omitted and therefore have the policy's default, for example `audience: subset`.
  public var assumed: [String]
  /// Facts that are unknown and therefore count as the more demanding answer.
  public var openQuestions: [String]
  /// The smallest changes of facts that would result in each other tier.
  public var alternatives: [TierAlternative]
  /// The earliest date, assuming that the tier was reached today.
  public var earliestDate: LocalDate?
  /// The reasons for that date, for example `the window of 28 days from 2027-02-01`.
  public var earliestBecause: [String]
  /// The shortfall of the date in the document; nil if it has no date, or one that is not too early.
  public var shortfall: Shortfall?
  /// The conflicts of the date in the document; empty if it has no date.
  public var conflicts: [LaunchConflict]
  /// Further remarks about the date.
  public var notes: [String]

  public init(
    tier: Tier, tierReasons: [TierReason], assumed: [String], openQuestions: [String], alternatives: [TierAlternative],
    earliestDate: LocalDate? = nil, earliestBecause: [String] = [], shortfall: Shortfall? = nil,
    conflicts: [LaunchConflict] = [], notes: [String] = []
  ) {
    self.tier = tier
    self.tierReasons = tierReasons
    self.assumed = assumed
    self.openQuestions = openQuestions
    self.alternatives = alternatives
    self.earliestDate = earliestDate
    self.earliestBecause = earliestBecause
    self.shortfall = shortfall
    self.conflicts = conflicts
    self.notes = notes
  }
}

/// Selects the launches to list; all given filters must match.
public struct LaunchFilter: Codable, Sendable, Hashable {
  /// Only launches of this tier; nil for any.
  public var tier: Tier?
  /// Only launches with this status; nil for any.
  public var status: LaunchStatus?
  /// Only launches of this person; nil for everyone's.
  public var owner: PersonID?
  /// Only launches dated on or after this day.
  public var from: LocalDate?
  /// Only launches dated on or before this day.
  public var to: LocalDate?
  /// The maximum number of launches, from 1 to 1,000; default 1,000.
  public var limit: Int?
  /// The `next` of an earlier answer, to continue from there; nil to start at the beginning.
  public var after: String?

  /// The maximum number of launches in one answer.
  public static let maximum = 1_000

  public init(
    tier: Tier? = nil, status: LaunchStatus? = nil, owner: PersonID? = nil, from: LocalDate? = nil,
    to: LocalDate? = nil, limit: Int? = nil, after: String? = nil
  ) {
    self.tier = tier
    self.status = status
    self.owner = owner
    self.from = from
    self.to = to
    self.limit = limit
    self.after = after
  }
}

/// Launches, sorted by date, then id.
public struct LaunchList: Codable, Sendable, Hashable {
  /// The launches that match the filter.
  public var launches: [LaunchSummary]
  /// Pass it as `after` to get the next page; nil on the last one.
  public var next: String?

  public init(launches: [LaunchSummary], next: String? = nil) {
    self.launches = launches
    self.next = next
  }
}

/// A launch as shown in lists.
public struct LaunchSummary: Codable, Sendable, Hashable {
  /// The launch's id, for example `smart-routing`.
  public var id: LaunchID
  /// The display name, for example `Smart routing`.
  public var name: String
  /// The tier in force, including an override.
  public var tier: Tier
  /// The planned local date.
  public var date: LocalDate
  /// The stage that it has reached.
  public var status: LaunchStatus
  /// The person accountable for it, for example `dana`.
  public var owner: PersonID
  /// How many calendar days too early the date is; 0 if it is not.
  public var shortfallDays: Int
  /// Whether Product Ops has waived the shortfall.
  public var shortfallWaived: Bool
  /// The number of conflicts charged to it; nil in lists, which do not include them.
  public var conflicts: Int?
  /// The version: counts changes to anything that decisions depend on, starting at 1; a status change does not count.
  public var version: Int

  public init(
    id: LaunchID, name: String, tier: Tier, date: LocalDate, status: LaunchStatus, owner: PersonID, shortfallDays: Int,
    shortfallWaived: Bool = false, conflicts: Int? = nil, version: Int
  ) {
    self.id = id
    self.name = name
    self.tier = tier
    self.date = date
    self.status = status
    self.owner = owner
    self.shortfallDays = shortfallDays
    self.shortfallWaived = shortfallWaived
    self.conflicts = conflicts
    self.version = version
  }
}

/// The changes of a launch, as recorded by one service.
public struct LaunchHistory: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The changes, oldest first.
  public var entries: [HistoryEntry]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(launch: LaunchID, entries: [HistoryEntry]) {
    self.launch = launch
    self.entries = entries
  }
}

/// Fields of a launch file to change: any except id and date. Members of `facts` are merged; null resets a fact to
/// omitted.
public struct SetLaunch: Codable, Sendable, Hashable {
  /// The launch to change.
  public var launch: LaunchID
  /// An object with the fields' new values, for example `{"locales": ["en", "de"]}`.
  public var set: JSONValue
  /// Why, for the audit trail; required after GO.
  public var reason: String?

  public init(launch: LaunchID, set: JSONValue, reason: String? = nil) {
    self.launch = launch
    self.set = set
    self.reason = reason
  }
}

/// An override of the computed tier.
public struct OverrideTier: Codable, Sendable, Hashable {
  /// The launch to change.
  public var launch: LaunchID
  /// The tier to put in force regardless of the facts; nil removes the override.
  public var tier: Tier?
  /// Why; required, and stored with the override.
  public var reason: String?

  public init(launch: LaunchID, tier: Tier?, reason: String?) {
    self.launch = launch
    self.tier = tier
    self.reason = reason
  }
}

/// A new date.
public struct RescheduleLaunch: Codable, Sendable, Hashable {
  /// The launch to change.
  public var launch: LaunchID
  /// The new date in the launch's zone; a past date is accepted and noted as such.
  public var date: LocalDate
  /// Why, for the audit trail; required after GO.
  public var reason: String?

  public init(launch: LaunchID, date: LocalDate, reason: String? = nil) {
    self.launch = launch
    self.date = date
    self.reason = reason
  }
}

/// A calendar to adopt.
public struct AdoptCalendar: Codable, Sendable, Hashable {
  /// The calendar file's contents; errors have pointers into it.
  public var document: JSONValue
  /// Why, for the audit trail.
  public var reason: String?

  public init(document: JSONValue, reason: String? = nil) {
    self.document = document
    self.reason = reason
  }
}

/// Names a calendar, or several to combine.
public struct CalendarReference: Codable, Sendable, Hashable {
  /// A key such as `US` or `DE-BY`, or several joined by `+`, which have the business days that all of them share; nil
  /// for Monday to Friday without holidays.
  public var calendar: String?

  public init(calendar: String? = nil) { self.calendar = calendar }
}

/// A business-day calendar.
public struct CalendarView: Codable, Sendable, Hashable {
  /// The calendar's key, for example `US`; nil for Monday to Friday without holidays.
  public var calendar: String?
  /// The weekdays that are not business days, as English three-letter names, for example `Sat`.
  public var weekend: [String]
  /// The names of the holidays, keyed by date.
  public var holidays: [String: String]
  /// The keys of all calendars.
  public var known: [String]
  /// The first and the last year whose holidays are known; nil for a calendar without holidays.
  public var years: [Int]?
  /// The number of adoptions under its key, starting at 1; 0 for a calendar that ships with gonogo.
  public var version: Int?

  public init(
    calendar: String?, weekend: [String], holidays: [String: String], known: [String], years: [Int]? = nil,
    version: Int? = nil
  ) {
    self.calendar = calendar
    self.weekend = weekend
    self.holidays = holidays
    self.known = known
    self.years = years
    self.version = version
  }
}

/// Parameters for finding the business day `offset` business days from a date.
public struct WorkdayRequest: Codable, Sendable, Hashable {
  /// The date to count from; it need not be a business day.
  public var date: LocalDate
  /// Positive: the n-th business day strictly after the date; negative: strictly before it; 0: the date itself, or the
  /// next business day if it is not one.
  public var offset: Int
  /// The calendar's key, for example `US`; nil for Monday to Friday without holidays.
  public var calendar: String?

  public init(date: LocalDate, offset: Int, calendar: String? = nil) {
    self.date = date
    self.offset = offset
    self.calendar = calendar
  }
}

/// A business day.
public struct WorkdayAnswer: Codable, Sendable, Hashable {
  /// The resulting business day.
  public var date: LocalDate
  /// Further remarks, for example that the year's holidays are not known.
  public var notes: [String]

  public init(date: LocalDate, notes: [String] = []) {
    self.date = date
    self.notes = notes
  }
}

extension TieringRoutes {
  /// Proposes several launches in one transaction: all or none.
  public static let importLaunches = Route<ImportLaunches, LaunchList>(.tiering, "launch.import", .change)
}

/// Launches to propose together.
public struct ImportLaunches: Codable, Sendable, Hashable {
  /// The contents of at most 1,000 launch files.
  public var documents: [JSONValue]

  public init(documents: [JSONValue]) { self.documents = documents }

  /// The maximum number of launches in one call.
  public static let maximum = 1_000
}
