public import Contract
public import LaunchModel

/// The work that an upcoming launch books: the number of its items due in each week, by person and by function.
public struct LaunchBooking: Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// The planned local date.
  public var date: LocalDate
  /// When it was proposed or its date last moved.
  public var placedAt: Timestamp
  /// At most one entry for each week of a person or function.
  public var work: [BookedWork]

  public init(launch: LaunchID, date: LocalDate, placedAt: Timestamp, work: [BookedWork]) {
    self.launch = launch
    self.date = date
    self.placedAt = placedAt
    self.work = work
  }
}

/// One launch's open items that are due in one week for one person or function.
public struct BookedWork: Sendable, Hashable {
  /// The person or function that is booked.
  public enum Who: Sendable, Hashable {
    case person(PersonID)
    case function(LaunchFunction)
  }

  /// Whose work it is: a person's or a function's.
  public var who: Who
  /// The Monday of the week it is due in.
  public var week: LocalDate
  /// The number of items, at least 1.
  public var items: Int

  public init(_ who: Who, week: LocalDate, items: Int) {
    self.who = who
    self.week = week
    self.items = items
  }
}

extension LaunchChecklist {
  /// The work that an upcoming launch books.
  ///
  /// Each open item that is due by the launch date books the person assigned to it; in tiers 0 and 1, a blocking item
  /// also books its function. Tier 3 has no coordinated process and books nobody (product.md, section 1).
  public func bookedWork() -> [BookedWork] {
    guard record.tier < .minor else { return [] }
    var counts: [BookedWork: Int] = [:]
    for item in items where item.books {
      let functions: [BookedWork.Who] =
        item.blocksGo && record.tier <= .major ? [.function(item.definition.function)] : []
      for who in functions + (item.assignee.map { [.person($0)] } ?? []) {
        counts[BookedWork(who, week: item.due.monday, items: 0), default: 0] += 1
      }
    }
    return counts.map { BookedWork($0.who, week: $0.week, items: $1) }
      .sorted { ($0.who, $0.week) < ($1.who, $1.week) }
  }
}

extension ChecklistItem {
  fileprivate var books: Bool {
    [.open, .inProgress, .blocked, .inReview].contains(state) && definition.phase != .after
  }
}

extension BookedWork.Who: Comparable {
  /// The kind of conflict if two launches book the same week.
  public var kind: ConflictKind {
    switch self {
    case .person: .samePerson
    case .function: .sameFunction
    }
  }

  /// The name used in messages.
  public var name: String {
    switch self {
    case .person(let person): person
    case .function(let function): function.title
    }
  }

  /// Orders people before functions, each by key.
  public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: (Int, String) {
    switch self {
    case .person(let person): (kind.place, person)
    case .function(let function): (kind.place, function.rawValue)
    }
  }
}

/// Finds people and functions booked on items of several launches in one week (product.md, section 1, "Calendar").
///
/// The launch that was proposed or moved first has no conflict. Each later launch has one conflict whose reason names
/// all the others, so the number of conflicts grows with the number of launches and not with the number of pairs.
public struct BookingFinder: Sendable {
  /// The launches, sorted by date, then id.
  private let launches: [LaunchBooking]
  /// The bookings, sorted by person or function, then week.
  private var bookings: [Booking] = []

  /// One week of one person or function.
  private struct Week: Hashable {
    var who: BookedWork.Who
    var week: LocalDate
  }

  /// The items of one launch, given by its index in `launches`.
  private struct Share {
    var launch: Int
    var items: Int
  }

  /// A week of one person or function in which several launches have work.
  private struct Booking {
    var week: Week
    /// The launches' shares, in the order in which the launches were proposed or last moved.
    var shares: [Share]
  }

  /// A conflict whose reason has not been composed yet.
  private struct Candidate {
    /// The launch's index in `launches`.
    var launch: Int
    /// The booking's index in `bookings`.
    var booking: Int
    /// The index of the launch's share in the booking.
    var share: Int
  }

  /// - Parameters:
  ///   - launches: the upcoming launches.
  ///   - launch: limits the search to the people, functions and weeks that this launch books; nil for all.
  public init(_ launches: [LaunchBooking], with launch: LaunchID? = nil) {
    let sorted = launches.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) }
    self.launches = sorted
    let asked = launch.map { id in
      Set(sorted.filter { $0.launch == id }.flatMap(\.work).map { Week(who: $0.who, week: $0.week) })
    }
    var shares: [Week: [Share]] = [:]
    for (place, launch) in sorted.enumerated() {
      for work in launch.work {
        let week = Week(who: work.who, week: work.week)
        if asked?.contains(week) ?? true { shares[week, default: []].append(Share(launch: place, items: work.items)) }
      }
    }
    bookings = shares.filter { $0.value.count > 1 }
      .map { Booking(week: $0, shares: $1.sorted { Self.isPlaced(sorted[$0.launch], before: sorted[$1.launch]) }) }
      .sorted { ($0.week.who, $0.week.week) < ($1.week.who, $1.week.week) }
  }

  private static func isPlaced(_ left: LaunchBooking, before right: LaunchBooking) -> Bool {
    (left.placedAt, left.launch) < (right.placedAt, right.launch)
  }

  /// Returns the conflicts that match the filter, by date. Reasons are composed only for the conflicts returned.
  ///
  /// - Throws: as `ConflictFilter.position`.
  public func list(
    _ filter: ConflictFilter, accepted: (LaunchID, ConflictKind, LaunchID) -> Acceptance? = { _, _, _ in nil }
  ) throws(Problem) -> ConflictList {
    var page = try ConflictPage(filter)
    var candidates: [Candidate] = []
    for (index, booking) in bookings.enumerated() {
      for share in 1..<booking.shares.count {
        let candidate = Candidate(launch: booking.shares[share].launch, booking: index, share: share)
        if admits(filter, candidate, accepted) { candidates.append(candidate) }
      }
    }
    candidates.sort { ($0.launch, $0.booking) < ($1.launch, $1.booking) }
    var rest = candidates[...]
    while let first = rest.first {
      let own = rest.prefix { $0.launch == first.launch }
      rest = rest.dropFirst(own.count)
      let launch = launches[first.launch]
      page.add(of: launch.launch, on: launch.date, count: own.count) { shown in
        shown.map { conflict(own[own.startIndex + $0], accepted).conflict }
      }
    }
    return page.answer
  }

  private func admits(
    _ filter: ConflictFilter, _ candidate: Candidate, _ accepted: (LaunchID, ConflictKind, LaunchID) -> Acceptance?
  ) -> Bool {
    let (booking, launch) = (bookings[candidate.booking], launches[candidate.launch])
    let other = launches[booking.shares[0].launch].launch
    // Look up the acceptance only if the filter excludes accepted conflicts.
    let isAccepted = filter.accepted == false && accepted(launch.launch, booking.week.who.kind, other) != nil
    return filter.admits(launch.launch, with: other.rawValue, on: launch.date, isAccepted: isAccepted)
  }

  private func conflict(
    _ candidate: Candidate, _ accepted: (LaunchID, ConflictKind, LaunchID) -> Acceptance?
  ) -> DatedConflict {
    let (booking, launch) = (bookings[candidate.booking], launches[candidate.launch])
    let (who, week) = (booking.week.who, booking.week.week)
    let first = launches[booking.shares[0].launch].launch
    let items = booking.shares[candidate.share].items
    let others = booking.shares.filter { $0.launch != candidate.launch }
    let named = others.prefix(3).map { "\(launches[$0.launch].launch) (\($0.items))" }.joined(separator: ", ")
    let more = others.count > 3 ? " and \(others.count - 3) more" : ""
    let reason =
      "\(who.name) has \(items) open \(items == 1 ? "item" : "items") due in the week of \(week) "
      + "and is also booked by \(named)\(more)"
    return DatedConflict(
      LaunchConflict(
        launch: launch.launch, kind: who.kind, other: first.rawValue, reason: reason,
        accepted: accepted(launch.launch, who.kind, first)),
      on: launch.date)
  }
}
