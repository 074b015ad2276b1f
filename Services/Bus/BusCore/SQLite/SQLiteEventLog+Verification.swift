import Contract
import GRDB
import LaunchModel

/// Finding damage: SQLite's pages carry no checksums, so rows may be missing, changed or exchanged without an error.
extension SQLiteEventLog {
  /// The number of newest events that are verified when the log is opened.
  static let verifiedAtStart = 10_000
  /// The number of keys up to which all are read when the log is opened.
  private static let keysReadAtStart: Int64 = 500_000

  /// Verifies the newest events and, of a log that is not too long, that each event has one key and that the keys are in
  /// order. A page of keys that was exchanged for another breaks both.
  func verifyAtStart() throws(LogError) {
    var cursor: VerificationCursor? = .events(after: max(bounds.first - 1, bounds.head - Int64(Self.verifiedAtStart)))
    while let from = cursor, case .events = from { cursor = try verify(from: from, atMost: 1_000).next }
    guard bounds.head - bounds.first < Self.keysReadAtStart else { return }
    try readAllKeys()
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
    let statements = try database.statements()
    page.damage = try database.access("cannot read the log") { _ in
      var damage: [LogDamage] = []
      var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
      for offset in stride(from: start + 1, through: last, by: 1) {
        if let kind = try fault(at: offset, statements, &scanner) { damage.add(kind, offset) }
      }
      return damage
    }
    page.verified = Int(last - start)
    page.next = last < bounds.head ? .events(after: last) : .keys(after: nil)
    return page
  }

  /// Returns what is wrong with the event at an offset. Each is looked up by itself: if pages were exchanged, rows may be
  /// read in order, but not found.
  private func fault(
    at offset: Int64, _ statements: LogStatements, _ scanner: inout EventScanner
  ) throws -> LogDamage.Kind? {
    let select = statements.selectRange
    select.bind(offset - 1, at: 1)
    select.bind(offset, at: 2)
    defer { select.reset() }
    do {
      guard try select.step(), select.integer(0) == offset else { return .missing }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      return .missing
    }
    return try fault(in: select, statements, &scanner)
  }

  /// Returns what is wrong with the event in a statement's current row.
  private func fault(
    in row: PreparedStatement, _ statements: LogStatements, _ scanner: inout EventScanner
  ) throws -> LogDamage.Kind? {
    let stored: LoggedEvent
    do {
      stored = try statements.event(row)
    } catch LogError.corrupt {
      return .changed
    }
    guard let event = stored.scanned(&scanner) else { return nil }
    let found: Int64?
    do {
      found = try offset(of: EventKey(event), statements)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      return .keys
    }
    if found == stored.offset { return nil }
    // An event that an earlier damage let in twice has one key, which belongs to the other.
    guard let found, try isSame(EventKey(event), at: found, statements) else { return .keys }
    return nil
  }

  private func offset(of key: EventKey, _ statements: LogStatements) throws -> Int64? {
    let find = statements.findKey
    return try key.source.withUnsafeBytes { source in
      try key.id.withUnsafeBytes { id in
        find.bind(text: source, at: 1)
        find.bind(text: id, at: 2)
        defer { find.reset() }
        return try find.step() ? find.integer(0) : nil
      }
    }
  }

  /// Whether the event at an offset is not damaged and has that source and id.
  private func isSame(_ key: EventKey, at offset: Int64, _ statements: LogStatements) throws -> Bool {
    guard offset >= bounds.first, offset <= bounds.head, let stored = try statements.event(at: offset) else {
      return false
    }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    return stored.scanned(&scanner).map { EventKey($0) == key } ?? false
  }
}

extension SQLiteEventLog {
  private func verifyKeys(after start: EventKey?, atMost count: Int) throws(LogError) -> VerificationPage {
    var page = VerificationPage()
    var previous = start ?? EventKey(source: [], id: [])
    var found: [(key: EventKey, offset: Int64)] = []
    do throws(LogError) {
      found = try keys(after: previous, atMost: count)
    } catch {
      guard case .damaged = error else { throw error }
      page.damage.add(.keys, bounds.first...max(bounds.first, bounds.head))
      return page
    }
    for (key, offset) in found {
      guard previous < key else {
        page.damage.add(.keys, offset)
        return page
      }
      previous = key
      page.verified += 1
      guard offset >= bounds.first, offset <= bounds.head else {
        page.damage.add(.keys, offset)
        continue
      }
      // A damaged event is reported itself.
      guard let stored = try event(at: offset) else { continue }
      var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
      if let event = stored.scanned(&scanner), EventKey(event) != key { page.damage.add(.keys, offset) }
    }
    if found.count == count { page.next = .keys(after: previous) }
    return page
  }

  private func keys(
    after key: EventKey, atMost count: Int
  ) throws(LogError) -> [(key: EventKey, offset: Int64)] {
    let select = try database.statements().selectKeys
    return try database.access("cannot read the log") { _ in
      try key.source.withUnsafeBytes { source in
        try key.id.withUnsafeBytes { id in
          select.bind(text: source, at: 1)
          select.bind(text: id, at: 2)
          select.bind(Int64(count), at: 3)
          defer { select.reset() }
          var found: [(key: EventKey, offset: Int64)] = []
          while try select.step() {
            found.append((EventKey(source: Array(select.bytes(0)), id: Array(select.bytes(1))), select.integer(2)))
          }
          return found
        }
      }
    }
  }

  /// Reads all keys in order, without the events.
  private func readAllKeys() throws(LogError) {
    let bounds = bounds
    guard bounds.head >= bounds.first else { return }
    var hasKey = [Bool](repeating: false, count: Int(bounds.head - bounds.first + 1))
    var found: [LogDamage] = []
    do throws(LogError) {
      let select = try database.statements().selectAllKeys
      try database.access("cannot read the log") { _ in
        defer { select.reset() }
        var (previous, current): ([UInt8], [UInt8]) = ([], [])
        while try select.step() {
          current.removeAll(keepingCapacity: true)
          current.append(contentsOf: select.bytes(0))
          // Neither contains a zero byte, so that both together are in the order of source and id.
          current.append(0)
          current.append(contentsOf: select.bytes(1))
          let offset = select.integer(2)
          let isInOrder = previous.lexicographicallyPrecedes(current)
          swap(&previous, &current)
          let index = offset >= bounds.first && offset <= bounds.head ? Int(offset - bounds.first) : nil
          guard isInOrder, let index, !hasKey[index] else {
            found.add(.keys, offset)
            continue
          }
          hasKey[index] = true
        }
      }
    } catch {
      guard case .damaged = error else { throw error }
      found.add(.keys, bounds.first...bounds.head)
    }
    for index in hasKey.indices where !hasKey[index] {
      let offset = bounds.first + Int64(index)
      // A damaged event has no key to look for, and an event that was stored twice has one key only.
      if let stored = try event(at: offset), try !hasKeyElsewhere(stored) { found.add(.keys, offset) }
    }
    for found in found { damage.add(found.kind, found.offsets) }
  }

  /// Whether the event's source and id are recorded for another event that has them, too.
  private func hasKeyElsewhere(_ stored: LoggedEvent) throws(LogError) -> Bool {
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    guard let event = stored.scanned(&scanner) else { return true }
    let statements = try database.statements()
    return try database.access("cannot read the log") { _ in
      let key = EventKey(event)
      guard let other = try offset(of: key, statements) else { return false }
      return try isSame(key, at: other, statements)
    }
  }
}
