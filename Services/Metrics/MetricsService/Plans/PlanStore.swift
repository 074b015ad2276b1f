import JSON
import LaunchModel
import MetricsCore
import Storage

/// Metric plans, every version of them.
struct PlanStore {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// The launch's history, up to a moment where one is given.
  func history(of launch: LaunchID, until moment: Timestamp? = nil) throws -> PlanHistory {
    let rows = try db.query(
      """
      SELECT version, action, at, actor, document, definition, digest, reason, retroactive
      FROM plans WHERE launch = ? AND at <= ? ORDER BY version
      """, [launch, moment ?? Timestamp(microseconds: .max)])
    return PlanHistory(entries: try rows.map(entry))
  }

  /// Adds a step, and keeps the tags that the plan maps to its feature.
  func add(_ entry: PlanHistory.Entry, to launch: LaunchID, feature: String) throws {
    try db.execute(
      """
      INSERT INTO plans (launch, version, action, at, actor, document, definition, digest, reason, retroactive)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        launch, entry.version, entry.action.rawValue, entry.at, entry.by, try SQLValue.json(entry.document),
        try entry.definition.map { try SQLValue.json($0) }, entry.digest, entry.reason, entry.isRetroactive,
      ])
    let plan = try entry.plan(feature: feature)
    try db.execute("DELETE FROM feature_tags WHERE launch = ?", [launch])
    for tag in plan.tags.sorted() {
      try db.execute(
        "INSERT INTO feature_tags (launch, tag, feature) VALUES (?, ?, ?)", [launch, tag, plan.feature])
    }
  }

  /// Which features the tags of all plans are mapped to.
  func tags() throws -> [String: Set<String>] {
    var tags: [String: Set<String>] = [:]
    for row in try db.query("SELECT tag, feature FROM feature_tags") {
      tags[try row.text("tag"), default: []].insert(try row.text("feature"))
    }
    return tags
  }

  private func entry(_ row: Row) throws -> PlanHistory.Entry {
    guard let action = PlanHistory.Entry.Action(rawValue: try row.text("action")) else {
      throw StorageError(.unreadable, "the table plans holds an action that this program does not know")
    }
    let isDefined = try row.optionalText("definition") != nil
    return PlanHistory.Entry(
      version: try row.int("version"), action: action, at: try row.timestamp("at"), by: try row.text("actor"),
      document: try row.json("document"), definition: isDefined ? .some(try row.json("definition")) : .none,
      digest: try row.optionalText("digest"),
      reason: try row.optionalText("reason"), isRetroactive: try row.bool("retroactive"))
  }
}
