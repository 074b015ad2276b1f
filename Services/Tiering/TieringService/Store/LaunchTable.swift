import LaunchModel
import Storage
import TieringCore

/// A launch as it is kept: its record, and what the owners of its life have announced.
struct LaunchRow {
  var record: LaunchRecord
  var progress: LaunchProgress
}

/// The launches.
struct LaunchTable {
  let db: any Transaction

  /// - Throws: `launch-not-found`.
  func required(_ id: LaunchID) throws -> LaunchRow {
    guard let row = try find(id) else {
      throw Problem.notFound("launch-not-found", title: "no such launch", "there is no launch \(id)")
    }
    return row
  }

  func find(_ id: LaunchID) throws -> LaunchRow? {
    try db.queryOne("SELECT record, progress FROM launches WHERE id = ?", [id]).map { row in
      LaunchRow(
        record: try row.json("record", as: LaunchRecord.self),
        progress: try row.json("progress", as: LaunchProgress.self))
    }
  }

  /// The launches whose status changes by time alone until that moment.
  func due(until now: Timestamp) throws -> [LaunchID] {
    try db.query("SELECT id FROM launches WHERE next_change <= ? ORDER BY next_change, id", [now])
      .compactMap { LaunchID(try $0.text("id")) }
  }

  /// The launches whose dates lie ahead, ascending.
  func ahead() throws -> [LaunchID] {
    let ahead = LaunchStatus.allCases.filter(\.isAhead)
    return try db.query("SELECT id, status FROM launches ORDER BY id").compactMap { row in
      let status = try row.text("status")
      return ahead.contains { $0.rawValue == status } ? LaunchID(try row.text("id")) : nil
    }
  }

  func save(_ row: LaunchRow, nextChange: Timestamp?) throws {
    let (record, plan) = (row.record, row.record.plan)
    try db.execute(
      """
      INSERT INTO launches (
        id, name, owner, tier, date, status, shortfall_days, version, record, progress, next_change, placed_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, owner = excluded.owner, tier = excluded.tier,
        date = excluded.date, status = excluded.status, shortfall_days = excluded.shortfall_days,
        version = excluded.version, record = excluded.record, progress = excluded.progress,
        next_change = excluded.next_change, placed_at = excluded.placed_at
      """,
      [
        plan.launch, plan.name, plan.owner, record.tier.rawValue, plan.date, record.status.rawValue,
        record.shortfall?.days ?? 0, record.version, try SQLValue.json(record), try SQLValue.json(row.progress),
        nextChange, record.placedAt,
      ])
  }
}

extension LaunchTable {
  /// What conflicts are found by, without reading any record: the launches that are planned on these days.
  func planned(from: LocalDate, to: LocalDate) throws -> [PlannedLaunch] {
    try db.query(
      """
      SELECT id, name, owner, tier, date, status, placed_at FROM launches
      WHERE date >= ? AND date <= ? ORDER BY date, id
      """, [from, to]
    ).map { row in
      guard let id = LaunchID(try row.text("id")), let tier = Tier(rawValue: try row.int("tier")),
        let status = LaunchStatus(rawValue: try row.text("status"))
      else { throw Problem.internalError("a launch is stored with an id, tier or status that there is not") }
      return PlannedLaunch(
        launch: id, name: try row.text("name"), owner: try row.text("owner"), tier: tier, date: try row.date("date"),
        status: status, placedAt: try row.timestamp("placed_at"))
    }
  }
}

extension LaunchTable {
  /// Lists without reading any record.
  func list(_ filter: LaunchFilter) throws -> [LaunchSummary] {
    var conditions: [(sql: String, argument: any SQLValueConvertible)] = []
    if let tier = filter.tier { conditions.append(("tier = ?", tier.rawValue)) }
    if let status = filter.status { conditions.append(("status = ?", status.rawValue)) }
    if let owner = filter.owner { conditions.append(("owner = ?", owner)) }
    if let from = filter.from { conditions.append(("date >= ?", from)) }
    if let to = filter.to { conditions.append(("date <= ?", to)) }
    let columns = "SELECT id, name, tier, date, status, owner, shortfall_days, version FROM launches"
    let condition = conditions.isEmpty ? "" : " WHERE " + conditions.map(\.sql).joined(separator: " AND ")
    let rows = try db.query(columns + condition + " ORDER BY date, id", conditions.map(\.argument))
    return try rows.map { try summary($0) }
  }

  private func summary(_ row: Row) throws -> LaunchSummary {
    guard let id = LaunchID(try row.text("id")), let tier = Tier(rawValue: try row.int("tier")),
      let status = LaunchStatus(rawValue: try row.text("status"))
    else { throw Problem.internalError("a launch is stored with an id, tier or status that there is not") }
    return LaunchSummary(
      id: id, name: try row.text("name"), tier: tier, date: try row.date("date"), status: status,
      owner: try row.text("owner"), shortfallDays: try row.int("shortfall_days"), version: try row.int("version"))
  }
}
