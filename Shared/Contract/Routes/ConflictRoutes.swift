public import LaunchModel

extension TieringRoutes {
  /// The conflicts of launch dates, each charged to the launch that came later.
  public static let conflicts = Route<ConflictFilter, ConflictList>(.tiering, "calendar.conflicts", .read)
  /// Accepts a conflict, with a reason; Product Ops only.
  public static let acceptConflict = Route<AcceptConflict, LaunchRecord>(.tiering, "calendar.acceptConflict", .change)
  /// The blackouts, sorted by their first day.
  public static let blackouts = Route<NoParameters, BlackoutList>(.tiering, "calendar.blackouts", .read)
  /// Sets, changes or removes a blackout, with a reason; Product Ops only.
  public static let setBlackout = Route<SetBlackout, BlackoutView>(.tiering, "calendar.setBlackout", .change)
  /// The launches that setting, changing or removing a blackout would stop, and the GOs that it would end, without
  /// storing anything.
  public static let previewBlackout = Route<SetBlackout, BlackoutPreview>(.tiering, "calendar.previewBlackout", .read)
  /// Exempts a launch from a blackout, or revokes the exemption, with a reason; Product Ops only.
  public static let exceptBlackout = Route<ExceptBlackout, BlackoutView>(.tiering, "calendar.exceptBlackout", .change)
  /// Whether exempting a launch from a blackout, or revoking the exemption, would stop or release it and end its GO,
  /// without storing anything.
  public static let previewExemption = Route<ExceptBlackout, BlackoutPreview>(
    .tiering, "calendar.previewExemption", .read)
}

extension ChecklistRoutes {
  /// People and functions who are booked for items of two launches in one week.
  public static let bookingConflicts = Route<ConflictFilter, ConflictList>(.checklist, "booking.conflicts", .read)
  /// Accepts that a person or function is booked for two launches in one week, with a reason; Product Ops only.
  public static let acceptBooking = Route<AcceptConflict, ConflictList>(.checklist, "booking.accept", .change)
}

/// Selects the conflicts to list; all given filters must match.
public struct ConflictFilter: Codable, Sendable, Hashable {
  /// Only conflicts that involve this launch, whether or not they are charged to it; nil for any launch.
  public var launch: LaunchID?
  /// Only conflicts charged to launches dated on or after this day.
  public var from: LocalDate?
  /// Only conflicts charged to launches dated on or before this day.
  public var to: LocalDate?
  /// Whether to include accepted conflicts; default true.
  public var accepted: Bool?
  /// The maximum number of conflicts, from 1 to 1,000; default 1,000.
  public var limit: Int?
  /// The `next` of an earlier answer, to continue from there; nil to start at the beginning.
  public var after: String?

  public init(
    launch: LaunchID? = nil, from: LocalDate? = nil, to: LocalDate? = nil, accepted: Bool? = nil, limit: Int? = nil,
    after: String? = nil
  ) {
    self.after = after
    self.launch = launch
    self.from = from
    self.to = to
    self.accepted = accepted
    self.limit = limit
  }

  /// The maximum number of conflicts in one answer.
  public static let maximum = 1_000

  /// The number of conflicts to return, clamped to `maximum`.
  public var count: Int { min(max(limit ?? Self.maximum, 1), Self.maximum) }

  /// Whether the filter matches a conflict that is charged to a launch on the given date.
  public func admits(_ charged: LaunchID, with other: String, on date: LocalDate, isAccepted: Bool) -> Bool {
    if let launch, charged != launch, other != launch.rawValue { return false }
    if let from, date < from { return false }
    if let to, date > to { return false }
    return accepted ?? true || !isAccepted
  }
}

/// Conflicts, sorted by the date of the launch they are charged to.
public struct ConflictList: Codable, Sendable, Hashable {
  /// The conflicts that match the filter, up to its limit.
  public var conflicts: [DatedConflict]
  /// The number of matching conflicts on all pages.
  public var total: Int
  /// Pass it as `after` to continue; nil on the last page.
  public var next: String?

  public init(conflicts: [DatedConflict], total: Int, next: String? = nil) {
    self.conflicts = conflicts
    self.total = total
    self.next = next
  }

  /// Sorts conflicts that come from several lists.
  public static func sorted(_ all: [DatedConflict]) -> [DatedConflict] { all.sorted { $0.order < $1.order } }
}

/// A position in a list of conflicts: the launch that they are charged to, by date and id, and how many of its
/// conflicts come before the position.
public struct ConflictPosition: Sendable, Hashable, CustomStringConvertible {
  /// The date of the launch.
  public var date: LocalDate
  /// The launch.
  public var launch: LaunchID
  /// The number of the launch's conflicts before the position.
  public var count: Int

  public init(date: LocalDate, launch: LaunchID, count: Int) {
    self.date = date
    self.launch = launch
    self.count = count
  }

  /// Parses the `next` of an answer.
  ///
  /// - Throws: `invalid` for any other text.
  public init(reading text: String) throws(Problem) {
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count == 3, let date = LocalDate(parts[0]), let launch = LaunchID(parts[1]), let count = Int(parts[2]),
      count >= 0
    else {
      throw .invalid(
        "invalid-continuation", pointer: "/after",
        "\"\(text)\" is not a position in the list; pass the next of a previous answer")
    }
    self.init(date: date, launch: launch, count: count)
  }

  public var description: String { "\(date)/\(launch)/\(count)" }

  /// Returns how many of a launch's conflicts come before the position; `Int.max` if the whole launch does.
  public func passed(of launch: LaunchID, on date: LocalDate) -> Int {
    if (date, launch) == (self.date, self.launch) { return count }
    return (date, launch) < (self.date, self.launch) ? .max : 0
  }
}

extension ConflictFilter {
  /// Returns the position at which the list starts; nil for the beginning.
  ///
  /// - Throws: `invalid` if `after` is not the `next` of an answer.
  public func position() throws(Problem) -> ConflictPosition? {
    guard let after else { return nil }
    return try ConflictPosition(reading: after)
  }
}

/// Collects the page of conflicts that a filter selects.
public struct ConflictPage: Sendable {
  private let start: ConflictPosition?
  private let limit: Int
  private var list = ConflictList(conflicts: [], total: 0)
  private var end: ConflictPosition?

  /// - Throws: the errors of `ConflictFilter.position`.
  public init(_ filter: ConflictFilter) throws(Problem) {
    start = try filter.position()
    limit = filter.count
  }

  /// Adds the matching conflicts of the next launch.
  ///
  /// - Parameters:
  ///   - count: the number of its matching conflicts.
  ///   - describe: returns the conflicts in a range of them.
  public mutating func add(
    of launch: LaunchID, on date: LocalDate, count: Int, _ describe: (Range<Int>) -> [LaunchConflict]
  ) {
    list.total += count
    let passed = min(count, start?.passed(of: launch, on: date) ?? 0)
    let room = limit - list.conflicts.count
    guard passed < count else { return }
    guard room > 0 else {
      list.next = list.next ?? end.map(\.description)
      return
    }
    let shown = passed..<min(count, passed + room)
    list.conflicts += describe(shown).map { DatedConflict($0, on: date) }
    end = ConflictPosition(date: date, launch: launch, count: shown.upperBound)
    if shown.upperBound < count { list.next = end.map(\.description) }
  }

  /// The collected page.
  public var answer: ConflictList { list }
}

/// A conflict with the date of the launch it is charged to; encoded as one flat object.
public struct DatedConflict: Codable, Sendable, Hashable {
  /// The conflict itself.
  public var conflict: LaunchConflict
  /// The planned local date of the launch it is charged to.
  public var date: LocalDate

  public init(_ conflict: LaunchConflict, on date: LocalDate) {
    self.conflict = conflict
    self.date = date
  }

  private enum Key: CodingKey {
    case date
  }

  public init(from decoder: any Decoder) throws {
    conflict = try LaunchConflict(from: decoder)
    date = try decoder.container(keyedBy: Key.self).decode(LocalDate.self, forKey: .date)
  }

  public func encode(to encoder: any Encoder) throws {
    try conflict.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(date, forKey: .date)
  }

  fileprivate var order: (LocalDate, LaunchID, Int, String, String) {
    (date, conflict.launch, conflict.kind.place, conflict.other, conflict.reason)
  }
}

/// Accepts a conflict of a launch.
public struct AcceptConflict: Codable, Sendable, Hashable {
  /// The launch that the conflict is charged to.
  public var launch: LaunchID
  /// The kind of conflict; accepting a blackout exempts the launch from it.
  public var kind: ConflictKind
  /// The other launch's id, or the blackout's key.
  public var other: String
  /// Why; required, and stored with the conflict.
  public var reason: String?

  public init(launch: LaunchID, kind: ConflictKind, other: String, reason: String? = nil) {
    self.launch = launch
    self.kind = kind
    self.other = other
    self.reason = reason
  }
}

/// A blackout to set; an existing key is changed.
public struct SetBlackout: Codable, Sendable, Hashable {
  /// The blackout's key, for example `year-end`.
  public var key: LaunchID
  /// The first day; required for a new blackout; nil leaves it unchanged.
  public var from: LocalDate?
  /// The last day, inclusive; required for a new blackout; nil leaves it unchanged.
  public var to: LocalDate?
  /// The tiers it applies to; for a new blackout nil means all, otherwise nil leaves them unchanged.
  public var tiers: [Tier]?
  /// Why; required.
  public var reason: String?
  /// Whether to remove it instead; default false.
  public var remove: Bool?

  public init(
    key: LaunchID, from: LocalDate? = nil, to: LocalDate? = nil, tiers: [Tier]? = nil, reason: String? = nil,
    remove: Bool? = nil
  ) {
    self.key = key
    self.from = from
    self.to = to
    self.tiers = tiers
    self.reason = reason
    self.remove = remove
  }
}

/// An exemption from a blackout.
public struct ExceptBlackout: Codable, Sendable, Hashable {
  /// The blackout's key.
  public var blackout: LaunchID
  /// The launch to exempt.
  public var launch: LaunchID
  /// Why; required.
  public var reason: String?
  /// Whether to revoke the exemption instead; default false.
  public var remove: Bool?

  public init(blackout: LaunchID, launch: LaunchID, reason: String? = nil, remove: Bool? = nil) {
    self.blackout = blackout
    self.launch = launch
    self.reason = reason
    self.remove = remove
  }
}

/// A blackout with the launches that it stops; encoded as one flat object.
public struct BlackoutView: Codable, Sendable, Hashable {
  /// The blackout in its current state, or its last state if it was removed.
  public var blackout: Blackout
  /// The launches planned in it without an exemption, sorted by date.
  public var stopped: [LaunchID]

  public init(blackout: Blackout, stopped: [LaunchID]) {
    self.blackout = blackout
    self.stopped = stopped
  }

  private enum Key: CodingKey {
    case stopped
  }

  public init(from decoder: any Decoder) throws {
    blackout = try Blackout(from: decoder)
    stopped = try decoder.container(keyedBy: Key.self).decode([LaunchID].self, forKey: .stopped)
  }

  public func encode(to encoder: any Encoder) throws {
    try blackout.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(stopped, forKey: .stopped)
  }
}

/// What setting, changing or removing a blackout would do.
public struct BlackoutPreview: Codable, Sendable, Hashable {
  /// A launch that the blackout would stop.
  public struct Launch: Codable, Sendable, Hashable {
    /// The launch.
    public var launch: LaunchID
    /// Its name.
    public var name: String
    /// Its tier.
    public var tier: Tier
    /// Its date.
    public var date: LocalDate
    /// Its owner.
    public var owner: PersonID
    /// Whether it has a GO that would become stale; nil if checklist could not say.
    public var endsGo: Bool?

    public init(launch: LaunchID, name: String, tier: Tier, date: LocalDate, owner: PersonID, endsGo: Bool?) {
      self.launch = launch
      self.name = name
      self.tier = tier
      self.date = date
      self.owner = owner
      self.endsGo = endsGo
    }
  }

  /// The blackout after the change; if it would be removed, the blackout as it is.
  public var blackout: Blackout
  /// The version that the preview is based on, 0 for a new blackout; pass it as `expectedVersion` so that the change is
  /// made only if it still is the current one.
  public var version: Int
  /// The launches that it would stop in addition to those it stops now, sorted by date.
  public var stops: [Launch]
  /// The launches that it stops now and would no longer stop.
  public var releases: [LaunchID]

  public init(blackout: Blackout, version: Int, stops: [Launch], releases: [LaunchID]) {
    self.blackout = blackout
    self.version = version
    self.stops = stops
    self.releases = releases
  }
}

/// All blackouts.
public struct BlackoutList: Codable, Sendable, Hashable {
  /// The blackouts, sorted by first day, then key.
  public var blackouts: [BlackoutView]

  public init(blackouts: [BlackoutView]) { self.blackouts = blackouts }
}
