import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The stored counts of projections; `ProjectionCatalog` keeps the list of them.
struct ProjectionRepository {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Adds the counts of a batch of events. Activities are merged, which is idempotent; tallies are summed, which is
  /// not.
  func add(_ projection: Projection, to id: Int64) throws {
    try add(projection.activities, to: id)
    try add(projection.tallies, to: id)
    let isChange = !projection.activities.isEmpty || !projection.tallies.isEmpty
    try db.execute(
      """
      UPDATE projections SET revision = revision + ?,
        watermark = CASE WHEN watermark IS NULL OR watermark < ? THEN ? ELSE watermark END
      WHERE id = ?
      """, [isChange ? 1 : 0, projection.watermark, projection.watermark, id])
  }

  private func add(_ activities: [String: AccountActivity], to id: Int64) throws {
    try db.execute(
      """
      INSERT INTO account_activities (projection, account, first_activity, first_use, activity_stored, use_stored)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (projection, account) DO UPDATE SET
        first_activity = CASE WHEN excluded.first_activity < account_activities.first_activity
          THEN excluded.first_activity ELSE account_activities.first_activity END,
        activity_stored = CASE WHEN excluded.activity_stored < account_activities.activity_stored
          THEN excluded.activity_stored ELSE account_activities.activity_stored END,
        first_use = CASE WHEN account_activities.first_use IS NULL
          OR excluded.first_use < account_activities.first_use
          THEN excluded.first_use ELSE account_activities.first_use END,
        use_stored = CASE WHEN account_activities.use_stored IS NULL
          OR excluded.use_stored < account_activities.use_stored
          THEN excluded.use_stored ELSE account_activities.use_stored END
      """,
      each: activities.map { account, activity in
        [id, account, activity.firstActivity, activity.firstUse, activity.activityStored, activity.useStored]
      })
  }

  private func add(_ tallies: [TallyKey: Tally], to id: Int64) throws {
    try db.execute(
      """
      INSERT INTO tallies (projection, day, account, subject, locale, hits, total, last_stored)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (projection, day, account, subject, locale) DO UPDATE SET
        hits = tallies.hits + excluded.hits, total = tallies.total + excluded.total,
        last_stored = CASE WHEN excluded.last_stored > tallies.last_stored
          THEN excluded.last_stored ELSE tallies.last_stored END
      """,
      each: tallies.map { key, tally in
        [id, key.day, key.account, key.subject, key.locale, tally.hits, tally.total, tally.lastStored]
      })
  }

  /// Loads a whole projection.
  func load(_ row: ProjectionRow) throws -> Projection {
    Projection(
      activities: try activities(row.id), tallies: try tallies(row.id), watermark: row.watermark,
      prunedBefore: row.prunedBefore)
  }

  private func activities(_ id: Int64) throws -> [String: AccountActivity] {
    let rows = try db.query(
      """
      SELECT account, first_activity, first_use, activity_stored, use_stored
      FROM account_activities WHERE projection = ?
      """, [id])
    var activities = [String: AccountActivity](minimumCapacity: rows.count)
    for row in rows {
      activities[try row.text("account")] = AccountActivity(
        firstActivity: try row.timestamp("first_activity"), firstUse: try row.optionalTimestamp("first_use"),
        activityStored: try row.timestamp("activity_stored"), useStored: try row.optionalTimestamp("use_stored"))
    }
    return activities
  }

  private func tallies(_ id: Int64) throws -> [TallyKey: Tally] {
    let rows = try db.query(
      "SELECT day, account, subject, locale, hits, total, last_stored FROM tallies WHERE projection = ?", [id])
    var tallies = [TallyKey: Tally](minimumCapacity: rows.count)
    for row in rows {
      let key = TallyKey(
        day: try row.int("day"), account: try row.text("account"), subject: try row.text("subject"),
        locale: try row.text("locale"))
      tallies[key] = Tally(
        hits: try row.int("hits"), total: try row.int("total"), lastStored: try row.timestamp("last_stored"))
    }
    return tallies
  }

  /// Deletes rows of one discarded projection, at most `limit` of its activities; returns false if nothing was left to
  /// delete.
  func clear(_ limit: Int) throws -> Bool {
    guard let id = try db.queryOne("SELECT id FROM discarded_projections ORDER BY id LIMIT 1")?.integer("id") else {
      return false
    }
    let activities = try db.execute(
      """
      DELETE FROM account_activities WHERE projection = ? AND account IN
        (SELECT account FROM account_activities WHERE projection = ? LIMIT ?)
      """, [id, id, limit])
    guard activities < limit else { return true }
    try db.execute("DELETE FROM tallies WHERE projection = ?", [id])
    try db.execute("DELETE FROM discarded_projections WHERE id = ?", [id])
    return true
  }
}

/// The set of projections, kept in line with what plans and exposures require.
struct ProjectionCatalog {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Locks the catalog until the transaction ends, so that no projection is opened during a batch of events, some of
  /// which it would miss.
  ///
  /// - Returns: the catalog's generation, which changes with the set of projections.
  @discardableResult
  func lock() throws -> Int64 {
    let row = try db.queryOne("UPDATE projection_state SET batches = batches + 1 WHERE one = 1 RETURNING generation")
    guard let row else { throw StorageError(.schema, "the table projection_state is empty; it must have one row") }
    return try row.integer("generation")
  }

  /// Opens the projections that a launch's plans and attempts need, and discards those no longer needed.
  ///
  /// - Parameter offset: the offset of the event being applied, if this is its effect.
  func reconcile(_ launch: LaunchID, at offset: Int64? = nil) throws {
    try lock()
    let needed = try needed(launch)
    let rows = try rows(of: launch)
    let unneeded = rows.filter { row in !needed.contains { $0.attempt == row.attempt && $0.spec.key == row.key } }
    let missing = needed.filter { need in !rows.contains { $0.attempt == need.attempt && $0.key == need.spec.key } }
    for row in unneeded { try discard(row) }
    for need in missing { try open(need.spec, launch, need.attempt, at: offset) }
    if !unneeded.isEmpty || !missing.isEmpty { try advanceGeneration() }
  }

  /// Rebuilds every projection of a launch from the log.
  ///
  /// - Returns: the last offset that will be read from the log.
  func rebuild(_ launch: LaunchID) throws -> Int64 {
    try lock()
    for row in try rows(of: launch) { try discard(row) }
    for need in try needed(launch) { try open(need.spec, launch, need.attempt, at: nil) }
    try advanceGeneration()
    return try processed()
  }

  /// Whether any projection is not completely built from the log yet.
  func hasPending() throws -> Bool {
    try db.queryOne(
      "SELECT id FROM projections WHERE next_offset IS NULL OR next_offset <= until_offset LIMIT 1") != nil
  }

  /// Stores the offset at which reading begins for a projection, unless it is already stored.
  func begin(_ row: ProjectionRow, at offset: Int64, prunedBefore: Int64?) throws {
    try db.execute(
      "UPDATE projections SET next_offset = ?, pruned_before = ? WHERE id = ? AND next_offset IS NULL",
      [offset, prunedBefore, row.id])
  }

  /// Advances the next offset to read; returns false if another worker has already done so.
  func advance(_ row: ProjectionRow, from old: Int64, to new: Int64) throws -> Bool {
    try db.execute(
      "UPDATE projections SET next_offset = ? WHERE id = ? AND next_offset = ?", [new, row.id, old]) == 1
  }

  /// Every projection with its spec.
  func all() throws -> [KnownProjection] {
    let rows = try db.query(
      """
      SELECT id, launch, attempt, spec, next_offset, until_offset, pruned_before, watermark, revision
      FROM projections ORDER BY id
      """
    ).compactMap { try ProjectionRow($0) }
    return try Dictionary(grouping: rows, by: \.launch).flatMap { try known($0.value, of: $0.key) }
  }

  /// The projections of a launch with their specs.
  func all(of launch: LaunchID) throws -> [KnownProjection] { try known(try rows(of: launch), of: launch) }

  private func rows(of launch: LaunchID) throws -> [ProjectionRow] {
    try db.query(
      """
      SELECT id, launch, attempt, spec, next_offset, until_offset, pruned_before, watermark, revision
      FROM projections WHERE launch = ? ORDER BY id
      """, [launch]
    ).compactMap { try ProjectionRow($0) }
  }

  private func known(_ rows: [ProjectionRow], of launch: LaunchID) throws -> [KnownProjection] {
    let specs = try needed(launch)
    return rows.compactMap { row in
      specs.first { $0.attempt == row.attempt && $0.spec.key == row.key }.map {
        KnownProjection(row: row, spec: $0.spec)
      }
    }
  }

  private func needed(_ launch: LaunchID) throws -> [(attempt: Int, spec: ProjectionSpec)] {
    let launches = LaunchRepository(db)
    let attempts = try launches.attempts(of: launch)
    let history = try PlanRepository(db).history(of: launch)
    guard !attempts.isEmpty, history.current != nil else { return [] }
    let plans = try history.plans(feature: try launches.launch(launch).feature)
    return attempts.flatMap { attempt in
      ProjectionSpec.needed(for: plans, attempt: attempt).map { (attempt.number, $0) }
    }
  }

  private func open(_ spec: ProjectionSpec, _ launch: LaunchID, _ attempt: Int, at offset: Int64?) throws {
    let row = try db.queryOne("UPDATE projection_state SET last_id = last_id + 1 WHERE one = 1 RETURNING last_id")
    let until = max(offset ?? 0, try processed())
    try db.execute(
      """
      INSERT INTO projections (id, launch, attempt, spec, start_at, end_at, until_offset, revision)
      VALUES (?, ?, ?, ?, ?, ?, ?, 0)
      """, [try row?.integer("last_id"), launch, attempt, spec.key, spec.start, spec.end, until])
  }

  private func discard(_ row: ProjectionRow) throws {
    try db.execute("DELETE FROM projections WHERE id = ?", [row.id])
    try db.execute("INSERT INTO discarded_projections (id) VALUES (?)", [row.id])
  }

  private func advanceGeneration() throws { try db.execute("UPDATE projection_state SET generation = generation + 1") }

  private func processed() throws -> Int64 { try ConsumerOffsets.offset(MetricsService.name.rawValue, db) }
}

/// A stored projection: the attempt it belongs to and how far it has been built.
struct ProjectionRow: Sendable {
  var id: Int64
  var launch: LaunchID
  var attempt: Int
  /// The `ProjectionSpec.key` of its spec.
  var key: String
  /// The next offset to read from the log; nil if the first one has not been looked up yet.
  var next: Int64?
  /// The last offset to read from the log; later events come from the consumer.
  var until: Int64
  var prunedBefore: Int64?
  var watermark: Timestamp?
  /// The number of changes of its rows.
  var revision: Int

  /// Whether it contains everything that it needs from the log.
  var isComplete: Bool { next.map { $0 > until } ?? false }

  init?(_ row: Row) throws {
    guard let launch = LaunchID(try row.text("launch")) else { return nil }
    self.launch = launch
    id = try row.integer("id")
    attempt = try row.int("attempt")
    key = try row.text("spec")
    next = try row.optionalInteger("next_offset")
    until = try row.integer("until_offset")
    prunedBefore = try row.optionalInteger("pruned_before")
    watermark = try row.optionalTimestamp("watermark")
    revision = try row.int("revision")
  }
}

/// A stored projection with its spec.
struct KnownProjection: Sendable {
  var row: ProjectionRow
  var spec: ProjectionSpec
}
