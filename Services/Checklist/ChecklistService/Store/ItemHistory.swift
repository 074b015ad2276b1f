import ChecklistCore
import LaunchModel
import Storage

/// What was done with each item.
struct ItemHistory {
  let db: any Transaction

  /// An item's entries, the first one first; only those after a version of the item, where one is given.
  func load(_ launch: LaunchID, _ item: ItemReference, after version: Int = 0) throws -> [HistoryEntry] {
    try db.query(
      """
      SELECT at, actor, action, detail FROM item_history
      WHERE launch = ? AND item = ? AND instance = ? AND item_version > ? ORDER BY entry
      """, [launch, item.key, item.instance ?? "", version]
    ).map {
      HistoryEntry(
        at: try $0.timestamp("at"), by: try $0.text("actor"), action: try $0.text("action"),
        detail: try $0.optionalText("detail"))
    }
  }

  /// Adds what was done, with the version that the item has by it.
  func add(
    _ event: ItemEvent, of launch: LaunchID, version: Int, by actor: String, at now: Timestamp
  ) throws {
    let instance = event.item.instance ?? ""
    try db.execute(
      """
      INSERT INTO item_history (launch, item, instance, entry, at, actor, action, detail, item_version)
      VALUES (?, ?, ?, (
        SELECT COALESCE(MAX(entry), 0) + 1 FROM item_history WHERE launch = ? AND item = ? AND instance = ?),
        ?, ?, ?, ?, ?)
      """,
      [
        launch, event.item.key, instance, launch, event.item.key, instance, now, actor, event.step.action,
        event.step.detail, version,
      ])
  }
}
