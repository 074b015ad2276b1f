public import LaunchModel

/// Open items of one launch that are due in one week, of one function and person.
public struct BookedWork: Sendable, Hashable {
  /// The Monday of the week that they are due in.
  public var week: LocalDate
  /// Whose items they are.
  public var launch: LaunchID
  /// Who answers for them.
  public var function: LaunchFunction
  /// Who is to do them; nil where nobody is assigned.
  public var owner: PersonID?
  /// Whether they stand in the way of GO.
  public var isBlocking: Bool
  /// How many, from 1.
  public var items: Int

  public init(
    week: LocalDate, launch: LaunchID, function: LaunchFunction, owner: PersonID?, isBlocking: Bool, items: Int
  ) {
    self.week = week
    self.launch = launch
    self.function = function
    self.owner = owner
    self.isBlocking = isBlocking
    self.items = items
  }
}

/// A launch that lies ahead, as bookings see it.
public struct BookedLaunch: Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// The tier in force.
  public var tier: Tier
  /// The planned local date.
  public var date: LocalDate
  /// When it was proposed or its date moved last.
  public var placedAt: Timestamp

  public init(launch: LaunchID, tier: Tier, date: LocalDate, placedAt: Timestamp) {
    self.launch = launch
    self.tier = tier
    self.date = date
    self.placedAt = placedAt
  }
}

/// Finds persons and functions that are booked on items of several launches in one week (product.md, section 1, "Calendar").
///
/// Of several launches the first one that was placed is in conflict with nobody; each later one is with it, and the reason names
/// the others, so that there are as many conflicts as launches and not as pairs.
public struct BookingFinder: Sendable {
  private let launches: [LaunchID: BookedLaunch]

  public init(_ launches: [BookedLaunch]) {
    self.launches = Dictionary(launches.map { ($0.launch, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The conflicts, in no order; work of launches that are not known is passed over.
  public func conflicts(of work: [BookedWork]) -> [DatedConflict] {
    let known = work.filter { launches[$0.launch] != nil }
    let persons = known.filter { $0.owner != nil && tier(of: $0) < .minor }
    let functions = known.filter { $0.isBlocking && tier(of: $0) <= .major }
    return conflicts(.samePerson, of: persons) { $0.owner ?? "" }
      + conflicts(.sameFunction, of: functions) { $0.function.title }
  }

  private func tier(of work: BookedWork) -> Tier { launches[work.launch]?.tier ?? .minor }

  private struct Booking: Hashable {
    var week: LocalDate
    var who: String
  }

  private func conflicts(
    _ kind: ConflictKind, of work: [BookedWork], by who: (BookedWork) -> String
  ) -> [DatedConflict] {
    Dictionary(grouping: work) { Booking(week: $0.week, who: who($0)) }.flatMap { booking, work in
      conflicts(kind, booking, items: Dictionary(work.map { ($0.launch, $0.items) }, uniquingKeysWith: +))
    }
  }

  private func conflicts(_ kind: ConflictKind, _ booking: Booking, items: [LaunchID: Int]) -> [DatedConflict] {
    let placed = items.keys.compactMap { launches[$0] }.sorted { ($0.placedAt, $0.launch) < ($1.placedAt, $1.launch) }
    guard let first = placed.first, placed.count > 1 else { return [] }
    return placed.dropFirst().map { launch in
      let others = placed.filter { $0.launch != launch.launch }
        .map { "\($0.launch) (\(items[$0.launch] ?? 0))" }
      let named = others.prefix(3).joined(separator: ", ") + (others.count > 3 ? " and \(others.count - 3) more" : "")
      let own = items[launch.launch] ?? 0
      let reason =
        "\(booking.who) has \(own) open \(own == 1 ? "item" : "items") due in the week of \(booking.week), "
        + "and is booked by \(named)"
      return DatedConflict(
        LaunchConflict(launch: launch.launch, kind: kind, other: first.launch.rawValue, reason: reason),
        on: launch.date)
    }
  }
}
