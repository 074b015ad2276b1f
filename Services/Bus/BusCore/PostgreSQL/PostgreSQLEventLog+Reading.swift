import LaunchModel
import Storage

extension PostgreSQLEventLog {
  /// Events that are fetched at once, at most, and their bytes; a single larger event comes all the same.
  private static let chunk = (events: Int64(512), bytes: Int64(4 << 20))

  static let select = """
    SELECT "offset", stored_at, checksum, type_start, type_length, bytes FROM (
      SELECT *, sum(octet_length(bytes)) OVER (ORDER BY "offset") AS size FROM events
      WHERE "offset" > ? AND "offset" <= ?
    ) AS chunk WHERE size <= ? OR "offset" = ? ORDER BY "offset"
    """

  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogFault) -> LogPage {
    var page = LogPage(events: [], searched: max(offset, bounds.first - 1))
    let last = min(bounds.head, page.searched + Int64(limits.examined))
    var bytes = 0
    while page.searched < last {
      for event in try chunk(after: page.searched, through: last) {
        if filter.matches(event) {
          bytes += event.bytes.count
          guard page.events.count < limits.events, bytes <= limits.bytes || page.events.isEmpty else { return page }
          page.events.append(event)
        }
        page.searched = event.offset
      }
    }
    return page
  }

  /// The next events, at least one, each verified.
  private func chunk(after offset: Int64, through last: Int64) throws(LogFault) -> [LoggedEvent] {
    let purpose = "cannot read the log"
    let rows = try database.query(purpose, Self.select, Self.arguments(after: offset, through: last))
    guard !rows.isEmpty else { throw .corrupt(offset: offset + 1) }
    do {
      return try rows.enumerated().map { place, row in
        // An offset that is not there is damage, too.
        let due = offset + 1 + Int64(place)
        guard try row.integer("offset") == due else { throw LogFault.corrupt(offset: due) }
        return try LoggedEvent(
          verifying: try row.blob("bytes"), offset: due, storedAt: try row.timestamp("stored_at"),
          checksum: try row.integer("checksum"), typeStart: try row.int("type_start"),
          typeLength: try row.int("type_length"))
      }
    } catch {
      throw LogFault(storage: error, purpose)
    }
  }

  static func arguments(after offset: Int64, through last: Int64) -> [any SQLValueConvertible] {
    [offset, min(last, offset + chunk.events), chunk.bytes, offset + 1]
  }

  func firstOffset(storedSince time: Timestamp) throws(LogFault) -> Int64 {
    try bounds.firstOffset(storedSince: time) { (offset) throws(LogFault) in
      let purpose = "cannot read the log"
      let rows = try database.query(purpose, "SELECT stored_at FROM events WHERE \"offset\" = ?", [offset])
      do {
        return try rows.first?.timestamp("stored_at")
      } catch {
        throw LogFault(storage: error, purpose)
      }
    }
  }
}
