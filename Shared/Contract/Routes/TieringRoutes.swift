public import JSON
public import LaunchModel

/// The tiering service's methods.
public enum TieringRoutes {
  /// Stores a new launch with its tier, earliest date and shortfall, and announces it.
  public static let propose = Route<ProposeLaunch, LaunchRecord>(.tiering, "launch.propose", .change)
  /// What `propose` would say of a launch file, with nothing stored.
  public static let classify = Route<ClassifyLaunch, Classification>(.tiering, "launch.classify", .read)
  /// Launches by date, filtered.
  public static let list = Route<LaunchFilter, LaunchList>(.tiering, "launch.list", .read)
  /// One launch with all that tiering knows of it.
  public static let show = Route<LaunchReference, LaunchRecord>(.tiering, "launch.show", .read)
  /// What changed a launch, as tiering tells it.
  public static let history = Route<LaunchReference, LaunchHistory>(.tiering, "launch.history", .read)
  /// Changes fields of the launch file; after GO with a reason, and by Product Ops.
  public static let set = Route<SetLaunch, LaunchRecord>(.tiering, "launch.set", .change)
  /// Sets a tier against the computed one, or takes that back; by Product Ops, with a reason.
  public static let override = Route<OverrideTier, LaunchRecord>(.tiering, "launch.override", .change)
  /// Moves the date; an earlier one than is feasible makes a shortfall.
  public static let reschedule = Route<RescheduleLaunch, LaunchRecord>(.tiering, "launch.reschedule", .change)
  /// Accepts that the date is too early, with a reason; without that there is no GO.
  public static let waiveShortfall = Route<LaunchAction, LaunchRecord>(.tiering, "launch.waiveShortfall", .change)
  /// Takes a launch off its date without a new one.
  public static let postpone = Route<LaunchAction, LaunchRecord>(.tiering, "launch.postpone", .change)
  /// Ends a launch for good; its history stays.
  public static let cancel = Route<LaunchAction, LaunchRecord>(.tiering, "launch.cancel", .change)
  /// A business-day calendar with its holidays.
  public static let showCalendar = Route<CalendarReference, CalendarView>(.tiering, "calendar.show", .read)
  /// Adopts a calendar under its key, by Product Ops: due days and earliest dates are counted anew.
  public static let adoptCalendar = Route<AdoptCalendar, CalendarView>(.tiering, "calendar.adopt", .change)
  /// The date that is so many business days from another.
  public static let workday = Route<WorkdayRequest, WorkdayAnswer>(.tiering, "calendar.workday", .read)
}

/// A launch to propose: the content of a launch file, as it was written.
///
/// It stays JSON until tiering has read it, so that every fault of it is answered at once, each with its pointer.
public struct ProposeLaunch: Codable, Sendable, Hashable {
  /// The launch file's content, as an object.
  public var document: JSONValue

  public init(document: JSONValue) { self.document = document }
}

/// A launch to classify.
public struct ClassifyLaunch: Codable, Sendable, Hashable {
  /// The launch file's content, as an object; the facts are enough.
  public var document: JSONValue
  /// Whether everything is refused that `launch.propose` would refuse, as a field that is missing or an id that is taken; default no.
  public var asProposal: Bool?

  public init(document: JSONValue, asProposal: Bool? = nil) {
    self.document = document
    self.asProposal = asProposal
  }
}

/// What the policy says of a launch file, with nothing stored.
public struct Classification: Codable, Sendable, Hashable {
  /// The most demanding tier among the rules that match.
  public var tier: Tier
  /// Which facts fired which rules.
  public var tierReasons: [TierReason]
  /// Facts that were omitted and took the policy's default, as `audience: subset`.
  public var assumed: [String]
  /// Facts that are unknown and were counted as the more demanding answer.
  public var openQuestions: [String]
  /// The smallest changes of facts that would give each other tier.
  public var alternatives: [TierAlternative]
  /// The earliest date, were the tier reached today.
  public var earliestDate: LocalDate?
  /// What puts it off to that day, as `the window of 28 days from 2027-02-01`.
  public var earliestBecause: [String]
  /// Absent where the document has no date, or one that is not too early.
  public var shortfall: Shortfall?
  /// What the date would be in conflict with; empty where the document has no date.
  public var conflicts: [LaunchConflict]
  /// What else to know of the date.
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

/// Which launches to list; every filter that is given must hold.
public struct LaunchFilter: Codable, Sendable, Hashable {
  /// Only launches of this tier; nil for any.
  public var tier: Tier?
  /// Only launches that stand there; nil for any.
  public var status: LaunchStatus?
  /// Only launches of this person; nil for anybody's.
  public var owner: PersonID?
  /// Launches whose dates are not before this.
  public var from: LocalDate?
  /// Launches whose dates are not after this.
  public var to: LocalDate?
  /// How many at most, from 1 to 1,000; default 1,000.
  public var limit: Int?
  /// Goes on where another answer's `next` says; nil for the beginning.
  public var after: String?

  /// The most launches that one answer has.
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

/// Launches by date, then id.
public struct LaunchList: Codable, Sendable, Hashable {
  /// Those that the filter lets through.
  public var launches: [LaunchSummary]
  /// What to ask for the next ones after; nil where there are no more.
  public var next: String?

  public init(launches: [LaunchSummary], next: String? = nil) {
    self.launches = launches
    self.next = next
  }
}

/// A launch as lists show it.
public struct LaunchSummary: Codable, Sendable, Hashable {
  /// The launch's id, as `smart-routing`.
  public var id: LaunchID
  /// As people call it, as `Smart routing`.
  public var name: String
  /// The tier in force, an override included.
  public var tier: Tier
  /// The planned local date.
  public var date: LocalDate
  /// Where it stands in its life.
  public var status: LaunchStatus
  /// The person who answers for it, as `dana`.
  public var owner: PersonID
  /// Calendar days by which the date is too early; 0 where it is not.
  public var shortfallDays: Int
  /// Whether Product Ops has waived that.
  public var shortfallWaived: Bool
  /// How many conflicts are charged to it; nil in lists, which do not look for them.
  public var conflicts: Int?
  /// Counts changes of what decisions rest on, from 1; a status change is none.
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

/// Everything that changed a launch in one service.
public struct LaunchHistory: Codable, Sendable, Hashable {
  /// The launch asked about.
  public var launch: LaunchID
  /// Oldest first.
  public var entries: [HistoryEntry]

  public init(launch: LaunchID, entries: [HistoryEntry]) {
    self.launch = launch
    self.entries = entries
  }
}

/// Fields of a launch file to change: all but id and date; members of `facts` are merged, null omits a fact again.
public struct SetLaunch: Codable, Sendable, Hashable {
  /// The launch to change.
  public var launch: LaunchID
  /// An object with the fields' new values, as `{"locales": ["en", "de"]}`.
  public var set: JSONValue
  /// Why, for the audit; needed after GO.
  public var reason: String?

  public init(launch: LaunchID, set: JSONValue, reason: String? = nil) {
    self.launch = launch
    self.set = set
    self.reason = reason
  }
}

/// A tier against the computed one; nil takes the override back.
public struct OverrideTier: Codable, Sendable, Hashable {
  /// The launch to change.
  public var launch: LaunchID
  /// The tier that is to hold, whatever the facts say; nil for the computed one again.
  public var tier: Tier?
  /// Why; needed, and kept with the override.
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
  /// The new date in the launch's zone; one in the past is accepted and shown as such.
  public var date: LocalDate
  /// Why, for the audit; needed after GO.
  public var reason: String?

  public init(launch: LaunchID, date: LocalDate, reason: String? = nil) {
    self.launch = launch
    self.date = date
    self.reason = reason
  }
}

/// A calendar to adopt, as its file has it.
public struct AdoptCalendar: Codable, Sendable, Hashable {
  /// The calendar file's content; faults are answered with pointers into it.
  public var document: JSONValue
  /// Why, for the audit.
  public var reason: String?

  public init(document: JSONValue, reason: String? = nil) {
    self.document = document
    self.reason = reason
  }
}

/// A calendar by key, or several joined by `+`, of which only the days are worked that are in all; nil stands for Monday to Friday without holidays.
public struct CalendarReference: Codable, Sendable, Hashable {
  /// The calendar's key, as `US` or `DE-BY`.
  public var calendar: String?

  public init(calendar: String? = nil) { self.calendar = calendar }
}

/// A business-day calendar.
public struct CalendarView: Codable, Sendable, Hashable {
  /// The calendar's key, as `US`; nil for Monday to Friday without holidays.
  public var calendar: String?
  /// English three-letter names, as `Sat`.
  public var weekend: [String]
  /// Names by date.
  public var holidays: [String: String]
  /// The keys of all calendars that there are.
  public var known: [String]
  /// The first and the last year whose holidays are known; nil where there are none to know.
  public var years: [Int]?
  /// Counts the adoptions of its key, from 1; 0 for one that ships with gonogo.
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

/// Asks for the business day `offset` business days from a date.
public struct WorkdayRequest: Codable, Sendable, Hashable {
  /// The day from which is counted; it need not be a business day.
  public var date: LocalDate
  /// Positive: the n-th strictly after; negative: strictly before; 0: the date, rolled forward.
  public var offset: Int
  /// The calendar's key, as `US`; nil for Monday to Friday without holidays.
  public var calendar: String?

  public init(date: LocalDate, offset: Int, calendar: String? = nil) {
    self.date = date
    self.offset = offset
    self.calendar = calendar
  }
}

/// A business day.
public struct WorkdayAnswer: Codable, Sendable, Hashable {
  /// The day found, always a business day.
  public var date: LocalDate
  /// What else to know, as that the year's holidays are not known.
  public var notes: [String]

  public init(date: LocalDate, notes: [String] = []) {
    self.date = date
    self.notes = notes
  }
}

extension TieringRoutes {
  /// Proposes several launches in one transaction: all of them, or none.
  public static let importLaunches = Route<ImportLaunches, LaunchList>(.tiering, "launch.import", .change)
}

/// Launches to propose together.
public struct ImportLaunches: Codable, Sendable, Hashable {
  /// The content of a launch file each, at most 1,000.
  public var documents: [JSONValue]

  public init(documents: [JSONValue]) { self.documents = documents }

  /// The most launches that are proposed together.
  public static let maximum = 1_000
}
