public import LaunchModel

/// Finds what launches' dates are in conflict with (product.md, section 1, "Calendar").
///
/// Launches are looked up by week, so that the work grows with the pairs that share one and not with all pairs.
public struct ConflictFinder: Sendable {
  private let weeks: [LocalDate: [PlannedLaunch]]
  private let blackouts: [Blackout]
  private let accepted: AcceptedConflicts

  public init(_ launches: [PlannedLaunch], blackouts: [Blackout], accepted: AcceptedConflicts = AcceptedConflicts()) {
    weeks = Dictionary(grouping: launches.filter(\.status.holdsItsDate), by: \.date.monday)
      .mapValues { week in week.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) } }
    self.blackouts = blackouts.sorted { ($0.from, $0.key) < ($1.from, $1.key) }
    self.accepted = accepted
  }

  /// Every conflict of the launches whose dates still lie ahead, in no order.
  public func all() -> [DatedConflict] {
    weeks.values.joined().flatMap { launch in conflicts(of: launch).map { DatedConflict($0, on: launch.date) } }
  }

  /// What is charged to one launch: by kind, then by the other's date; none where its date does not lie ahead.
  public func conflicts(of launch: PlannedLaunch) -> [LaunchConflict] {
    guard launch.status.isAhead else { return [] }
    let earlier = (weeks[launch.date.monday] ?? []).filter { $0.launch != launch.launch && launch.isPlaced(after: $0) }
    let sameWeek = earlier.filter { $0.tier <= .major && launch.tier <= .major }
    let sameOwner = earlier.filter { $0.owner == launch.owner && $0.tier < .minor && launch.tier < .minor }
    return sameWeek.map { conflict(launch, .sameWeek, $0, weekReason($0)) }
      + sameOwner.map { conflict(launch, .sameOwner, $0, ownerReason($0)) } + blackouts(of: launch)
  }

  private func conflict(
    _ launch: PlannedLaunch, _ kind: ConflictKind, _ other: PlannedLaunch, _ reason: String
  ) -> LaunchConflict {
    let key = AcceptedConflicts.Key(
      launch: launch.launch, kind: kind, other: other.launch.rawValue, dates: [launch.date, other.date])
    return LaunchConflict(
      launch: launch.launch, kind: kind, other: other.launch.rawValue, reason: reason, accepted: accepted[key])
  }

  private func weekReason(_ other: PlannedLaunch) -> String {
    "\(other.name) (\(other.launch)), tier \(other.tier.rawValue), is planned on \(other.date), in the same week"
  }

  private func ownerReason(_ other: PlannedLaunch) -> String {
    "\(other.owner) also answers for \(other.name) (\(other.launch)), planned on \(other.date), in the same week"
  }

  private func blackouts(of launch: PlannedLaunch) -> [LaunchConflict] {
    blackouts.filter { $0.holds(on: launch.date, for: launch.tier) }.map { blackout in
      LaunchConflict(
        launch: launch.launch, kind: .blackout, other: blackout.key.rawValue,
        reason:
          "\(launch.date) is in the blackout \(blackout.key), \(blackout.from) to \(blackout.to): \(blackout.reason)",
        accepted: blackout.exception(of: launch.launch))
    }
  }
}
