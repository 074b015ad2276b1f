public import LaunchModel

/// Open items of one launch that are due in one week, of one person or function.
public struct BookedWork: Sendable, Hashable {
  /// Whose work it is: a person, or a function by its title.
  public var who: String
  /// The Monday of the week that it is due in.
  public var week: LocalDate
  /// The launch that it is for.
  public var launch: LaunchID
  /// How many items, from 1.
  public var items: Int

  public init(who: String, week: LocalDate, launch: LaunchID, items: Int) {
    self.who = who
    self.week = week
    self.launch = launch
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
  private var bookings: [Booking] = []

  /// The work of one person or function in one week, for several launches.
  private struct Booking {
    var kind: ConflictKind
    var who: String
    var week: LocalDate
    /// In the order in which they were placed.
    var placed: [(launch: BookedLaunch, items: Int)]
  }

  /// A conflict that is not told yet.
  private struct Candidate {
    var booking: Int
    var place: Int
    var accepted: Acceptance?
  }

  public init(_ launches: [BookedLaunch]) {
    self.launches = Dictionary(launches.map { ($0.launch, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Adds work of persons or of functions; that of launches which are not known is passed over.
  ///
  /// - Parameter work: with the entries of one person or function in one week side by side.
  public mutating func add(_ kind: ConflictKind, _ work: [BookedWork]) {
    var rest = work[...]
    while let first = rest.first {
      let group = rest.prefix { $0.who == first.who && $0.week == first.week }
      rest = rest.dropFirst(group.count)
      let placed = group.compactMap { work in launches[work.launch].map { (launch: $0, items: work.items) } }
      guard placed.count > 1 else { continue }
      bookings.append(
        Booking(
          kind: kind, who: first.who, week: first.week,
          placed: placed.sorted {
            ($0.launch.placedAt, $0.launch.launch) < ($1.launch.placedAt, $1.launch.launch)
          }))
    }
  }

  /// The conflicts that the filter lets through, by date; only those that are answered are put into words.
  public func list(
    _ filter: ConflictFilter, accepted: (LaunchID, ConflictKind, LaunchID) -> Acceptance? = { _, _, _ in nil }
  ) -> ConflictList {
    var candidates: [Candidate] = []
    for (index, booking) in bookings.enumerated() {
      let other = booking.placed[0].launch.launch
      for place in 1..<booking.placed.count {
        let launch = booking.placed[place].launch
        let acceptance = accepted(launch.launch, booking.kind, other)
        guard filter.admits(launch.launch, with: other.rawValue, on: launch.date, isAccepted: acceptance != nil) else {
          continue
        }
        candidates.append(Candidate(booking: index, place: place, accepted: acceptance))
      }
    }
    let first = candidates.sorted { order($0) < order($1) }.prefix(filter.count)
    return ConflictList(conflicts: first.map(told), total: candidates.count)
  }

  private func order(_ candidate: Candidate) -> (LocalDate, LaunchID, Int) {
    let launch = bookings[candidate.booking].placed[candidate.place].launch
    return (launch.date, launch.launch, candidate.booking)
  }

  private func told(_ candidate: Candidate) -> DatedConflict {
    let booking = bookings[candidate.booking]
    let (launch, items) = booking.placed[candidate.place]
    let others = booking.placed.filter { $0.launch.launch != launch.launch }
    let named = others.prefix(3).map { "\($0.launch.launch) (\($0.items))" }.joined(separator: ", ")
    let more = others.count > 3 ? " and \(others.count - 3) more" : ""
    let reason =
      "\(booking.who) has \(items) open \(items == 1 ? "item" : "items") due in the week of \(booking.week), "
      + "and is booked by \(named)\(more)"
    return DatedConflict(
      LaunchConflict(
        launch: launch.launch, kind: booking.kind, other: booking.placed[0].launch.launch.rawValue, reason: reason,
        accepted: candidate.accepted),
      on: launch.date)
  }
}
