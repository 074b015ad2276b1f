import Contract
import JSON
import LaunchModel
import Storage
import TieringCore

/// A stored launch: its record, and what other services have announced about it.
struct LaunchRow {
  var record: LaunchRecord
  var progress: LaunchProgress
}

/// The stored launches.
struct LaunchRepository {
  let db: any Transaction

  /// - Throws: `launch-not-found`.
  func required(_ id: LaunchID) throws -> LaunchRow {
    guard let row = try find(id) else { throw Problem.noLaunch(id, among: try ids()) }
    return row
  }

  /// The ids of all launches.
  func ids() throws -> [String] { try db.query("SELECT id FROM launches").map { try $0.text("id") } }

  func find(_ id: LaunchID) throws -> LaunchRow? {
    try db.queryOne("SELECT record, progress FROM launches WHERE id = ?", [id]).map { row in
      LaunchRow(
        record: try row.json("record", as: LaunchRecord.self),
        progress: try row.json("progress", as: LaunchProgress.self))
    }
  }

  /// The launches whose status time alone changes at or before a moment.
  func due(until now: Timestamp) throws -> [LaunchID] {
    try db.query("SELECT id FROM launches WHERE next_change <= ? ORDER BY next_change, id", [now])
      .compactMap { LaunchID(try $0.text("id")) }
  }

  /// The launches that are neither closed nor cancelled, ascending.
  func unfinished() throws -> [LaunchID] {
    try db.query(
      "SELECT id FROM launches WHERE status NOT IN (?, ?) ORDER BY id",
      [LaunchStatus.closed.rawValue, LaunchStatus.cancelled.rawValue]
    ).compactMap { LaunchID(try $0.text("id")) }
  }

  func save(_ row: LaunchRow, nextChange: Timestamp?, reconfirmOn: LocalDate?) throws {
    let (record, plan) = (row.record, row.record.plan)
    try db.execute(
      """
      INSERT INTO launches (
        id, name, owner, tier, date, status, shortfall_days, version, record, progress, next_change, placed_at,
        shortfall_waived, reconfirm_on)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, owner = excluded.owner, tier = excluded.tier,
        date = excluded.date, status = excluded.status, shortfall_days = excluded.shortfall_days,
        version = excluded.version, record = excluded.record, progress = excluded.progress,
        next_change = excluded.next_change, placed_at = excluded.placed_at,
        shortfall_waived = excluded.shortfall_waived, reconfirm_on = excluded.reconfirm_on
      """,
      [
        plan.launch, plan.name, plan.owner, record.tier.rawValue, plan.date, record.status.rawValue,
        record.shortfall?.days ?? 0, record.version, try SQLValue.json(record), try SQLValue.json(row.progress),
        nextChange, record.placedAt, record.shortfall?.waived != nil, reconfirmOn,
      ])
  }
}

extension LaunchRepository {
  /// The launches planned from one day to another, for finding conflicts; does not decode their records.
  ///
  /// - Parameter tier: the least demanding tier to include; by default all tiers.
  func planned(from: LocalDate, to: LocalDate, tier: Tier = .minor) throws -> [PlannedLaunch] {
    try db.query(
      """
      SELECT id, name, owner, tier, date, status, placed_at FROM launches
      WHERE date >= ? AND date <= ? AND tier <= ? ORDER BY date, id
      """, [from, to, tier.rawValue]
    ).map { row in
      guard let id = LaunchID(try row.text("id")), let tier = Tier(rawValue: try row.int("tier")),
        let status = LaunchStatus(rawValue: try row.text("status"))
      else { throw Problem.internalError("a stored launch has an invalid id, tier or status") }
      return PlannedLaunch(
        launch: id, name: try row.text("name"), owner: try row.text("owner"), tier: tier, date: try row.date("date"),
        status: status, placedAt: try row.timestamp("placed_at"))
    }
  }
}

extension LaunchRepository {
  /// A note about other unfinished launches whose rollout uses the same flag; empty if there are none.
  ///
  /// A change of a flag counts as an exposure of every launch that uses it.
  func flagNotes(of plan: LaunchPlan) throws -> [String] {
    guard let flag = plan.rollout?.flag else { return [] }
    let others = try unfinished(flag: flag).filter { $0 != plan.launch }
    guard !others.isEmpty else { return [] }
    let more = others.count > Self.mostNamed ? " and \(others.count - Self.mostNamed) more" : ""
    let named = others.prefix(Self.mostNamed).map(\.rawValue).joined(separator: ", ") + more
    return [
      "the flag \(flag) is also used by \(named): changing it exposes all of them; give this launch its own flag "
        + "(gonogo launch set \(plan.launch) rollout.flag=KEY)"
    ]
  }

  /// The maximum number of other launches that a note names.
  private static let mostNamed = 3

  /// The launches that are neither closed nor cancelled and whose rollout has the flag, ascending.
  private func unfinished(flag: String) throws -> [LaunchID] {
    // Records are compact JSON, so this pattern selects the few that have to be decoded.
    let member = "\"flag\":" + String(decoding: JSONValue.string(flag).serialized(), as: UTF8.self)
    let escaped = member.map { "%_!".contains($0) ? "!\($0)" : String($0) }.joined()
    return try db.query(
      "SELECT record FROM launches WHERE status NOT IN (?, ?) AND record LIKE ? ESCAPE '!' ORDER BY id",
      [LaunchStatus.closed.rawValue, LaunchStatus.cancelled.rawValue, "%\(escaped)%"]
    ).compactMap { row in
      let plan = try row.json("record", as: LaunchRecord.self).plan
      return plan.rollout?.flag == flag ? plan.launch : nil
    }
  }
}

extension LaunchRepository {
  /// Lists launches without decoding their records.
  ///
  /// - Throws: `invalid` if the limit or the continuation is invalid.
  func list(_ filter: LaunchFilter) throws -> LaunchList {
    let limit = filter.limit ?? LaunchFilter.maximum
    guard (1...LaunchFilter.maximum).contains(limit) else {
      throw Problem.invalid(
        "invalid-limit", pointer: "/limit", "the limit must be from 1 to \(LaunchFilter.maximum), not \(limit)")
    }
    let launches = try rows(filter, limit: limit + 1)
    guard launches.count > limit else { return LaunchList(launches: launches) }
    let shown = Array(launches.prefix(limit))
    return LaunchList(launches: shown, next: shown.last.map { "\($0.date)/\($0.id)" })
  }

  private func rows(_ filter: LaunchFilter, limit: Int) throws -> [LaunchSummary] {
    var conditions: [String] = []
    var arguments: [any SQLValueConvertible] = []
    func require(_ condition: String, _ values: (any SQLValueConvertible)?...) {
      let present = values.compactMap(\.self)
      guard present.count == values.count else { return }
      conditions.append(condition)
      arguments += present
    }
    let after = try filter.after.map(Self.continuation)
    require("tier = ?", filter.tier?.rawValue)
    require("status = ?", filter.status?.rawValue)
    require("owner = ?", filter.owner)
    require("date >= ?", filter.from)
    require("date <= ?", filter.to)
    require("(date > ? OR (date = ? AND id > ?))", after?.date, after?.date, after?.id)
    let columns = "SELECT id, name, tier, date, status, owner, shortfall_days, shortfall_waived, version FROM launches"
    let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    return try db.query(columns + condition + " ORDER BY date, id LIMIT ?", arguments + [limit]).map(summary)
  }

  /// The position at which a list continues.
  private static func continuation(_ text: String) throws(Problem) -> (date: LocalDate, id: LaunchID) {
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count == 2, let date = LocalDate(parts[0]), let id = LaunchID(parts[1]) else {
      throw .invalid(
        "invalid-continuation", pointer: "/after",
        "\"\(text)\" is not a position in the list; pass the next of a previous answer")
    }
    return (date, id)
  }

  private func summary(_ row: Row) throws -> LaunchSummary {
    guard let id = LaunchID(try row.text("id")), let tier = Tier(rawValue: try row.int("tier")),
      let status = LaunchStatus(rawValue: try row.text("status"))
    else { throw Problem.internalError("a stored launch has an invalid id, tier or status") }
    return LaunchSummary(
      id: id, name: try row.text("name"), tier: tier, date: try row.date("date"), status: status,
      owner: try row.text("owner"), shortfallDays: try row.int("shortfall_days"),
      shortfallWaived: try row.bool("shortfall_waived"), version: try row.int("version"))
  }
}
