public import Contract
public import LaunchModel

/// Finds conflicts between launch dates, and between launches and blackouts (product.md, section 1, "Calendar").
///
/// Compares only launches of the same week, so the work grows with the number of such pairs, not of all pairs.
public struct ConflictFinder: Sendable {
  /// The launches whose status occupies their date, keyed by the Monday of their week, in the order of placement.
  private let weeks: [LocalDate: [PlannedLaunch]]
  private let blackouts: [Blackout]
  private let accepted: AcceptedConflicts

  /// A conflict without its text; `other` is an index into the week's launches or, for a blackout, into `blackouts`.
  private struct Match {
    var kind: ConflictKind
    var other: Int
  }

  public init(_ launches: [PlannedLaunch], blackouts: [Blackout], accepted: AcceptedConflicts = AcceptedConflicts()) {
    weeks = Dictionary(grouping: launches.filter(\.status.occupiesDate), by: \.date.monday)
      .mapValues { week in week.sorted { $1.isPlaced(after: $0) } }
    self.blackouts = blackouts.sorted { ($0.from, $0.key) < ($1.from, $1.key) }
    self.accepted = accepted
  }

  /// The conflicts that match a filter, sorted by date. Builds descriptions only for the page that it returns.
  ///
  /// - Throws: the same errors as `ConflictFilter.position`.
  public func list(_ filter: ConflictFilter) throws(Problem) -> ConflictList {
    var page = try ConflictPage(filter)
    for monday in weeks.keys.sorted() {
      guard let week = weeks[monday] else { continue }
      let indices = week.indices.sorted { (week[$0].date, week[$0].launch) < (week[$1].date, week[$1].launch) }
      for index in indices where week[index].status.isAhead {
        let matches = matches(of: week[index], after: week[..<index]).filter { admits(filter, $0, week[index], week) }
        page.add(of: week[index].launch, on: week[index].date, count: matches.count) { shown in
          Array(describe(matches, of: week[index], in: week)[shown])
        }
      }
    }
    return page.answer
  }

  /// The conflicts charged to a launch, sorted by kind, then by the other party; empty if its date is no longer ahead.
  public func conflicts(of launch: PlannedLaunch) -> [LaunchConflict] {
    guard launch.status.isAhead else { return [] }
    let week = weeks[launch.date.monday] ?? []
    return describe(matches(of: launch, after: week.prefix { launch.isPlaced(after: $0) }), of: launch, in: week)
  }

  /// - Parameter earlier: the launches of the same week that were placed before it.
  private func matches(of launch: PlannedLaunch, after earlier: ArraySlice<PlannedLaunch>) -> [Match] {
    var matches: [Match] = []
    if launch.tier < .minor {
      for index in earlier.indices {
        if launch.tier <= .major, earlier[index].tier <= .major { matches.append(Match(kind: .sameWeek, other: index)) }
        if earlier[index].tier < .minor, earlier[index].owner == launch.owner {
          matches.append(Match(kind: .sameOwner, other: index))
        }
      }
    }
    for index in blackouts.indices where blackouts[index].holds(on: launch.date, for: launch.tier) {
      matches.append(Match(kind: .blackout, other: index))
    }
    return matches
  }

  private func admits(
    _ filter: ConflictFilter, _ match: Match, _ launch: PlannedLaunch, _ week: [PlannedLaunch]
  ) -> Bool {
    let other = match.kind == .blackout ? blackouts[match.other].key : week[match.other].launch
    // The lookup is needed only if the filter excludes accepted conflicts.
    let isAccepted = filter.accepted == false && acceptance(of: match, launch, week) != nil
    return filter.admits(launch.launch, with: other.rawValue, on: launch.date, isAccepted: isAccepted)
  }

  private func acceptance(of match: Match, _ launch: PlannedLaunch, _ week: [PlannedLaunch]) -> Acceptance? {
    guard match.kind != .blackout else { return blackouts[match.other].exception(of: launch.launch) }
    let other = week[match.other]
    return accepted[
      AcceptedConflicts.Key(
        launch: launch.launch, kind: match.kind, other: other.launch.rawValue, dates: [launch.date, other.date])]
  }
}

extension ConflictFinder {
  private func describe(_ matches: [Match], of launch: PlannedLaunch, in week: [PlannedLaunch]) -> [LaunchConflict] {
    matches.map { match in
      let isBlackout = match.kind == .blackout
      return LaunchConflict(
        launch: launch.launch, kind: match.kind,
        other: isBlackout ? blackouts[match.other].key.rawValue : week[match.other].launch.rawValue,
        reason: isBlackout
          ? Self.reason(launch, blackouts[match.other]) : Self.reason(match.kind, week[match.other]),
        accepted: acceptance(of: match, launch, week))
    }.sorted { ($0.kind.place, $0.other) < ($1.kind.place, $1.other) }
  }

  private static func reason(_ launch: PlannedLaunch, _ blackout: Blackout) -> String {
    "\(launch.date) is in the blackout \(blackout.key), \(blackout.from) to \(blackout.to): \(blackout.reason)"
  }

  private static func reason(_ kind: ConflictKind, _ other: PlannedLaunch) -> String {
    kind == .sameWeek
      ? "\(other.name) (\(other.launch)), tier \(other.tier.rawValue), is planned for \(other.date), in the same week"
      : "\(other.owner) also owns \(other.name) (\(other.launch)), planned for \(other.date), in the same week"
  }
}

/// The fields of a launch that conflicts depend on.
public struct PlannedLaunch: Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// The display name, used in reasons.
  public var name: String
  /// The person accountable for it.
  public var owner: PersonID
  /// The tier in force.
  public var tier: Tier
  /// The planned local date. Launches are in the same week if their local dates are, whatever their time zones.
  public var date: LocalDate
  /// The status, which determines whether the launch occupies its date and whether the date is still ahead.
  public var status: LaunchStatus
  /// When the launch was proposed or, if later, when its date last moved.
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

  /// Takes the values from a record.
  public init(_ record: LaunchRecord) {
    self.init(
      launch: record.plan.launch, name: record.plan.name, owner: record.plan.owner, tier: record.tier,
      date: record.plan.date, status: record.status, placedAt: record.placedAt)
  }

  /// Whether this launch was proposed or moved after the other one; equal times are ordered by id.
  public func isPlaced(after other: PlannedLaunch) -> Bool {
    (placedAt, launch) > (other.placedAt, other.launch)
  }
}

/// The accepted conflicts; an acceptance covers only the dates it was given for.
public struct AcceptedConflicts: Sendable {
  /// Identifies an accepted conflict.
  public struct Key: Sendable, Hashable {
    /// The launch that the conflict is charged to.
    public var launch: LaunchID
    /// The kind of conflict.
    public var kind: ConflictKind
    /// The other launch's id.
    public var other: String
    /// The dates of both launches when it was accepted.
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

  /// Adds an acceptance.
  public mutating func add(_ key: Key, _ acceptance: Acceptance) { acceptances[key] = acceptance }

  /// The acceptance with this key, which includes the dates; nil if there is none.
  public subscript(key: Key) -> Acceptance? { acceptances[key] }
}
