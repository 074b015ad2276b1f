import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The stored tallies of projections. `AdoptionRepository` stores their columns,
/// `ProjectionCatalog` the list of projections.
struct ProjectionRepository {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Adds the tallies of a batch of events. Must be called only once for each batch.
  func add(_ projection: Projection, to id: Int64) throws {
    try db.execute(
      """
      INSERT INTO tallies (projection, day, account, subject, locale, hits, total, late_hits, late_total)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (projection, day, account, subject, locale) DO UPDATE SET
        hits = tallies.hits + excluded.hits, total = tallies.total + excluded.total,
        late_hits = tallies.late_hits + excluded.late_hits, late_total = tallies.late_total + excluded.late_total
      """,
      each: projection.tallies.map { key, tally in
        [
          id, key.day, key.account, key.subject, key.locale, tally.hits, tally.total, tally.lateHits, tally.lateTotal,
        ]
      })
    try db.execute(
      """
      UPDATE projections SET revision = revision + ?,
        watermark = CASE WHEN watermark IS NULL OR watermark < ? THEN ? ELSE watermark END
      WHERE id = ?
      """, [projection.tallies.isEmpty ? 0 : 1, projection.watermark, projection.watermark, id])
  }

  /// Loads the tallies of a projection.
  func load(_ row: ProjectionRow) throws -> Projection {
    Projection(tallies: try tallies(row.id), watermark: row.watermark, prunedBefore: row.prunedBefore)
  }

  private func tallies(_ id: Int64) throws -> [TallyKey: Tally] {
    let rows = try db.query(
      """
      SELECT day, account, subject, locale, hits, total, late_hits, late_total FROM tallies WHERE projection = ?
      """, [id])
    var tallies = [TallyKey: Tally](minimumCapacity: rows.count)
    for row in rows {
      let key = TallyKey(
        day: try row.int("day"), account: try row.text("account"), subject: try row.text("subject"),
        locale: try row.text("locale"))
      tallies[key] = Tally(
        hits: try row.int("hits"), total: try row.int("total"), lateHits: try row.int("late_hits"),
        lateTotal: try row.int("late_total"))
    }
    return tallies
  }

  /// Deletes one discarded projection, or at most `limit` of its tallies if it has more;
  /// returns false if there is nothing to delete.
  func clear(_ limit: Int) throws -> Bool {
    guard let id = try db.queryOne("SELECT id FROM discarded_projections ORDER BY id LIMIT 1")?.integer("id") else {
      return false
    }
    let tallies = try db.execute(
      """
      DELETE FROM tallies WHERE projection = ? AND (day, account, subject, locale) IN
        (SELECT day, account, subject, locale FROM tallies WHERE projection = ? LIMIT ?)
      """, [id, id, limit])
    guard tallies < limit else { return true }
    try db.execute("DELETE FROM adoption_changes WHERE projection = ?", [id])
    try db.execute("DELETE FROM discarded_projections WHERE id = ?", [id])
    return true
  }
}

/// The set of projections, which follows what plans and exposures require.
struct ProjectionCatalog {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Locks the catalog until the transaction ends, so that no projection is opened while a batch of events is being
  /// applied; the projection would miss some of them.
  ///
  /// - Returns: the catalog's generation, which changes with the set of projections.
  @discardableResult
  func lock() throws -> Int64 {
    let row = try db.queryOne("UPDATE projection_state SET batches = batches + 1 WHERE one = 1 RETURNING generation")
    guard let row else { throw StorageError(.schema, "the table projection_state is empty; it must have one row") }
    return try row.integer("generation")
  }

  /// Opens the projections that a launch's plans and attempts need, and retires or
  /// discards those that are no longer needed.
  ///
  /// Retired adoption projections keep their columns, for queries about an earlier moment.
  ///
  /// - Parameter offset: the offset of the event that caused the call; nil if none did.
  /// - Returns: whether the set of projections changed.
  @discardableResult
  func reconcile(_ launch: LaunchID, at offset: Int64? = nil) throws -> Bool {
    try lock()
    let needed = try needed(launch)
    let rows = try rows(of: launch)
    let unneeded = rows.filter { row in !needed.contains { $0.attempt == row.attempt && $0.spec.key == row.key } }
    let missing = needed.filter { need in !rows.contains { $0.attempt == need.attempt && $0.key == need.spec.key } }
    guard !unneeded.isEmpty || !missing.isEmpty else { return false }
    for row in unneeded {
      if row.isAdoption, row.isComplete { try retire(row) } else { try discard(row) }
    }
    for need in missing { try open(need.spec, launch, need.attempt, at: offset) }
    try advanceGeneration()
    return true
  }

  /// Opens the projections that the plans and attempts of every exposed launch
  /// need, and removes those no longer needed.
  func reconcileAll() throws {
    for launch in try LaunchRepository(db).exposed() { try reconcile(launch) }
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

  /// Stores the offset from which to read the log for a projection, unless one is already stored.
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

  /// Every projection that still receives events, with its spec.
  ///
  /// - Parameter earlier: projections whose specs can be reused; the spec of a projection never changes.
  func all(knowing earlier: [KnownProjection] = []) throws -> [KnownProjection] {
    let rows = try db.query(
      """
      SELECT id, launch, attempt, kind, spec, next_offset, until_offset, retired_at, pruned_before, watermark, revision
      FROM projections WHERE retired_at IS NULL ORDER BY id
      """
    ).compactMap { try ProjectionRow($0) }
    let specs = Dictionary(earlier.map { ($0.row.id, $0.spec) }, uniquingKeysWith: { first, _ in first })
    let new = Dictionary(grouping: rows.filter { specs[$0.id] == nil }, by: \.launch)
    let found = try new.flatMap { try known($0.value, of: $0.key) }
    let kept = rows.compactMap { row in specs[row.id].map { KnownProjection(row: row, spec: $0) } }
    return (kept + found).sorted { $0.row.id < $1.row.id }
  }

  /// The ids of the projections whose backfill is not complete.
  func pendingIDs() throws -> Set<Int64> {
    Set(
      try db.query(
        """
        SELECT id FROM projections
        WHERE retired_at IS NULL AND (next_offset IS NULL OR next_offset <= until_offset)
        """
      ).map { try $0.integer("id") })
  }

  /// The projections of a launch that still receive events, with their specs.
  func all(of launch: LaunchID) throws -> [KnownProjection] { try known(try rows(of: launch), of: launch) }

  /// The rows of some projections.
  func rows(_ ids: [Int64]) throws -> [ProjectionRow] {
    try ids.compactMap { id in
      try db.queryOne(
        """
        SELECT id, launch, attempt, kind, spec, next_offset, until_offset, retired_at, pruned_before, watermark, revision
        FROM projections WHERE id = ?
        """, [id]
      ).flatMap { try ProjectionRow($0) }
    }
  }

  /// The adoption projection with a spec, if its columns are complete as of an offset; nil otherwise.
  func complete(_ spec: ProjectionSpec, of launch: LaunchID, attempt: Int, at offset: Int64) throws -> ProjectionRow? {
    let row = try row(of: spec, launch, attempt)
    guard let row, row.isComplete, row.retiredAt.map({ offset <= $0 }) ?? true else { return nil }
    return row
  }

  private func row(of spec: ProjectionSpec, _ launch: LaunchID, _ attempt: Int) throws -> ProjectionRow? {
    try db.queryOne(
      """
      SELECT id, launch, attempt, kind, spec, next_offset, until_offset, retired_at, pruned_before, watermark, revision
      FROM projections WHERE launch = ? AND attempt = ? AND spec = ?
      """, [launch, attempt, spec.key]
    ).flatMap { try ProjectionRow($0) }
  }

  private func rows(of launch: LaunchID) throws -> [ProjectionRow] {
    try db.query(
      """
      SELECT id, launch, attempt, kind, spec, next_offset, until_offset, retired_at, pruned_before, watermark, revision
      FROM projections WHERE launch = ? AND retired_at IS NULL ORDER BY id
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
    // A retired projection lacks the events since then.
    if let retired = try row(of: spec, launch, attempt) { try discard(retired) }
    let row = try db.queryOne("UPDATE projection_state SET last_id = last_id + 1 WHERE one = 1 RETURNING last_id")
    let until = max(offset ?? 0, try processed())
    try db.execute(
      """
      INSERT INTO projections (id, launch, attempt, kind, spec, start_at, end_at, until_offset, revision)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
      """, [try row?.integer("last_id"), launch, attempt, spec.kind, spec.key, spec.start, spec.end, until])
  }

  private func retire(_ row: ProjectionRow) throws {
    try db.execute("UPDATE projections SET retired_at = ? WHERE id = ?", [try processed(), row.id])
  }

  private func discard(_ row: ProjectionRow) throws {
    try db.execute("DELETE FROM projections WHERE id = ?", [row.id])
    try db.execute("INSERT INTO discarded_projections (id) VALUES (?)", [row.id])
  }

  private func advanceGeneration() throws { try db.execute("UPDATE projection_state SET generation = generation + 1") }

  private func processed() throws -> Int64 { try ConsumerOffsets.offset(MetricsService.name.rawValue, db) }
}

/// A stored projection: its attempt and the progress of its backfill.
struct ProjectionRow: Sendable {
  var id: Int64
  var launch: LaunchID
  var attempt: Int
  /// The `ProjectionSpec.key` of its spec.
  var key: String
  /// The next offset to read from the log; nil if the first one has not been determined yet.
  var next: Int64?
  /// The last offset to read from the log; the consumer adds later events.
  var until: Int64
  /// Whether it has day columns instead of tallies.
  var isAdoption: Bool
  /// The last offset that it counted before it was retired; nil if it still receives events.
  var retiredAt: Int64?
  var prunedBefore: Int64?
  var watermark: Timestamp?
  /// A counter that increases when its tallies change.
  var revision: Int

  /// Whether its backfill is complete.
  var isComplete: Bool { next.map { $0 > until } ?? false }

  init?(_ row: Row) throws {
    guard let launch = LaunchID(try row.text("launch")) else { return nil }
    self.launch = launch
    id = try row.integer("id")
    attempt = try row.int("attempt")
    key = try row.text("spec")
    next = try row.optionalInteger("next_offset")
    until = try row.integer("until_offset")
    isAdoption = try row.text("kind") == ProjectionSpec.adoptionKind
    retiredAt = try row.optionalInteger("retired_at")
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
