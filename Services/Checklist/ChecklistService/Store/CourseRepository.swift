import ChecklistCore
import Contract
import JSON
import LaunchModel
import ServiceKit
import Storage

/// The courses of past launches, read from the revisions of their items and from their decisions.
struct CourseRepository {
  let db: any Transaction
  let context: ChecklistContext

  /// The maximum number of launches that item records are based on.
  static let most = 100

  /// Returns the latest launches that were decided on or shipped, without outcomes.
  func courses(at now: Timestamp) throws -> TemplateExperience {
    let calendars = try context.calendars.all(db)
    let rows = try db.query(
      """
      SELECT launch FROM bookings
      WHERE launch IN (SELECT launch FROM decisions) OR launch IN (SELECT launch FROM exposure_steps)
      ORDER BY date DESC, launch LIMIT ?
      """, [Self.most])
    return TemplateExperience(
      try rows.compactMap { row in
        guard let launch = LaunchID(try row.text("launch")) else { return nil }
        return try course(of: launch, at: now, in: calendars)
      })
  }

  private func course(of launch: LaunchID, at now: Timestamp, in calendars: CalendarSet) throws -> LaunchCourse? {
    try LaunchRepository(db: db).load(launch).map { try course(of: $0, at: now, in: calendars) }
  }

  /// Returns the course of a launch that is already loaded.
  func course(of state: LaunchState, at now: Timestamp, in calendars: CalendarSet) throws -> LaunchCourse {
    let record = state.checklist.record
    let launch = record.plan.launch
    let zone = try ZoneRules(record.plan.timeZone)
    let marks = try marks(of: launch, in: zone)
    return LaunchCourse(
      record: record, calendars: LaunchCalendars(of: record.plan, from: calendars),
      knownOn: zone.localDate(at: try instantiation(of: launch) ?? record.proposedAt),
      shippedOn: state.checklist.exposedSince.map(zone.localDate(at:)), today: zone.localDate(at: now),
      items: state.checklist.items.map { item in
        let isRejected = item.approvals.contains { $0.verdict == .rejected }
        return ItemCourse(
          definition: item.definition, instance: item.instance, marks: marks[item.name] ?? [],
          wasRefuted: isRejected || item.evidence.contains(where: \.isContrary))
      },
      decisions: try DecisionRepository(db: db).all(of: launch).map { decision in
        LaunchCourse.DecisionMark(
          kind: decision.kind, on: decision.madeOn, reasons: decision.reasons,
          staleOn: decision.staleAt.map(zone.localDate(at:)), staleReasons: decision.staleReasons)
      })
  }

  /// Returns the number of launches to learn from, up to `most`.
  func count() throws -> Int {
    let row = try db.queryOne(
      """
      SELECT COUNT(*) AS n FROM (
        SELECT launch FROM bookings
        WHERE launch IN (SELECT launch FROM decisions) OR launch IN (SELECT launch FROM exposure_steps)
        LIMIT ?) AS past
      """, [Self.most])
    return try row?.int("n") ?? 0
  }

  /// Returns when the launch got its checklist; nil if it has no revision.
  private func instantiation(of launch: LaunchID) throws -> Timestamp? {
    try db.queryOne("SELECT MIN(at) AS first FROM revisions WHERE launch = ? AND part = ''", [launch])?
      .optionalTimestamp("first")
  }

  /// Returns the states of each item, by its name, oldest first.
  private func marks(of launch: LaunchID, in zone: ZoneRules) throws -> [String: [ItemCourse.Mark]] {
    let rows = try db.query(
      "SELECT part, at, document FROM revisions WHERE launch = ? AND part <> '' ORDER BY part, revision", [launch])
    var marks: [String: [ItemCourse.Mark]] = [:]
    for row in rows {
      // Reads only the members that are needed, because decoding whole items would take much longer.
      let item = try row.json("document")["item"]
      guard let state = item?["state"]?.stringValue.flatMap(ItemState.init(rawValue:)),
        let due = item?["due"]?.stringValue.flatMap({ LocalDate($0) })
      else {
        throw StorageError(.unreadable, "a revision of \(try row.text("part")) of \(launch) has no state or due day")
      }
      let doneOn = item?["doneOn"]?.stringValue.flatMap { LocalDate($0) }
      let on = zone.localDate(at: try row.timestamp("at"))
      marks[try row.text("part"), default: []].append(ItemCourse.Mark(on: on, state: state, due: due, doneOn: doneOn))
    }
    return marks
  }
}

extension DecisionRepository {
  /// Returns every decision of a launch, oldest first.
  func all(of launch: LaunchID) throws -> [Decision] {
    try db.query("SELECT document FROM decisions WHERE launch = ? ORDER BY decision", [launch])
      .map { try $0.json("document", as: Decision.self) }
  }
}
