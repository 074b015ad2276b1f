import ChecklistCore
import Contract
import JSON
import LaunchModel
import Storage

/// The stored evidence of items, one row per piece, so that adding a piece costs the same however much evidence an item
/// has.
///
/// Items stored by older versions have their evidence in their documents until they change.
struct EvidenceRepository {
  let db: any Transaction

  /// Returns the items of a launch with their evidence.
  ///
  /// - Parameter isCurrent: true if the items are in their current state; false if they are from an earlier moment.
  func complete(
    _ items: [ChecklistItem], of launch: LaunchID, isCurrent: Bool = true
  ) throws -> [ChecklistItem] {
    let rows = try db.query(
      """
      SELECT item, instance, piece, kind, value, actor, at, contrary, replaced_by FROM item_evidence
      WHERE launch = ? AND (replaced_by IS NULL OR ? = 0) ORDER BY item, instance, piece
      """, [launch, isCurrent])
    guard !rows.isEmpty else { return items }
    let pieces = try Dictionary(grouping: rows.map(NumberedEvidence.init), by: \.item)
    return items.map { item in
      guard item.evidence.isEmpty, let own = pieces[item.reference] else { return item }
      var item = item
      item.evidence = own.filter { $0.stood(at: item.attached) }.map(\.evidence)
      return item
    }
  }

  /// Stores the pieces that are not stored yet.
  func save(_ item: ChecklistItem, of launch: LaunchID) throws {
    guard item.attached > 0 else { return }
    let identity: [any SQLValueConvertible] = [launch, item.definition.key, item.instance ?? ""]
    let last = try db.queryOne(
      "SELECT MAX(piece) AS last FROM item_evidence WHERE launch = ? AND item = ? AND instance = ?", identity)
    let new = item.evidence.suffix(max(0, item.attached - (try last?.optionalInt("last") ?? 0)))
    for (number, piece) in zip((item.attached - new.count + 1)..., new) {
      if piece.kind.standsAlone {
        try db.execute(
          """
          UPDATE item_evidence SET replaced_by = ?
          WHERE launch = ? AND item = ? AND instance = ? AND kind = ? AND replaced_by IS NULL
          """, [number] + identity + [piece.kind.rawValue])
      }
      try db.execute(
        """
        INSERT INTO item_evidence (launch, item, instance, piece, kind, value, actor, at, contrary)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, identity + [number, piece.kind.rawValue, piece.value, piece.by, piece.at, piece.contrary])
    }
  }
}

/// A stored piece of evidence.
private struct NumberedEvidence {
  let item: ItemReference
  let number: Int
  /// The number of the piece that replaced it; nil if none did.
  let replacedBy: Int?
  let evidence: Evidence

  init(_ row: Row) throws {
    let kind = try row.text("kind")
    guard let known = EvidenceKind(rawValue: kind) else {
      throw StorageError(.unreadable, "column \"kind\" of item_evidence contains \"\(kind)\", no kind of evidence")
    }
    let instance = try row.text("instance")
    item = ItemReference(key: try row.text("item"), instance: instance.isEmpty ? nil : instance)
    number = try row.int("piece")
    replacedBy = try row.optionalInt("replaced_by")
    evidence = Evidence(
      kind: known, value: try row.text("value"), by: try row.optionalText("actor"),
      at: try row.optionalTimestamp("at"), contrary: try row.optionalBool("contrary"))
  }

  /// Whether it was stored but not yet replaced when a given number of pieces had been attached.
  func stood(at attached: Int) -> Bool { number <= attached && replacedBy.map { $0 > attached } ?? true }
}
