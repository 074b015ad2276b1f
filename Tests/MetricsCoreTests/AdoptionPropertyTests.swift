import Contract
import LaunchModel
@testable import MetricsCore
import TestSupport
import Testing

@Suite("Adoption compared with counting from scratch")
struct AdoptionPropertyTests {
  @Test(
    "Every figure, at any moment and as of any earlier one, equals a count of the events themselves",
    arguments: 0..<400)
  func figures(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let scenario = AdoptionScenario(&random)
    for _ in 0..<4 {
      let offset = Int64.random(in: 0...Int64(scenario.uses.count + scenario.changes.count), using: &random)
      let now = max(scenario.attempt.knownSince, scenario.storedAt(offset))
      for days in [scenario.days, 2] {
        let window = scenario.attempt.window(days: days)
        let found = scenario.figures(upTo: offset, window, asOf: now)
        #expect(
          found == scenario.counted(upTo: offset, window, asOf: now), "seed \(seed), offset \(offset), \(days) days")
      }
    }
  }

  @Test("Any order, repetition and batching of changes gives the same columns", arguments: 0..<100)
  func order(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let scenario = AdoptionScenario(&random)
    let changes = scenario.changeLog(upTo: .max)
    var expected = AdoptionColumns(scenario.span)
    let fit = changes.allSatisfy { expected.apply($0) }
    #expect(fit)
    var disturbed = AdoptionColumns(scenario.span)
    for change in (changes + changes.shuffled(using: &random).prefix(9)).shuffled(using: &random) {
      disturbed.apply(change)
    }
    #expect(disturbed == expected)
    var (low, high) = (AdoptionColumns(scenario.span), AdoptionColumns(scenario.span))
    for change in changes {
      if Bool.random(using: &random) { low.apply(change) } else { high.apply(change) }
    }
    high.merge(low, accounts: scenario.numbers.count)
    #expect(high == expected)
  }

  @Test(
    "Events in batches of any size give the same figures, even if their pairs change",
    arguments: 0..<100)
  func batches(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let scenario = AdoptionScenario(&random)
    let wanted = AdoptionBatch.Target(id: 1, feature: "f", span: scenario.span, offsets: 1...(.max))
    let other = AdoptionBatch.Target(id: 2, feature: "g", span: scenario.span, offsets: 9...(.max))
    var known = AdoptionBatch.Known()
    for target in [wanted, other] { known.set(target.id, AdoptionColumns(target.span)) }
    var rest = scenario.uses[...]
    while !rest.isEmpty {
      let part = rest.prefix(Int.random(in: 1...20, using: &random))
      rest.removeFirst(part.count)
      var batch = AdoptionBatch([wanted])
      for (index, use) in part.enumerated() {
        if index == 3 { batch.retarget([other, wanted]) }
        batch.add(use, to: known)
        if Bool.random(using: &random) { batch.add(use, to: known) }
      }
      let logs = batch.changes(to: known)
      let isRead = known.keys.append(encoded: batch.newKeys.encoded())
      #expect(isRead)
      for (target, log) in zip(batch.targets, logs) {
        known.update(target.id) { pair in
          let fits = AdoptionChangeLog.read(log.bytes) { pair.apply($0) }
          #expect(fits)
        }
      }
    }
    let window = scenario.attempt.window(days: scenario.days)
    let now = scenario.storedAt(.max)
    let accounts = AccountDirectory(scenario.changes)
    let found = known[1].map {
      AdoptionFigures(
        columns: $0, window: window, accounts: accounts, numbers: accounts.numbers(in: known.keys), asOf: now,
        bySegment: true)
    }
    #expect(found == scenario.counted(upTo: .max, window, asOf: now))
  }

  @Test("A stored log of changes is read back as written; other bytes are refused", arguments: 0..<50)
  func storedLog(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let changes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
      let day = Int.random(in: 1...366, using: &random)
      return AdoptionChange(
        account: .random(in: 0...3_000_000, using: &random), isUse: .random(using: &random), day: day,
        closingDay: Bool.random(using: &random) ? day : .random(in: day...367, using: &random),
        offset: .random(in: 0...(1 << 50), using: &random))
    }
    var log = AdoptionChangeLog()
    for change in changes { log.append(change) }
    var read: [AdoptionChange] = []
    #expect(AdoptionChangeLog.read(log.bytes) { read.append($0) })
    #expect(read == changes)
    #expect(log.firstOffset == changes.map(\.offset).min())
    #expect(log.lastOffset == changes.map(\.offset).max())
    if !log.bytes.isEmpty { #expect(!AdoptionChangeLog.read(log.bytes + [0x80]) { _ in }) }
  }

  @Test("The accounts of a batch get places in the order in which they come, and keep them", arguments: 0..<20)
  func rows(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let highest = [10, 1_000, 4_294_967_295][Int(seed % 3)]
    let accounts = (0..<3_000).map { _ in Int.random(in: 0...highest, using: &random) }
    var rows = AccountRows()
    var expected: [Int] = []
    var places: [Int: Int] = [:]
    for account in accounts {
      if places[account] == nil {
        places[account] = expected.count
        expected.append(account)
      }
      let place = Int(rows.place(of: account))
      #expect(place == places[account])
    }
    #expect(rows.accounts == expected)
  }

  @Test("Keys get dense numbers, and keep them when they are stored")
  func keys() {
    var numbers = KeyNumbers()
    let keys = (0..<5_000).map { "account-\($0 % 3_000)" } + ["", "é", "e\u{301}"]
    let given = keys.map { numbers.insert($0) }
    #expect(given.max() == 3_002)
    #expect(keys.map { numbers.number(of: $0) } == given)
    #expect(zip(keys, given).allSatisfy { Array(numbers[$1].utf8) == Array($0.utf8) })
    var copy = KeyNumbers()
    let isRead = copy.append(encoded: numbers.encoded())
    #expect(isRead)
    #expect(keys.map { copy.number(of: $0) } == given)
    let isReadTwice = copy.append(encoded: numbers.encoded(from: 3_000))
    #expect(!isReadTwice)
    #expect(copy.number(of: "unknown") == nil)
  }
}

/// A random history of a few accounts, in the order of the log.
private struct AdoptionScenario {
  struct Use {
    var account: String
    var isUse: Bool
    var at: Timestamp
    var storedAt: Timestamp
    var offset: Int64
  }

  let days = 5
  let attempt: Attempt
  private(set) var uses: [Use] = []
  private(set) var changes: [AccountChange] = []
  private(set) var numbers = KeyNumbers()

  init(_ random: inout SeededGenerator) {
    let start = MetricEvents.exposure
    let isCut = Int.random(in: 0..<3, using: &random) == 0
    let hours = { (range: ClosedRange<Int>, random: inout SeededGenerator) in
      start.adding(seconds: Int64(Int.random(in: range, using: &random)) * 3_600)
    }
    attempt = Attempt(
      number: 1, startedAt: start, rolledBackAt: isCut ? hours(0...130, &random) : nil,
      knownSince: hours(-5...60, &random))
    var stored = hours(-30...0, &random)
    let pace = Int.random(in: 1...8, using: &random)
    let accounts = [3, 6, 30].randomElement(using: &random) ?? 6
    for offset in 1...Int64.random(in: 1...60, using: &random) {
      stored = stored.adding(seconds: Int64(Int.random(in: 0...pace, using: &random)) * 3_600)
      let delay = Bool.random(using: &random) ? 0 : Int.random(in: 0...60, using: &random)
      // Moments at the very edges of days as well.
      let at = stored.adding(seconds: -Int64(delay) * 3_600)
      let account = "a\(Int.random(in: 0..<accounts, using: &random))"
      guard Int.random(in: 0..<4, using: &random) == 0 else {
        uses.append(
          Use(account: account, isUse: .random(using: &random), at: at, storedAt: stored, offset: offset))
        continue
      }
      var state = AccountState.allCases.randomElement(using: &random) ?? .active
      let target = "a\(Int.random(in: 0...accounts, using: &random))"
      if state == .merged, target == account { state = .closed }
      changes.append(
        AccountChange(
          account: account, at: at, offset: offset, storedAt: stored, state: state,
          mergedInto: state == .merged ? target : nil,
          segment: ["smb", "enterprise", nil].randomElement(using: &random) ?? nil))
    }
    for use in uses { numbers.insert(use.account) }
  }

  var span: AdoptionSpan {
    let window = attempt.window(days: days)
    return AdoptionSpan(start: window.start, end: window.effectiveEnd, knownSince: window.knownSince)
  }

  func storedAt(_ offset: Int64) -> Timestamp {
    let stored =
      uses.filter { $0.offset <= offset }.map(\.storedAt) + changes.filter { $0.offset <= offset }.map(\.storedAt)
    return stored.max() ?? attempt.startedAt
  }

  /// The changes that the uses make one after the other; those up to an offset, though all were known.
  func changeLog(upTo offset: Int64) -> [AdoptionChange] {
    var columns = AdoptionColumns(span)
    var changes: [AdoptionChange] = []
    for use in uses {
      let change = numbers.number(of: use.account).flatMap {
        columns.change(account: $0, isUse: use.isUse, at: use.at, storedAt: use.storedAt, offset: use.offset)
      }
      guard let change else { continue }
      columns.apply(change)
      changes.append(change)
    }
    return changes.filter { $0.offset <= offset }
  }

  func figures(upTo offset: Int64, _ window: MeasurementWindow, asOf now: Timestamp) -> AdoptionFigures {
    var columns = AdoptionColumns(span)
    for change in changeLog(upTo: offset) { columns.apply(change) }
    let accounts = AccountDirectory(changes).known(upTo: offset)
    return AdoptionFigures(
      columns: columns, window: window, accounts: accounts, numbers: accounts.numbers(in: numbers), asOf: now,
      bySegment: true)
  }
}

/// The definition, event by event.
extension AdoptionScenario {
  func counted(upTo offset: Int64, _ window: MeasurementWindow, asOf now: Timestamp) -> AdoptionFigures {
    var figures = AdoptionFigures(window: window, asOf: now)
    for index in figures.curve.indices {
      let end = window.start.adding(days: index + 1)
      let current = count(before: end, statesBefore: end, upTo: offset, storedBefore: nil)
      let final = count(before: end, statesBefore: end, upTo: offset, storedBefore: max(end, window.knownSince))
      (figures.curve[index].numerator, figures.curve[index].denominator) = current
      if current != final { figures.isRestated = true }
    }
    let end = window.effectiveEnd
    let states = now < end ? Timestamp(microseconds: now.microseconds + 1) : end
    let accounts = accounts(before: end, statesBefore: states, upTo: offset, storedBefore: nil)
    figures.segments = segments(of: accounts.active, accounts.adopted, statesBefore: states, upTo: offset)
    let current = (adopted: accounts.adopted.count, active: accounts.active.count)
    (figures.adopted, figures.active) = current
    (figures.finalAdopted, figures.finalActive) = current
    if end <= now {
      let final = count(before: end, statesBefore: states, upTo: offset, storedBefore: max(end, window.knownSince))
      (figures.finalAdopted, figures.finalActive) = final
      if current != final { figures.isRestated = true }
    }
    return figures
  }

  /// The accounts by the latest segment that a change of theirs names.
  private func segments(
    of active: Set<String>, _ adopted: Set<String>, statesBefore moment: Timestamp, upTo offset: Int64
  ) -> [AdoptionSegment] {
    let naming = changes.filter { $0.offset <= offset && $0.at < moment && $0.segment != nil }
    let segments = Dictionary(grouping: naming, by: \.account).compactMapValues { changes in
      changes.max { ($0.at, $0.offset) < ($1.at, $1.offset) }?.segment
    }
    return Dictionary(grouping: active) { segments[$0] }.map { name, accounts in
      AdoptionSegment(name: name, adopted: accounts.count { adopted.contains($0) }, active: accounts.count)
    }.sorted { ($0.name ?? "~") < ($1.name ?? "~") }
  }

  private func count(
    before end: Timestamp, statesBefore moment: Timestamp, upTo offset: Int64, storedBefore limit: Timestamp?
  ) -> (adopted: Int, active: Int) {
    let accounts = accounts(before: end, statesBefore: moment, upTo: offset, storedBefore: limit)
    return (accounts.adopted.count, accounts.active.count)
  }

  private func accounts(
    before end: Timestamp, statesBefore moment: Timestamp, upTo offset: Int64, storedBefore limit: Timestamp?
  ) -> (adopted: Set<String>, active: Set<String>) {
    let known = changes.filter {
      $0.offset <= offset && $0.at < moment && limit.map { [storedAt = $0.storedAt] in storedAt < $0 } ?? true
    }
    let latest = Dictionary(grouping: known, by: \.account).compactMapValues { changes in
      changes.max { ($0.at, $0.offset) < ($1.at, $1.offset) }
    }
    var (active, adopted): (Set<String>, Set<String>) = ([], [])
    for use in uses where use.offset <= offset && attempt.startedAt <= use.at && use.at < end {
      if let limit, use.storedAt >= limit { continue }
      var path = [use.account]
      while let next = latest[path[path.count - 1]], next.state == .merged, let target = next.mergedInto {
        if let first = path.firstIndex(of: target) {
          path.append(path[first...].min() ?? target)
          break
        }
        path.append(target)
      }
      let counted = path[path.count - 1]
      if let state = latest[counted]?.state, AccountState.excluded.contains(state) { continue }
      active.insert(counted)
      if use.isUse { adopted.insert(counted) }
    }
    return (adopted, active)
  }
}

extension AdoptionBatch {
  fileprivate mutating func add(_ use: AdoptionScenario.Use, to known: borrowing Known) {
    var (account, feature) = (use.account, "f")
    account.withUTF8 { account in
      feature.withUTF8 { feature in
        add(
          account: UnsafeRawBufferPointer(account), feature: use.isUse ? UnsafeRawBufferPointer(feature) : nil,
          at: use.at, storedAt: use.storedAt, offset: use.offset, to: known)
      }
    }
  }
}
