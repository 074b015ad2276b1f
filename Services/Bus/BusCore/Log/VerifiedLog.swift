import Contract

/// A log as its verification sees it: the storage engine supplies pages of rows, and the rules are implemented here.
protocol VerifiedLog: EventLog {
  var damage: [LogDamage] { get set }

  /// Returns the next page of rows, by ascending offset; the engine chooses its size.
  ///
  /// - Returns: the rows, and the offset up to which they are complete, at least `offset` + 1. An offset up to there
  ///   without a row is missing.
  func storedEvents(after offset: Int64, through last: Int64) throws(LogError) -> (rows: [StoredRow], searched: Int64)

  /// Returns the offsets of the events beyond the end of the log; nil if there are none.
  func eventsBeyondEnd() throws(LogError) -> ClosedRange<Int64>?

  /// Returns the intact events at these offsets.
  func intactEvents(at offsets: [Int64]) throws(LogError) -> [Int64: LoggedEvent]

  /// Returns the offset recorded for each event's source and id; nil if none is recorded or the record cannot be read.
  func recordedOffsets(of events: [ScannedEvent]) throws(LogError) -> [Int64?]

  /// Returns the next records of sources and ids.
  func recordedKeys(after key: EventKey, atMost count: Int) throws(LogError) -> [RecordedKey]

  /// Returns an event's source and id in the form in which the engine records them.
  func recordedForm(of event: ScannedEvent) -> EventKey

  /// Returns the copy of the roster, with what the log records about it.
  func rosterCopy() throws(LogError) -> RosterCopy
}

/// A row of the table of events.
struct StoredRow {
  let offset: Int64
  /// The event; nil if the row is not as it was stored.
  let event: LoggedEvent?
}

/// A row of the record of sources and ids.
struct RecordedKey {
  let key: EventKey
  let offset: Int64
  /// False if the row does not follow the one before it; a look-up could then miss rows.
  var isInOrder = true
}

extension VerifiedLog {
  func verify(from cursor: VerificationCursor, atMost count: Int) throws(LogError) -> VerificationPage {
    var page =
      switch cursor {
      case .events(let offset): try verifyEvents(after: offset, atMost: max(1, count))
      case .keys(let key): try verifyKeys(after: key, atMost: max(1, count))
      }
    if cursor == .start, let roster = try rosterCopy().damage { page.damage.add(roster.kind, roster.offsets) }
    for found in page.damage { damage.add(found.kind, found.offsets) }
    return page
  }

  private func verifyEvents(after offset: Int64, atMost count: Int) throws(LogError) -> VerificationPage {
    var page = VerificationPage()
    let start = min(max(offset, bounds.first - 1), bounds.head)
    let last = min(bounds.head, start + Int64(count))
    var expected = start + 1
    while expected <= last {
      let (rows, searched) = try storedEvents(after: expected - 1, through: last)
      for row in rows {
        if row.offset > expected { page.damage.add(.missing, expected...(row.offset - 1)) }
        if row.event == nil { page.damage.add(.changed, row.offset) }
        expected = row.offset + 1
      }
      if searched >= expected { page.damage.add(.missing, expected...searched) }
      expected = searched + 1
      for offset in try offsetsWithoutKey(rows.compactMap(\.event)) { page.damage.add(.keys, offset) }
    }
    if last == bounds.head, let beyond = try eventsBeyondEnd() { page.damage.add(.end, beyond) }
    page.verified = Int(last - start)
    page.next = last < bounds.head ? .events(after: last) : .keys(after: nil)
    return page
  }

  /// Returns the offsets of events whose source and id are not recorded, or are recorded for a different event.
  func offsetsWithoutKey(_ events: [LoggedEvent]) throws(LogError) -> [Int64] {
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    var scanned: [(offset: Int64, event: ScannedEvent)] = []
    for event in events { if let found = event.scanned(&scanner) { scanned.append((event.offset, found)) } }
    var without: [Int64] = []
    for (event, recorded) in zip(scanned, try recordedOffsets(of: scanned.map(\.event))) where recorded != event.offset
    {
      // An event that was let in twice because of earlier damage has only one record, which belongs to the other copy.
      if let recorded, try isSame(event.event, at: recorded) { continue }
      without.append(event.offset)
    }
    return without
  }

  /// Whether the event at an offset is intact and has the source and id of the given event.
  private func isSame(_ event: ScannedEvent, at offset: Int64) throws(LogError) -> Bool {
    guard offset >= bounds.first, offset <= bounds.head, let other = try intactEvents(at: [offset])[offset] else {
      return false
    }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    return other.scanned(&scanner).map { EventKey($0) == EventKey(event) } ?? false
  }

  private func verifyKeys(after start: EventKey?, atMost count: Int) throws(LogError) -> VerificationPage {
    var page = VerificationPage()
    let recorded: [RecordedKey]
    do throws(LogError) {
      recorded = try recordedKeys(after: start ?? EventKey(source: [], id: []), atMost: count)
    } catch {
      guard case .damaged = error else { throw error }
      page.damage.add(.keys, bounds.first...max(bounds.first, bounds.head))
      return page
    }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    for first in stride(from: 0, to: recorded.count, by: eventsAtOnce) {
      let part = recorded[first..<min(first + eventsAtOnce, recorded.count)]
      let events = try intactEvents(at: part.map(\.offset).filter { $0 >= bounds.first && $0 <= bounds.head })
      for row in part {
        guard row.isInOrder else {
          page.damage.add(.keys, row.offset)
          return page
        }
        page.verified += 1
        guard row.offset >= bounds.first, row.offset <= bounds.head else {
          page.damage.add(.keys, row.offset)
          continue
        }
        // Damage of the event itself is reported separately.
        guard let event = events[row.offset]?.scanned(&scanner) else { continue }
        if recordedForm(of: event) != row.key { page.damage.add(.keys, row.offset) }
      }
    }
    if recorded.count == count { page.next = recorded.last.map { .keys(after: $0.key) } }
    return page
  }

  /// The maximum number of events in memory at once.
  private var eventsAtOnce: Int { 256 }
}
