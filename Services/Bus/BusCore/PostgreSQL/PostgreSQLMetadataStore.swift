import Contract
import LaunchModel
import Storage

/// The metadata store in the PostgreSQL schema of the log.
final class PostgreSQLMetadataStore: BusMetadataStore {
  let database: PostgreSQLBusDatabase

  init(_ database: PostgreSQLBusDatabase) { self.database = database }

  func consumers() throws(LogError) -> [String: Int64] {
    try database.read("cannot read the consumers", "SELECT name, \"offset\" FROM consumers") { rows in
      Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text("name"), try $0.integer("offset")) })
    }
  }

  func save(consumers: [String: Int64]) throws(LogError) {
    guard !consumers.isEmpty else { return }
    try database.transaction("cannot save the consumers") { transaction in
      _ = try transaction.execute(
        """
        INSERT INTO consumers (name, "offset") VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET "offset" = excluded."offset"
        """, each: consumers.map { [$0.key, $0.value] })
    }
  }

  func forget(consumer: String) throws(LogError) {
    try database.transaction("cannot remove the consumer") { transaction in
      _ = try transaction.execute("DELETE FROM consumers WHERE name = ?", [consumer])
    }
  }

  func rosterEvent() throws(LogError) -> [UInt8]? { try database.rosterCopy().verified() }
}

extension PostgreSQLMetadataStore {
  func quarantine(_ events: [QuarantinedEvent]) throws(LogError) -> [Int64] {
    try database.transaction("cannot write to the quarantine") { transaction in
      try events.map { try Self.insert($0, transaction) }
    }
  }

  /// Puts an event into quarantine, and returns the id of its entry.
  @discardableResult
  static func insert(_ event: QuarantinedEvent, _ transaction: BlockingTransaction) throws -> Int64 {
    let entry = event.entry
    let row = try transaction.queryOne(
      """
      INSERT INTO quarantine (consumer, "offset", code, detail, attempts, at, status, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (consumer, "offset") DO UPDATE SET code = excluded.code, detail = excluded.detail,
        attempts = excluded.attempts, at = excluded.at, status = excluded.status
      RETURNING id
      """,
      [
        entry.consumer, entry.offset, entry.code.storable, entry.detail.storable, entry.attempts, entry.at,
        entry.status.rawValue, event.bytes,
      ])
    return try row?.integer("id") ?? 0
  }

  func trimQuarantine(of consumer: String, to count: Int) throws(LogError) {
    try database.transaction("cannot trim the quarantine") { transaction in
      _ = try transaction.execute(
        """
        DELETE FROM quarantine WHERE consumer = ? AND id <= (
          SELECT id FROM quarantine WHERE consumer = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
        """, [consumer, consumer, count])
    }
  }

  func quarantined(
    _ query: QuarantineListParameters, max count: Int, bytes: Int
  ) throws(LogError) -> (events: [QuarantinedEvent], total: Int) {
    let purpose = "cannot read the quarantine"
    let status = query.status?.rawValue
    let arguments: [any SQLValueConvertible] = [query.consumer, query.consumer, status, status]
    let total = try database.read(
      purpose,
      """
      SELECT COUNT(*) AS total FROM quarantine
      WHERE (CAST(? AS TEXT) IS NULL OR consumer = ?) AND (CAST(? AS TEXT) IS NULL OR status = ?)
      """, arguments
    ) { try $0.first?.int("total") ?? 0 }
    let events = try database.read(
      purpose,
      """
      SELECT * FROM (
        SELECT *, sum(octet_length(bytes)) OVER (ORDER BY id) AS size, row_number() OVER (ORDER BY id) AS place
        FROM quarantine
        WHERE (CAST(? AS TEXT) IS NULL OR consumer = ?) AND (CAST(? AS TEXT) IS NULL OR status = ?) AND id > ?
      ) AS chosen WHERE place <= ? AND (size <= ? OR place = 1) ORDER BY id
      """, arguments + [query.after ?? 0, count, bytes]
    ) { try $0.map(Self.event) }
    return (events, total)
  }

  func quarantined(_ selection: QuarantineSelection, max count: Int) throws(LogError) -> [QuarantinedEvent] {
    let purpose = "cannot read the quarantine"
    guard let ids = selection.ids else {
      return try database.read(
        purpose, "SELECT * FROM quarantine WHERE consumer = ? ORDER BY id LIMIT ?", [selection.consumer, count]
      ) { try $0.map(Self.event) }
    }
    var events: [QuarantinedEvent] = []
    for id in ids.prefix(count) {
      events += try database.read(
        purpose, "SELECT * FROM quarantine WHERE id = ? AND (CAST(? AS TEXT) IS NULL OR consumer = ?)",
        [id, selection.consumer, selection.consumer]
      ) { try $0.map(Self.event) }
    }
    return events
  }

  func update(_ entry: QuarantineEntry) throws(LogError) {
    try database.transaction("cannot write to the quarantine") { transaction in
      _ = try transaction.execute(
        "UPDATE quarantine SET code = ?, detail = ?, attempts = ?, at = ?, status = ? WHERE id = ?",
        [entry.code.storable, entry.detail.storable, entry.attempts, entry.at, entry.status.rawValue, entry.id])
    }
  }

  func markRetrying(_ ids: [Int64]) throws(LogError) {
    try database.transaction("cannot write to the quarantine") { transaction in
      _ = try transaction.execute(
        "UPDATE quarantine SET status = ? WHERE id = ?",
        each: ids.map { [QuarantineEntry.Status.retrying.rawValue, $0] })
    }
  }

  func discard(_ ids: [Int64]) throws(LogError) -> Int {
    try database.transaction("cannot write to the quarantine") { transaction in
      try transaction.execute("DELETE FROM quarantine WHERE id = ?", each: ids.map { [$0] })
    }
  }

  private static func event(_ row: Row) throws -> QuarantinedEvent {
    let entry = QuarantineEntry(
      id: try row.integer("id"), consumer: try row.text("consumer"), offset: try row.optionalInteger("offset"),
      code: try row.text("code"), detail: try row.text("detail"), attempts: try row.int("attempts"),
      at: try row.timestamp("at"), status: QuarantineEntry.Status(rawValue: try row.text("status")) ?? .held)
    return QuarantinedEvent(entry: entry, bytes: try row.blob("bytes"))
  }
}

extension String {
  /// The text in a form that PostgreSQL accepts: U+0000, which it rejects, is replaced by U+FFFD.
  fileprivate var storable: String { utf8.contains(0) ? replacing("\u{0}", with: "\u{FFFD}") : self }
}
