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
  /// By date, then id.
  private let launches: [BookedLaunch]
  private let places: [LaunchID: Int]
  private var bookings: [Booking] = []

  /// The work of one person or function in one week, for several launches.
  private struct Booking {
    var kind: ConflictKind
    var who: String
    var week: LocalDate
    /// In the order in which the launches were placed; each by its place among all.
    var work: [(launch: Int, items: Int)]
  }

  /// A conflict that is not told yet.
  private struct Candidate {
    /// The launch's place among all.
    var launch: Int
    var booking: Int
    /// The place of its work in the booking.
    var work: Int
  }

  public init(_ launches: [BookedLaunch]) {
    let sorted = launches.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) }
    self.launches = sorted
    places = Dictionary(sorted.enumerated().map { ($1.launch, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Adds work of persons or of functions; that of launches which are not known is passed over.
  ///
  /// - Parameter work: with the entries of one person or function in one week side by side.
  public mutating func add(_ kind: ConflictKind, _ work: [BookedWork]) {
    var rest = work[...]
    while let first = rest.first {
      let group = rest.prefix { $0.who == first.who && $0.week == first.week }
      rest = rest.dropFirst(group.count)
      let booked = group.compactMap { work in places[work.launch].map { (launch: $0, items: work.items) } }
      guard booked.count > 1 else { continue }
      let placed = booked.sorted {
        let (left, right) = (launches[$0.launch], launches[$1.launch])
        return (left.placedAt, left.launch) < (right.placedAt, right.launch)
      }
      bookings.append(Booking(kind: kind, who: first.who, week: first.week, work: placed))
    }
  }

  /// The conflicts that the filter lets through, by date; only those that are answered are put into words.
  public func list(
    _ filter: ConflictFilter, accepted: (LaunchID, ConflictKind, LaunchID) -> Acceptance? = { _, _, _ in nil }
  ) -> ConflictList {
    var candidates: [Candidate] = []
    for (index, booking) in bookings.enumerated() {
      for work in 1..<booking.work.count {
        let candidate = Candidate(launch: booking.work[work].launch, booking: index, work: work)
        if admits(filter, candidate, accepted) { candidates.append(candidate) }
      }
    }
    candidates.sort { ($0.launch, $0.booking) < ($1.launch, $1.booking) }
    return ConflictList(
      conflicts: candidates.prefix(filter.count).map { told($0, accepted) }, total: candidates.count)
  }

  private func admits(
    _ filter: ConflictFilter, _ candidate: Candidate, _ accepted: (LaunchID, ConflictKind, LaunchID) -> Acceptance?
  ) -> Bool {
    let (booking, launch) = (bookings[candidate.booking], launches[candidate.launch])
    let other = launches[booking.work[0].launch].launch
    // Whether it is accepted matters only to those who leave accepted ones out.
    let isAccepted = filter.accepted == false && accepted(launch.launch, booking.kind, other) != nil
    return filter.admits(launch.launch, with: other.rawValue, on: launch.date, isAccepted: isAccepted)
  }

  private func told(
    _ candidate: Candidate, _ accepted: (LaunchID, ConflictKind, LaunchID) -> Acceptance?
  ) -> DatedConflict {
    let (booking, launch) = (bookings[candidate.booking], launches[candidate.launch])
    let first = launches[booking.work[0].launch].launch
    let items = booking.work[candidate.work].items
    let others = booking.work.filter { $0.launch != candidate.launch }
    let named = others.prefix(3).map { "\(launches[$0.launch].launch) (\($0.items))" }.joined(separator: ", ")
    let more = others.count > 3 ? " and \(others.count - 3) more" : ""
    let reason =
      "\(booking.who) has \(items) open \(items == 1 ? "item" : "items") due in the week of \(booking.week), "
      + "and is booked by \(named)\(more)"
    return DatedConflict(
      LaunchConflict(
        launch: launch.launch, kind: booking.kind, other: first.rawValue, reason: reason,
        accepted: accepted(launch.launch, booking.kind, first)),
      on: launch.date)
  }
}
