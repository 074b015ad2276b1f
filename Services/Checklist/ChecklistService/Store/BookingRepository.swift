import ChecklistCore
import JSON
import Contract
import LaunchModel
import Storage

/// The work that launches book, in one small row per launch, and the accepted booking conflicts.
struct BookingRepository {
  let db: any Transaction

  /// Stores the work that a launch books; none if the launch is not upcoming.
  func save(_ state: LaunchState) throws {
    let record = state.checklist.record
    let work = state.isAhead ? state.checklist.bookedWork() : []
    try db.execute(
      """
      INSERT INTO bookings (launch, date, placed_at, work) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch) DO UPDATE SET date = excluded.date, placed_at = excluded.placed_at, work = excluded.work
      """,
      [
        record.plan.launch, record.plan.date, record.placedAt,
        work.isEmpty ? SQLValue.null : try SQLValue.json(work.json),
      ])
  }

  /// The bookings of all upcoming launches.
  func all() throws -> [LaunchBooking] {
    try db.query("SELECT launch, date, placed_at, work FROM bookings WHERE work IS NOT NULL").map { row in
      guard let launch = LaunchID(try row.text("launch")), let work = [BookedWork](json: try row.json("work")) else {
        throw Problem.internalError("a stored booking has an invalid launch id, function, week or count")
      }
      return LaunchBooking(
        launch: launch, date: try row.date("date"), placedAt: try row.timestamp("placed_at"), work: work)
    }
  }

  /// Returns the launches whose bookings were never stored, ascending.
  func missing() throws -> [LaunchID] {
    try db.query(
      "SELECT launch FROM launches WHERE launch NOT IN (SELECT launch FROM bookings) ORDER BY launch"
    ).compactMap { LaunchID(try $0.text("launch")) }
  }

  /// Returns the acceptances, by launch, kind of conflict and other launch.
  func accepted() throws -> [[String]: Acceptance] {
    let rows = try db.query("SELECT launch, kind, other, document FROM booking_acceptances")
    let pairs = try rows.map { row in
      (
        [try row.text("launch"), try row.text("kind"), try row.text("other")],
        try row.json("document", as: Acceptance.self)
      )
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// The subject of the audit chain of `booking_reasons`, in place of a launch.
  static let reasonsSubject = "booking-reasons"

  /// Returns the kinds of double bookings that are reasons against GO.
  func reasons() throws -> [ConflictKind] {
    try db.query("SELECT kind FROM booking_reasons ORDER BY kind").compactMap {
      ConflictKind(rawValue: try $0.text("kind"))
    }
  }

  /// Replaces those kinds by the kinds of a version of the policy.
  func setReasons(_ kinds: [ConflictKind], version: Int) throws {
    try db.execute("DELETE FROM booking_reasons", [])
    for kind in kinds {
      try db.execute("INSERT INTO booking_reasons (kind, version) VALUES (?, ?)", [kind.rawValue, version])
    }
  }

  /// Returns the double bookings that count against a launch's GO; with the built-in policy, none.
  func reasons(against launch: LaunchID) throws -> [LaunchConflict] {
    let kinds = try reasons()
    guard !kinds.isEmpty else { return [] }
    let accepted = try accepted()
    return try BookingFinder(try all(), with: launch).list(ConflictFilter(launch: launch, accepted: false)) {
      accepted[[$0.rawValue, $1.rawValue, $2.rawValue]]
    }.conflicts.map(\.conflict).filter { $0.launch == launch && kinds.contains($0.kind) }
  }

  /// The same of every launch that has any.
  func reasonsByLaunch() throws -> [LaunchID: [LaunchConflict]] {
    let kinds = try reasons()
    guard !kinds.isEmpty else { return [:] }
    let (finder, accepted) = (BookingFinder(try all()), try accepted())
    var filter = ConflictFilter(accepted: false)
    var found: [LaunchID: [LaunchConflict]] = [:]
    repeat {
      let page = try finder.list(filter) { accepted[[$0.rawValue, $1.rawValue, $2.rawValue]] }
      for dated in page.conflicts where kinds.contains(dated.conflict.kind) {
        found[dated.conflict.launch, default: []].append(dated.conflict)
      }
      filter.after = page.next
    } while filter.after != nil
    return found
  }

  func accept(_ conflict: AcceptConflict, _ acceptance: Acceptance) throws {
    try db.execute(
      """
      INSERT INTO booking_acceptances (launch, kind, other, document) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, kind, other) DO UPDATE SET document = excluded.document
      """, [conflict.launch, conflict.kind.rawValue, conflict.other, try SQLValue.json(acceptance)])
  }
}

/// The stored form, such as `{"functions": {"engineering": {"2027-02-22": 3}}, "people": {"dana": {"2027-03-01": 1}}}`.
/// It is parsed by hand for speed, because thousands of launches are read at a time.
extension [BookedWork] {
  fileprivate var json: JSONValue {
    var members: [String: [String: [String: JSONValue]]] = [:]
    for work in self {
      let (group, key) = work.who.place
      members[group, default: [:]][key, default: [:]][work.week.description] = .integer(Int64(work.items))
    }
    return .object(members.mapValues { .object($0.mapValues { .object($0) }) })
  }

  /// Returns nil for any other form.
  fileprivate init?(json: JSONValue) {
    self = []
    guard case .object(let groups) = json else { return nil }
    for (group, members) in groups {
      guard case .object(let weeks) = members else { return nil }
      for (key, counts) in weeks {
        guard let who = BookedWork.Who(group, key), case .object(let counts) = counts else { return nil }
        for (week, items) in counts {
          guard let week = LocalDate(week), case .integer(let items) = items else { return nil }
          append(BookedWork(who, week: week, items: Int(items)))
        }
      }
    }
  }
}

extension BookedWork.Who {
  private static let (people, functions) = ("people", "functions")

  fileprivate var place: (group: String, key: String) {
    switch self {
    case .person(let person): (Self.people, person)
    case .function(let function): (Self.functions, function.rawValue)
    }
  }

  fileprivate init?(_ group: String, _ key: String) {
    switch group {
    case Self.people: self = .person(key)
    case Self.functions:
      guard let function = LaunchFunction(rawValue: key) else { return nil }
      self = .function(function)
    default: return nil
    }
  }
}
