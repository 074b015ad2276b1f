import JSON
import Contract
import LaunchModel
import ReviewCore
import Storage

/// The stored events of launches that appear on their agendas.
struct TimelineRepository {
  let db: any Transaction

  func add(_ events: [TimelineEvent], launch: String, offset: Int64) throws {
    for (part, event) in events.enumerated() {
      try db.execute(
        "INSERT INTO story (launch, log_offset, part, kind, at, attempt, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [launch, offset, part, event.kind.rawValue, event.at, event.attempt, event.detail])
    }
  }

  func events(of launch: LaunchID) throws -> [TimelineEvent] {
    try db.query(
      "SELECT kind, at, attempt, detail FROM story WHERE launch = ? ORDER BY log_offset, part", [launch]
    ).compactMap { row in
      try TimelineEvent.Kind(rawValue: row.text("kind")).map {
        TimelineEvent(
          kind: $0, at: try row.timestamp("at"), attempt: try row.optionalInt("attempt"), detail: try row.text("detail")
        )
      }
    }
  }

  /// Stores when an item was last done.
  func done(_ item: ItemReference, launch: String, at: Timestamp) throws {
    try db.execute(
      """
      INSERT INTO items_done (launch, item, instance, done_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, item, instance) DO UPDATE SET done_at = excluded.done_at
      """, [launch, item.key, item.instance ?? "", at])
  }

  func doneAt(_ launch: LaunchID) throws -> [ItemReference: Timestamp] {
    let rows = try db.query("SELECT item, instance, done_at FROM items_done WHERE launch = ?", [launch])
    let pairs = try rows.map { row in
      let instance = try row.text("instance")
      return (
        ItemReference(key: try row.text("item"), instance: instance.isEmpty ? nil : instance),
        try row.timestamp("done_at")
      )
    }
    return Dictionary(pairs, uniquingKeysWith: { _, last in last })
  }

  func saveMetrics(_ keys: [String], launch: String) throws {
    try db.execute(
      """
      INSERT INTO sealed_metrics (launch, metrics) VALUES (?, ?)
      ON CONFLICT (launch) DO UPDATE SET metrics = excluded.metrics
      """, [launch, try SQLValue.json(keys)])
  }

  /// The keys of the sealed metrics; empty before the seal.
  func metrics(of launch: LaunchID) throws -> [String] {
    try db.queryOne("SELECT metrics FROM sealed_metrics WHERE launch = ?", [launch])?.json("metrics", as: [String].self)
      ?? []
  }
}
