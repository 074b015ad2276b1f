import Contract
import LaunchModel
import Storage

/// Finding damage: rows that are missing or changed, and keys that contradict the events.
extension PostgreSQLEventLog {
  /// The number of newest events that are verified when the log is opened.
  private static let verifiedAtStart: Int64 = 1_000

  func verifyAtStart() throws(LogError) {
    let start = max(bounds.first - 1, bounds.head - Self.verifiedAtStart)
    _ = try verify(from: .events(after: start), atMost: Int(Self.verifiedAtStart))
  }

  func verify(from cursor: VerificationCursor, atMost count: Int) throws(LogError) -> VerificationPage {
    let page =
      switch cursor {
      case .events(let offset): try verifyEvents(after: offset, atMost: max(1, count))
      case .keys(let key): try verifyKeys(after: key, atMost: max(1, count))
      }
    for found in page.damage { damage.add(found.kind, found.offsets) }
    return page
  }

  private func verifyEvents(after offset: Int64, atMost count: Int) throws(LogError) -> VerificationPage {
    var page = VerificationPage()
    let start = min(max(offset, bounds.first - 1), bounds.head)
    let last = min(bounds.head, start + Int64(count))
    var expected = start + 1
    while expected <= last {
      let upper = min(last, expected - 1 + Self.chunk.events)
      let rows = try rows(after: expected - 1, through: upper)
      if rows.isEmpty {
        page.damage.add(.missing, expected...upper)
        expected = upper + 1
        continue
      }
      var intact: [LoggedEvent] = []
      for (offset, event) in rows {
        if offset > expected { page.damage.add(.missing, expected...(offset - 1)) }
        expected = offset + 1
        if let event { intact.append(event) } else { page.damage.add(.changed, offset) }
      }
      for offset in try withoutKey(intact) { page.damage.add(.keys, offset) }
    }
    page.verified = Int(last - start)
    page.next = last < bounds.head ? .events(after: last) : .keys(after: nil)
    return page
  }

  /// Returns the rows in a range, as many as fit, each with its event, or nil if that is damaged.
  private func rows(
    after offset: Int64, through last: Int64
  ) throws(LogError) -> [(offset: Int64, event: LoggedEvent?)] {
    let purpose = "cannot read the log"
    let rows = try database.query(purpose, Self.select, Self.arguments(after: offset, through: last))
    do {
      return try rows.map { (try $0.integer("offset"), try LoggedEvent(intact: $0)) }
    } catch {
      throw LogError(storage: error, purpose)
    }
  }

  /// Returns the offsets of the events whose key is missing or belongs to an event with another source or id.
  private func withoutKey(_ events: [LoggedEvent]) throws(LogError) -> [Int64] {
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    let scanned = events.compactMap { stored in stored.scanned(&scanner).map { (stored.offset, $0) } }
    let keys = KeyColumns(scanned.map(\.1))
    return try database.transaction("cannot read the log") { transaction in
      let rows = try transaction.query(
        """
        SELECT given.place, known."offset" FROM unnest(?, ?) WITH ORDINALITY AS given (source, id, place)
        LEFT JOIN LATERAL (
          SELECT "offset" FROM event_keys WHERE source = given.source AND id = given.id OFFSET 0) AS known ON true
        """, arrays: [keys.sources, keys.ids])
      return try rows.compactMap { row in
        let (offset, event) = scanned[try row.int("place") - 1]
        guard let found = try row.optionalInteger("offset") else { return offset }
        if found == offset { return nil }
        // An event that an earlier damage let in twice has one key, which belongs to the other.
        return try self.hasKey(event, at: found, transaction) ? nil : offset
      }
    }
  }

  private func hasKey(_ event: ScannedEvent, at offset: Int64, _ transaction: BlockingTransaction) throws -> Bool {
    guard offset >= bounds.first, offset <= bounds.head else { return false }
    let row = try transaction.queryOne(Self.select, Self.arguments(after: offset - 1, through: offset))
    guard let stored = try row.flatMap({ try LoggedEvent(intact: $0) }) else { return false }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    return stored.scanned(&scanner).map { EventKey($0) == EventKey(event) } ?? false
  }

  private func verifyKeys(after start: EventKey?, atMost count: Int) throws(LogError) -> VerificationPage {
    let previous = start ?? EventKey(source: [], id: [])
    return try database.transaction("cannot read the log") { transaction in
      var page = VerificationPage()
      let rows = try transaction.query(
        """
        SELECT known.source, known.id, known."offset" AS claimed, events.* FROM (
          SELECT source, id, "offset" FROM event_keys WHERE (source, id) > (?, ?) ORDER BY source, id LIMIT ?
        ) AS known LEFT JOIN LATERAL (SELECT * FROM events WHERE "offset" = known."offset" OFFSET 0) AS events ON true
        ORDER BY known.source, known.id
        """,
        [
          String(decoding: previous.source, as: UTF8.self), String(decoding: previous.id, as: UTF8.self), count,
        ])
      var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
      for row in rows {
        let (source, id, offset) = (try row.text("source"), try row.text("id"), try row.integer("claimed"))
        page.verified += 1
        if offset < self.bounds.first || offset > self.bounds.head {
          page.damage.add(.keys, offset)
        } else if try row.optionalInteger("offset") != nil, let event = try LoggedEvent(intact: row)?.scanned(&scanner)
        {
          if KeyColumns.key(of: event) != KeyColumns.Key(source: source, id: id) { page.damage.add(.keys, offset) }
        }
        page.next = .keys(after: EventKey(source: Array(source.utf8), id: Array(id.utf8)))
      }
      if rows.count < count { page.next = nil }
      return page
    }
  }
}

extension LoggedEvent {
  /// Restores an event from a row of `events` and verifies it.
  ///
  /// - Throws: `LogError.corrupt` if the event does not match what was stored.
  init(row: Row) throws {
    try self.init(
      verifying: try row.blob("bytes"), offset: try row.integer("offset"), storedAt: try row.timestamp("stored_at"),
      checksum: try row.integer("checksum"), typeStart: try row.int("type_start"),
      typeLength: try row.int("type_length"))
  }

  /// Restores an event from a row of `events`; nil if it does not match what was stored.
  init?(intact row: Row) throws {
    do {
      try self.init(row: row)
    } catch LogError.corrupt {
      return nil
    }
  }
}
