public import LaunchModel

extension TieringRoutes {
  /// What launches' dates are in conflict with, each charged to the launch that came later.
  public static let conflicts = Route<ConflictFilter, ConflictList>(.tiering, "calendar.conflicts", .read)
  /// Accepts a conflict, with a reason; by Product Ops.
  public static let acceptConflict = Route<AcceptConflict, LaunchRecord>(.tiering, "calendar.acceptConflict", .change)
  /// The blackouts, by their first day.
  public static let blackouts = Route<NoParameters, BlackoutList>(.tiering, "calendar.blackouts", .read)
  /// Sets a blackout, changes it or takes it back, with a reason; by Product Ops.
  public static let setBlackout = Route<SetBlackout, BlackoutView>(.tiering, "calendar.setBlackout", .change)
  /// Lets a launch launch in a blackout, or takes that back, with a reason; by Product Ops.
  public static let exceptBlackout = Route<ExceptBlackout, BlackoutView>(.tiering, "calendar.exceptBlackout", .change)
}

extension ChecklistRoutes {
  /// Persons and functions that are booked on items of two launches in one week.
  public static let bookingConflicts = Route<ConflictFilter, ConflictList>(.checklist, "booking.conflicts", .read)
  /// Accepts a booking of a person or a function on a launch and another one, with a reason; by Product Ops.
  public static let acceptBooking = Route<AcceptConflict, ConflictList>(.checklist, "booking.accept", .change)
}

/// Which conflicts to list; every filter that is given must hold.
public struct ConflictFilter: Codable, Sendable, Hashable {
  /// Only those that a launch takes part in, charged to it or not; nil for any.
  public var launch: LaunchID?
  /// Only launches whose dates are not before this.
  public var from: LocalDate?
  /// Only launches whose dates are not after this.
  public var to: LocalDate?
  /// Whether accepted ones are listed too; default true.
  public var accepted: Bool?
  /// How many at most, from 1 to 1,000; default 1,000.
  public var limit: Int?

  public init(
    launch: LaunchID? = nil, from: LocalDate? = nil, to: LocalDate? = nil, accepted: Bool? = nil, limit: Int? = nil
  ) {
    self.launch = launch
    self.from = from
    self.to = to
    self.accepted = accepted
    self.limit = limit
  }

  /// The most conflicts that one answer has.
  public static let maximum = 1_000

  /// How many are asked for, within what one answer has.
  public var count: Int { min(max(limit ?? Self.maximum, 1), Self.maximum) }

  /// Whether a conflict is asked for that is charged to a launch on that date.
  public func admits(_ charged: LaunchID, with other: String, on date: LocalDate, isAccepted: Bool) -> Bool {
    if let launch, charged != launch, other != launch.rawValue { return false }
    if let from, date < from { return false }
    if let to, date > to { return false }
    return accepted ?? true || !isAccepted
  }
}

/// Conflicts by the date of the launch that they are charged to.
public struct ConflictList: Codable, Sendable, Hashable {
  /// Those that the filter lets through, up to its limit.
  public var conflicts: [DatedConflict]
  /// How many the filter lets through in all.
  public var total: Int

  public init(conflicts: [DatedConflict], total: Int) {
    self.conflicts = conflicts
    self.total = total
  }

  /// The first of them, as many as the filter asks for; nil where it says nothing of them.
  public init(_ all: [DatedConflict], _ filter: ConflictFilter) {
    let kept = all.filter { dated in
      let conflict = dated.conflict
      return filter.admits(
        conflict.launch, with: conflict.other, on: dated.date, isAccepted: conflict.accepted != nil)
    }.sorted { $0.order < $1.order }
    self.init(conflicts: Array(kept.prefix(filter.count)), total: kept.count)
  }
}

/// A conflict with the date of the launch that it is charged to; on the wire one object.
public struct DatedConflict: Codable, Sendable, Hashable {
  /// What is in conflict with what.
  public var conflict: LaunchConflict
  /// The planned local date of the launch that it is charged to.
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
  /// What is in conflict; for a blackout this makes an exception.
  public var kind: ConflictKind
  /// The other launch's id; for a blackout its key.
  public var other: String
  /// Why; needed, and kept with the conflict.
  public var reason: String?

  public init(launch: LaunchID, kind: ConflictKind, other: String, reason: String? = nil) {
    self.launch = launch
    self.kind = kind
    self.other = other
    self.reason = reason
  }
}

/// A blackout to set; a key that is there already is changed.
public struct SetBlackout: Codable, Sendable, Hashable {
  /// Its id, as `year-end`.
  public var key: LaunchID
  /// The first day; needed for a new one, else as it was.
  public var from: LocalDate?
  /// The last day, itself in it; needed for a new one, else as it was.
  public var to: LocalDate?
  /// The tiers it holds for; all for a new one, else as they were.
  public var tiers: [Tier]?
  /// Why; needed.
  public var reason: String?
  /// Whether to take it back instead; default false.
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

/// An exception to a blackout.
public struct ExceptBlackout: Codable, Sendable, Hashable {
  /// The blackout's key.
  public var blackout: LaunchID
  /// The launch that may.
  public var launch: LaunchID
  /// Why; needed.
  public var reason: String?
  /// Whether to take the exception back instead; default false.
  public var remove: Bool?

  public init(blackout: LaunchID, launch: LaunchID, reason: String? = nil, remove: Bool? = nil) {
    self.blackout = blackout
    self.launch = launch
    self.reason = reason
    self.remove = remove
  }
}

/// A blackout and what it stops; on the wire one object.
public struct BlackoutView: Codable, Sendable, Hashable {
  /// The blackout as it stands, or as it stood when it was taken back.
  public var blackout: Blackout
  /// The launches that are planned in it and have no exception, by date.
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

/// The blackouts.
public struct BlackoutList: Codable, Sendable, Hashable {
  /// By first day, then key.
  public var blackouts: [BlackoutView]

  public init(blackouts: [BlackoutView]) { self.blackouts = blackouts }
}
