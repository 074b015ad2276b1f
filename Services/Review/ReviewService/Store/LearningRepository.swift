import JSON
import Contract
import LaunchModel
import Storage

/// The stored learnings of all launches.
struct LearningRepository {
  let db: any Transaction

  private static let byID = "SELECT * FROM learnings WHERE id = ?"
  private static let byLaunch = "SELECT * FROM learnings WHERE launch = ? ORDER BY number"
  private static let inOrder = "SELECT * FROM learnings ORDER BY added_at, id"

  /// The learning with an id.
  ///
  /// - Throws: `learning-not-found`.
  func required(_ id: String) throws -> LearningView {
    guard let row = try db.queryOne(Self.byID, [id]) else {
      throw Problem.notFound(
        "learning-not-found", title: "no such learning", "no learning \"\(id)\"; see gonogo review learning list")
    }
    return try Self.learning(row)
  }

  func learnings(of launch: LaunchID) throws -> [LearningView] {
    try db.query(Self.byLaunch, [launch]).map(Self.learning)
  }

  func all() throws -> [LearningView] { try db.query(Self.inOrder).map(Self.learning) }

  /// Adds a learning with an id made of the launch's id and the next number.
  func add(to launch: LaunchID, text: String, by: String, at: Timestamp) throws -> LearningView {
    let last = try db.queryOne("SELECT MAX(number) AS last FROM learnings WHERE launch = ?", [launch])
    let number = (try last?.optionalInt("last") ?? 0) + 1
    let learning = LearningView(id: "\(launch)-l\(number)", launch: launch, text: text, by: by, at: at)
    try db.execute(
      "INSERT INTO learnings (id, launch, number, text, added_by, added_at) VALUES (?, ?, ?, ?, ?, ?)",
      [learning.id, launch, number, text, by, at])
    return learning
  }

  func propose(_ id: String, _ change: JSONValue, to target: LearningTarget, at: Timestamp) throws {
    try db.execute(
      "UPDATE learnings SET proposed_at = ?, change = ?, target = ? WHERE id = ?",
      [at, try SQLValue.json(change), target.rawValue, id])
  }

  /// Stores the version of the document with which a learning was adopted.
  func adopt(_ id: String, as version: Int) throws {
    try db.execute("UPDATE learnings SET adopted_as = ? WHERE id = ?", [version, id])
  }

  /// The latest adopted template version; nil if none is known yet.
  func templateVersion() throws -> Int? {
    try db.queryOne("SELECT version FROM template_version WHERE one = 1")?.int("version")
  }

  func saveTemplateVersion(_ version: Int) throws {
    try db.execute(
      """
      INSERT INTO template_version (one, version) VALUES (1, ?)
      ON CONFLICT (one) DO UPDATE SET version = excluded.version WHERE template_version.version < excluded.version
      """, [version])
  }

  private static func learning(_ row: Row) throws -> LearningView {
    guard let launch = LaunchID(try row.text("launch")) else {
      throw StorageError(.unreadable, "a row of the table learnings has an invalid launch")
    }
    let proposedAt = try row.optionalTimestamp("proposed_at")
    // Learnings proposed before targets existed have none; all of them change the template.
    let target = try row.optionalText("target").flatMap(LearningTarget.init(rawValue:))
    return LearningView(
      id: try row.text("id"), launch: launch, text: try row.text("text"), by: try row.text("added_by"),
      at: try row.timestamp("added_at"), proposedAt: proposedAt, adoptedAs: try row.optionalInt("adopted_as"),
      target: target ?? (proposedAt == nil ? nil : .template))
  }
}
