public import LaunchModel

/// What a launch that lies ahead books: how many of its items are due in which week, by person and by function.
public struct LaunchBooking: Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// The planned local date.
  public var date: LocalDate
  /// When it was proposed or its date moved last.
  public var placedAt: Timestamp
  /// Each person or function and week once.
  public var work: [BookedWork]

  public init(launch: LaunchID, date: LocalDate, placedAt: Timestamp, work: [BookedWork]) {
    self.launch = launch
    self.date = date
    self.placedAt = placedAt
    self.work = work
  }
}

/// Open items of one launch that are due in one week, of one person or function.
public struct BookedWork: Sendable, Hashable {
  /// Who is booked.
  public enum Who: Sendable, Hashable {
    case person(PersonID)
    case function(LaunchFunction)
  }

  /// Whose work it is.
  public var who: Who
  /// The Monday of the week that it is due in.
  public var week: LocalDate
  /// How many items, from 1.
  public var items: Int

  public init(_ who: Who, week: LocalDate, items: Int) {
    self.who = who
    self.week = week
    self.items = items
  }
}

extension LaunchChecklist {
  /// What the launch books, while it lies ahead: its open items up to the launch book the persons that own them; in tiers 0 and 1
  /// the blocking ones of them book their functions too. Tier 3 has no process, and books nobody (product.md, section 1).
  public func bookedWork() -> [BookedWork] {
    guard record.tier < .minor else { return [] }
    var counts: [BookedWork: Int] = [:]
    for item in items where item.books {
      let functions: [BookedWork.Who] =
        item.blocksGo && record.tier <= .major ? [.function(item.definition.function)] : []
      for who in functions + (item.owner.map { [.person($0)] } ?? []) {
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
  /// What of one's week is in conflict.
  public var kind: ConflictKind {
    switch self {
    case .person: .samePerson
    case .function: .sameFunction
    }
  }

  /// As sentences name them.
  public var name: String {
    switch self {
    case .person(let person): person
    case .function(let function): function.title
    }
  }

  /// Persons first, each by their key.
  public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: (Int, String) {
    switch self {
    case .person(let person): (kind.place, person)
    case .function(let function): (kind.place, function.rawValue)
    }
  }
}
