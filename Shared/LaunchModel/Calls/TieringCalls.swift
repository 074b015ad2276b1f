public import JSON

/// The tiering service's methods.
public enum TieringRoutes {
  public static let propose = Route<ProposeLaunch, LaunchRecord>(.tiering, "launch.propose", .change)
  public static let classify = Route<ProposeLaunch, Classification>(.tiering, "launch.classify", .read)
  public static let list = Route<LaunchFilter, LaunchList>(.tiering, "launch.list", .read)
  public static let show = Route<LaunchReference, LaunchRecord>(.tiering, "launch.show", .read)
  public static let history = Route<LaunchReference, LaunchHistory>(.tiering, "launch.history", .read)
  public static let set = Route<SetLaunch, LaunchRecord>(.tiering, "launch.set", .change)
  public static let override = Route<OverrideTier, LaunchRecord>(.tiering, "launch.override", .change)
  public static let reschedule = Route<RescheduleLaunch, LaunchRecord>(.tiering, "launch.reschedule", .change)
  public static let waiveShortfall = Route<LaunchAction, LaunchRecord>(.tiering, "launch.waiveShortfall", .change)
  public static let postpone = Route<LaunchAction, LaunchRecord>(.tiering, "launch.postpone", .change)
  public static let cancel = Route<LaunchAction, LaunchRecord>(.tiering, "launch.cancel", .change)
  public static let showPolicy = Route<VersionReference, DocumentAdopted>(.tiering, "policy.show", .read)
  public static let showCalendar = Route<CalendarReference, CalendarView>(.tiering, "calendar.show", .read)
  public static let workday = Route<WorkdayRequest, WorkdayAnswer>(.tiering, "calendar.workday", .read)
}

/// A launch to propose or classify: the content of a launch file, as it was written.
///
/// It stays JSON until tiering has read it, so that every fault of it is answered at once, each with its pointer.
public struct ProposeLaunch: Codable, Sendable, Hashable {
  public var document: JSONValue

  public init(document: JSONValue) { self.document = document }
}

/// What the policy says of a launch file, with nothing stored.
public struct Classification: Codable, Sendable, Hashable {
  public var tier: Tier
  public var tierReasons: [TierReason]
  public var assumed: [String]
  public var openQuestions: [String]
  public var alternatives: [TierAlternative]
  /// The earliest date, were the tier reached today.
  public var earliestDate: LocalDate?
  /// Absent where the document has no date, or one that is not too early.
  public var shortfall: Shortfall?
  /// What else to know of the date.
  public var notes: [String]

  public init(
    tier: Tier, tierReasons: [TierReason], assumed: [String], openQuestions: [String], alternatives: [TierAlternative],
    earliestDate: LocalDate? = nil, shortfall: Shortfall? = nil, notes: [String] = []
  ) {
    self.tier = tier
    self.tierReasons = tierReasons
    self.assumed = assumed
    self.openQuestions = openQuestions
    self.alternatives = alternatives
    self.earliestDate = earliestDate
    self.shortfall = shortfall
    self.notes = notes
  }
}

/// Which launches to list; every filter that is given must hold.
public struct LaunchFilter: Codable, Sendable, Hashable {
  public var tier: Tier?
  public var status: LaunchStatus?
  public var owner: PersonID?
  /// Launches whose dates are not before this.
  public var from: LocalDate?
  /// Launches whose dates are not after this.
  public var to: LocalDate?

  public init(
    tier: Tier? = nil, status: LaunchStatus? = nil, owner: PersonID? = nil, from: LocalDate? = nil, to: LocalDate? = nil
  ) {
    self.tier = tier
    self.status = status
    self.owner = owner
    self.from = from
    self.to = to
  }
}

/// Launches by date, then id.
public struct LaunchList: Codable, Sendable, Hashable {
  public var launches: [LaunchSummary]

  public init(launches: [LaunchSummary]) { self.launches = launches }
}

/// A launch as lists show it.
public struct LaunchSummary: Codable, Sendable, Hashable {
  public var id: LaunchID
  public var name: String
  public var tier: Tier
  public var date: LocalDate
  public var status: LaunchStatus
  public var owner: PersonID
  public var shortfallDays: Int
  public var version: Int

  public init(
    id: LaunchID, name: String, tier: Tier, date: LocalDate, status: LaunchStatus, owner: PersonID, shortfallDays: Int,
    version: Int
  ) {
    self.id = id
    self.name = name
    self.tier = tier
    self.date = date
    self.status = status
    self.owner = owner
    self.shortfallDays = shortfallDays
    self.version = version
  }
}

/// Everything that changed a launch in one service.
public struct LaunchHistory: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var entries: [HistoryEntry]

  public init(launch: LaunchID, entries: [HistoryEntry]) {
    self.launch = launch
    self.entries = entries
  }
}

/// Fields of a launch file to change: all but id and date; members of `facts` are merged, null omits a fact again.
public struct SetLaunch: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var set: JSONValue
  public var reason: String?

  public init(launch: LaunchID, set: JSONValue, reason: String? = nil) {
    self.launch = launch
    self.set = set
    self.reason = reason
  }
}

/// A tier against the computed one; nil takes the override back.
public struct OverrideTier: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var tier: Tier?
  public var reason: String?

  public init(launch: LaunchID, tier: Tier?, reason: String?) {
    self.launch = launch
    self.tier = tier
    self.reason = reason
  }
}

/// A new date.
public struct RescheduleLaunch: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var date: LocalDate
  public var reason: String?

  public init(launch: LaunchID, date: LocalDate, reason: String? = nil) {
    self.launch = launch
    self.date = date
    self.reason = reason
  }
}

/// A calendar by key; nil stands for Monday to Friday without holidays.
public struct CalendarReference: Codable, Sendable, Hashable {
  public var calendar: String?

  public init(calendar: String? = nil) { self.calendar = calendar }
}

/// A business-day calendar.
public struct CalendarView: Codable, Sendable, Hashable {
  public var calendar: String?
  /// English three-letter names, as `Sat`.
  public var weekend: [String]
  /// Names by date.
  public var holidays: [String: String]
  /// The keys of all calendars that there are.
  public var known: [String]

  public init(calendar: String?, weekend: [String], holidays: [String: String], known: [String]) {
    self.calendar = calendar
    self.weekend = weekend
    self.holidays = holidays
    self.known = known
  }
}

/// Asks for the business day `offset` business days from a date.
public struct WorkdayRequest: Codable, Sendable, Hashable {
  public var date: LocalDate
  /// Positive: the n-th strictly after; negative: strictly before; 0: the date, rolled forward.
  public var offset: Int
  public var calendar: String?

  public init(date: LocalDate, offset: Int, calendar: String? = nil) {
    self.date = date
    self.offset = offset
    self.calendar = calendar
  }
}

/// A business day.
public struct WorkdayAnswer: Codable, Sendable, Hashable {
  public var date: LocalDate
  /// What else to know, as that the year's holidays are not known.
  public var notes: [String]

  public init(date: LocalDate, notes: [String] = []) {
    self.date = date
    self.notes = notes
  }
}
