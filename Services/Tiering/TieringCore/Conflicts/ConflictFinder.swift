public import Contract
public import LaunchModel

/// Finds what launches' dates are in conflict with (product.md, section 1, "Calendar").
///
/// Launches are looked up by week, so that the work grows with the pairs that share one and not with all pairs.
public struct ConflictFinder: Sendable {
  /// The launches of each week that hold their dates, in the order in which they were placed.
  private let weeks: [LocalDate: [PlannedLaunch]]
  private let blackouts: [Blackout]
  private let accepted: AcceptedConflicts

  /// A conflict that is not put into words yet: with a launch by its place in the week, or with a blackout by its place.
  private struct Found {
    var kind: ConflictKind
    var other: Int
  }

  public init(_ launches: [PlannedLaunch], blackouts: [Blackout], accepted: AcceptedConflicts = AcceptedConflicts()) {
    weeks = Dictionary(grouping: launches.filter(\.status.occupiesDate), by: \.date.monday)
      .mapValues { week in week.sorted { $1.isPlaced(after: $0) } }
    self.blackouts = blackouts.sorted { ($0.from, $0.key) < ($1.from, $1.key) }
    self.accepted = accepted
  }

  /// The conflicts that a filter lets through, by date; only those that are answered are put into words.
  public func list(_ filter: ConflictFilter) -> ConflictList {
    var list = ConflictList(conflicts: [], total: 0)
    for monday in weeks.keys.sorted() {
      guard let week = weeks[monday] else { continue }
      let places = week.indices.sorted { (week[$0].date, week[$0].launch) < (week[$1].date, week[$1].launch) }
      for place in places where week[place].status.isAhead {
        let found = found(of: week[place], after: week[..<place]).filter { admits(filter, $0, week[place], week) }
        list.total += found.count
        guard list.conflicts.count < filter.count else { continue }
        list.conflicts += told(found, of: week[place], in: week).map { DatedConflict($0, on: week[place].date) }
      }
    }
    list.conflicts = Array(list.conflicts.prefix(filter.count))
    return list
  }

  /// What is charged to one launch, by kind, then by the other; none where its date does not lie ahead.
  public func conflicts(of launch: PlannedLaunch) -> [LaunchConflict] {
    guard launch.status.isAhead else { return [] }
    let week = weeks[launch.date.monday] ?? []
    return told(found(of: launch, after: week.prefix { launch.isPlaced(after: $0) }), of: launch, in: week)
  }

  /// - Parameter earlier: the launches of its week that were placed before it.
  private func found(of launch: PlannedLaunch, after earlier: ArraySlice<PlannedLaunch>) -> [Found] {
    var found: [Found] = []
    if launch.tier < .minor {
      for place in earlier.indices {
        if launch.tier <= .major, earlier[place].tier <= .major { found.append(Found(kind: .sameWeek, other: place)) }
        if earlier[place].tier < .minor, earlier[place].owner == launch.owner {
          found.append(Found(kind: .sameOwner, other: place))
        }
      }
    }
    for place in blackouts.indices where blackouts[place].holds(on: launch.date, for: launch.tier) {
      found.append(Found(kind: .blackout, other: place))
    }
    return found
  }

  private func admits(
    _ filter: ConflictFilter, _ found: Found, _ launch: PlannedLaunch, _ week: [PlannedLaunch]
  ) -> Bool {
    let other = found.kind == .blackout ? blackouts[found.other].key : week[found.other].launch
    // Whether it is accepted matters only to those who leave accepted ones out.
    let isAccepted = filter.accepted == false && acceptance(of: found, launch, week) != nil
    return filter.admits(launch.launch, with: other.rawValue, on: launch.date, isAccepted: isAccepted)
  }

  private func acceptance(of found: Found, _ launch: PlannedLaunch, _ week: [PlannedLaunch]) -> Acceptance? {
    guard found.kind != .blackout else { return blackouts[found.other].exception(of: launch.launch) }
    let other = week[found.other]
    return accepted[
      AcceptedConflicts.Key(
        launch: launch.launch, kind: found.kind, other: other.launch.rawValue, dates: [launch.date, other.date])]
  }
}

// Conflicts in words.
extension ConflictFinder {
  private func told(_ found: [Found], of launch: PlannedLaunch, in week: [PlannedLaunch]) -> [LaunchConflict] {
    found.map { found in
      let isBlackout = found.kind == .blackout
      return LaunchConflict(
        launch: launch.launch, kind: found.kind,
        other: isBlackout ? blackouts[found.other].key.rawValue : week[found.other].launch.rawValue,
        reason: isBlackout
          ? Self.reason(launch, blackouts[found.other]) : Self.reason(found.kind, week[found.other]),
        accepted: acceptance(of: found, launch, week))
    }.sorted { ($0.kind.place, $0.other) < ($1.kind.place, $1.other) }
  }

  private static func reason(_ launch: PlannedLaunch, _ blackout: Blackout) -> String {
    "\(launch.date) is in the blackout \(blackout.key), \(blackout.from) to \(blackout.to): \(blackout.reason)"
  }

  private static func reason(_ kind: ConflictKind, _ other: PlannedLaunch) -> String {
    kind == .sameWeek
      ? "\(other.name) (\(other.launch)), tier \(other.tier.rawValue), is planned on \(other.date), in the same week"
      : "\(other.owner) also answers for \(other.name) (\(other.launch)), planned on \(other.date), in the same week"
  }
}

/// Of a launch, what conflicts are found by.
public struct PlannedLaunch: Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// As people call it, for the reasons.
  public var name: String
  /// The person who answers for it.
  public var owner: PersonID
  /// The tier in force.
  public var tier: Tier
  /// The planned local date; weeks are those of local dates, whatever the zones.
  public var date: LocalDate
  /// Whether its date is taken, and whether it still lies ahead.
  public var status: LaunchStatus
  /// When it was proposed or its date moved last.
  public var placedAt: Timestamp

  public init(
    launch: LaunchID, name: String, owner: PersonID, tier: Tier, date: LocalDate, status: LaunchStatus,
    placedAt: Timestamp
  ) {
    self.launch = launch
    self.name = name
    self.owner = owner
    self.tier = tier
    self.date = date
    self.status = status
    self.placedAt = placedAt
  }

  /// Takes what is needed from a record.
  public init(_ record: LaunchRecord) {
    self.init(
      launch: record.plan.launch, name: record.plan.name, owner: record.plan.owner, tier: record.tier,
      date: record.plan.date, status: record.status, placedAt: record.placedAt)
  }

  /// Whether it was proposed or moved after another one; of two at one moment, the one with the later id.
  public func isPlaced(after other: PlannedLaunch) -> Bool {
    (placedAt, launch) > (other.placedAt, other.launch)
  }
}

/// Which conflicts were accepted; one that was accepted for other dates is not.
public struct AcceptedConflicts: Sendable {
  /// What an acceptance is of.
  public struct Key: Sendable, Hashable {
    /// The launch that the conflict is charged to.
    public var launch: LaunchID
    /// What is in conflict.
    public var kind: ConflictKind
    /// The other launch's id.
    public var other: String
    /// The dates of both when it was accepted.
    public var dates: [LocalDate]

    public init(launch: LaunchID, kind: ConflictKind, other: String, dates: [LocalDate]) {
      self.launch = launch
      self.kind = kind
      self.other = other
      self.dates = dates
    }
  }

  private var acceptances: [Key: Acceptance] = [:]

  public init() {}

  /// Adds one.
  public mutating func add(_ key: Key, _ acceptance: Acceptance) { acceptances[key] = acceptance }

  /// The acceptance of a conflict on those dates; nil where there is none.
  public subscript(key: Key) -> Acceptance? { acceptances[key] }
}
