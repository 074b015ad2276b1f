public import Contract
public import LaunchModel

/// The adoption of a feature in one window: exact counts of distinct accounts, in total and for every day.
public struct AdoptionFigures: Sendable, Hashable {
  /// The numerator: accounts that used the feature at least once in the window so far.
  public var adopted: Int
  /// The denominator: accounts with any activity in the window so far, including the adopters.
  public var active: Int
  /// The counts of each complete day; day n has those of a window of n × 24 hours.
  public var curve: [CurvePoint]
  /// Whether the count of the closed window, or of a past day, differs from its value when it became final.
  public var isRestated: Bool
  /// The numerator at the time when the window's figure became final; the current numerator while the window is open.
  public var finalAdopted: Int
  /// The denominator at the time when the window's figure became final; the
  /// current denominator while the window is open.
  public var finalActive: Int
  /// The counts by customer segment; empty if they were not requested.
  public var segments: [AdoptionSegment] = []

  /// Creates the figures of a window without any activity.
  public init(window: MeasurementWindow, asOf now: Timestamp) {
    adopted = 0
    active = 0
    let days = window.completeDays(asOf: now)
    curve = (0..<days).map { CurvePoint(day: $0 + 1, numerator: 0, denominator: 0) }
    isRestated = false
    finalAdopted = 0
    finalActive = 0
  }

  /// Computes the figures.
  ///
  /// In the columns, every account counts as itself. Accounts in the directory are subtracted and, for the end of each
  /// day, added again according to their states and merges until then.
  ///
  /// - Parameters:
  ///   - columns: the days of each account, in a span that starts with the window and is at least as long.
  ///   - accounts: determines which accounts count, and as which account.
  ///   - numbers: the number in the columns of each account in the directory; -1 if it has none.
  ///   - bySegment: whether to count each segment as well.
  public init(
    columns: AdoptionColumns, window: MeasurementWindow, accounts: AccountDirectory, numbers: [Int32],
    asOf now: Timestamp, bySegment: Bool = false
  ) {
    let points = AdoptionPoints(columns.span, window: window, asOf: now)
    var special = SpecialAccounts(points, columns, accounts, numbers)
    special.count()
    let current = special.current.totals(over: columns.active, columns.used, points)
    let final = special.final.totals(
      over: columns.closing?.active ?? columns.active, columns.closing?.used ?? columns.used, points)
    adopted = current.adopted.last ?? 0
    active = current.active.last ?? 0
    curve = (0..<points.days).map {
      CurvePoint(day: $0 + 1, numerator: current.adopted[$0 + 1], denominator: current.active[$0 + 1])
    }
    isRestated = points.finished.contains { point in
      current.adopted[point] != final.adopted[point] || current.active[point] != final.active[point]
    }
    finalAdopted = (points.isClosed ? final : current).adopted.last ?? 0
    finalActive = (points.isClosed ? final : current).active.last ?? 0
    if bySegment { segments = AdoptionSegment.all(of: self, columns, points, accounts, numbers) }
  }
}

/// The moments for which a window's counts are computed: the end of each
/// complete day, and then now or the window's end.
///
/// Points are numbered from 1. Point n ≤ `days` is the end of day n; point `days` + 1 is the last.
struct AdoptionPoints {
  /// The number of complete days.
  let days: Int
  /// The span of the columns.
  let span: AdoptionSpan
  /// The last day of the columns that is in the window.
  let lastDay: Int
  /// The moment before which account states apply at the last point.
  let statesBefore: Timestamp
  /// Whether the window has ended, so that the last point is final.
  let isClosed: Bool

  init(_ span: AdoptionSpan, window: MeasurementWindow, asOf now: Timestamp) {
    self.span = span
    days = min(window.completeDays(asOf: now), span.lastDay)
    let last = Timestamp(microseconds: min(window.effectiveEnd, span.end).microseconds - 1)
    lastDay = span.day(of: last) ?? 0
    statesBefore = window.statesBefore(asOf: now)
    isClosed = window.effectiveEnd <= now
  }

  /// The number of points.
  var count: Int { days + 1 }

  /// The points whose counts are final.
  var finished: ClosedRange<Int> { 0...(isClosed ? days + 1 : days) }

  /// The first point that includes a day or closing day; `count` + 1 if no point does.
  @inline(__always)
  func point(ofDay day: Int) -> Int { day <= days ? day : day <= lastDay ? days + 1 : days + 2 }

  /// The first point at which an account change made at a moment applies; `count` + 1 if it applies at none.
  func point(ofChangeAt moment: Timestamp) -> Int {
    if moment < span.start { return 1 }
    if let day = span.day(of: moment), day <= days { return day }
    return moment < statesBefore ? days + 1 : days + 2
  }

  /// The first point whose final counts include an event stored at a moment; `count` + 1 if no point's do.
  func point(storedAt moment: Timestamp) -> Int { point(ofDay: span.closingDay(storedAt: moment)) }

  /// The moment before which account states apply at a point.
  func statesBefore(at point: Int) -> Timestamp { point <= days ? span.end(ofDay: point) : statesBefore }

  /// When the counts of a point became final.
  func closing(of point: Int) -> Timestamp { point <= days ? span.closing(ofDay: point) : span.closing(ofDay: lastDay) }
}

/// Corrects the counts for accounts in the directory, which may not count as themselves at every point.
private struct SpecialAccounts {
  /// The correction of the columns' counts, as differences between consecutive points.
  struct Correction {
    var active: [Int]
    var adopted: [Int]

    init(_ points: AdoptionPoints) {
      active = [Int](repeating: 0, count: points.count + 3)
      adopted = active
    }

    /// The corrected counts at each point, from 0.
    func totals(
      over activeDays: DayColumn, _ usedDays: DayColumn, _ points: AdoptionPoints
    ) -> (active: [Int], adopted: [Int]) {
      (Self.total(activeDays, active, points), Self.total(usedDays, adopted, points))
    }

    private static func total(_ column: DayColumn, _ differences: [Int], _ points: AdoptionPoints) -> [Int] {
      let counts = column.cumulative
      var sum = 0
      return (0...points.count).map { point in
        sum += differences[point]
        return sum + counts[min(point <= points.days ? point : points.lastDay, counts.count - 1)]
      }
    }
  }

  /// The basis of counts: the days and changes known now, or those known when each point became final.
  private enum Basis { case current, final }

  private let points: AdoptionPoints
  private let active: DayColumn
  private let used: DayColumn
  private let closingActive: DayColumn
  private let closingUsed: DayColumn
  /// Whether any closing day differs from its day.
  private let hasLate: Bool
  private let accounts: AccountDirectory
  private let numbers: [Int32]
  private(set) var current: Correction
  private(set) var final: Correction
  /// The last point at which each account was counted, so that it is counted only once per point.
  private var counted: [(active: Int32, adopted: Int32)] = []

  init(_ points: AdoptionPoints, _ columns: AdoptionColumns, _ accounts: AccountDirectory, _ numbers: [Int32]) {
    self.points = points
    active = columns.active
    used = columns.used
    closingActive = columns.closing?.active ?? columns.active
    closingUsed = columns.closing?.used ?? columns.used
    hasLate = columns.closing != nil
    self.accounts = accounts
    self.numbers = numbers
    current = Correction(points)
    final = current
  }

  mutating func count() {
    for account in 0..<accounts.count {
      if accounts.isAlone(account) {
        countAlone(account)
      } else if let survivor = accounts.partner(of: account) {
        countPair(account, survivor)
      } else {
        countGroup(accounts.members(ofGroup: account))
      }
    }
  }

  /// The first points at which an account is active and has adopted.
  @inline(__always)
  private func firstPoints(of account: Int, _ basis: Basis) -> (active: Int, adopted: Int) {
    let number = Int(numbers[account])
    guard number >= 0 else { return (points.count + 1, points.count + 1) }
    return basis == .current
      ? (points.point(ofDay: Int(active[number])), points.point(ofDay: Int(used[number])))
      : (points.point(ofDay: Int(closingActive[number])), points.point(ofDay: Int(closingUsed[number])))
  }

  /// Subtracts an account from both counts at all points.
  private mutating func remove(_ account: Int) {
    let now = firstPoints(of: account, .current)
    current.active[now.active] -= 1
    current.adopted[now.adopted] -= 1
    let then = hasLate ? firstPoints(of: account, .final) : now
    final.active[then.active] -= 1
    final.adopted[then.adopted] -= 1
  }

  /// Corrects the counts for an account without any merge; only its own states matter.
  private mutating func countAlone(_ account: Int) {
    let now = firstPoints(of: account, .current)
    guard now.active <= points.count else { return }
    if let change = accounts.onlyChange(of: account), !isLate(change) {
      guard isKnown(change), AccountState.excluded.contains(change.state) else { return }
      let point = points.point(ofChangeAt: change.at)
      guard point <= points.count else { return }
      exclude(now, point, points.count + 1, &current)
      let then = hasLate ? firstPoints(of: account, .final) : now
      return exclude(then, point, points.count + 1, &final)
    }
    let history = accounts.history(of: account)
    let isLate = history.contains { isKnown($0) && self.isLate($0) }
    let then = hasLate ? firstPoints(of: account, .final) : now
    guard !isLate else { return countGroup([account]) }
    var state = AccountState.active
    var since = 1
    for change in history where isKnown(change) {
      let point = points.point(ofChangeAt: change.at)
      if point > since, AccountState.excluded.contains(state) {
        exclude(now, since, point, &current)
        exclude(then, since, point, &final)
      }
      since = max(since, point)
      state = change.state
    }
    guard since <= points.count, AccountState.excluded.contains(state) else { return }
    exclude(now, since, points.count + 1, &current)
    exclude(then, since, points.count + 1, &final)
  }

  /// Corrects the counts for two accounts that one merge connects.
  ///
  /// If nothing else changed, both count as themselves until the merge and as one account from then on. So the count is
  /// one lower at each point after the merge at which both would be counted.
  private mutating func countPair(_ account: Int, _ survivor: Int) {
    guard let change = accounts.onlyChange(of: account), change.state == .merged, accounts.isUnchanged(survivor) else {
      // Both accounts of the pair lead here; the merge is counted when the merged one does.
      let isMerged = accounts.onlyChange(of: survivor)?.state == .merged && accounts.isUnchanged(account)
      return isMerged ? () : countGroup(accounts.members(ofGroup: account))
    }
    guard !isLate(change) else { return countGroup([account, survivor]) }
    guard isKnown(change) else { return }
    let point = points.point(ofChangeAt: change.at)
    unite(account, survivor, from: point, .current)
    unite(account, survivor, from: point, .final)
  }

  private mutating func unite(_ left: Int, _ right: Int, from point: Int, _ basis: Basis) {
    let (first, second) = (firstPoints(of: left, basis), firstPoints(of: right, basis))
    let active = min(max(first.active, second.active, point), points.count + 1)
    let adopted = min(max(first.adopted, second.adopted, point), points.count + 1)
    if basis == .current {
      current.active[active] -= 1
      current.adopted[adopted] -= 1
    } else {
      final.active[active] -= 1
      final.adopted[adopted] -= 1
    }
  }

  /// Subtracts an account from the counts, from one point up to but not including another.
  private func exclude(
    _ first: (active: Int, adopted: Int), _ from: Int, _ end: Int, _ correction: inout Correction
  ) {
    let (active, adopted) = (max(from, first.active), max(from, first.adopted))
    if active < end {
      correction.active[active] -= 1
      correction.active[end] += 1
    }
    if adopted < end {
      correction.adopted[adopted] -= 1
      correction.adopted[end] += 1
    }
  }

  private func isKnown(_ change: AccountDirectory.Change) -> Bool { accounts.known.includes(change) }

  /// Whether a point at which a change applies had become final before the change was stored.
  private func isLate(_ change: AccountDirectory.Change) -> Bool {
    points.point(storedAt: change.storedAt) > points.point(ofChangeAt: change.at)
  }

  /// Counts a group of accounts, some of which may count as others.
  private mutating func countGroup(_ members: [Int]) {
    guard !members.isEmpty else { return }
    for member in members { remove(member) }
    let isLate =
      hasLate
      || members.contains { accounts.history(of: $0).contains { isKnown($0) && self.isLate($0) } }
    let counts = counts(of: members, .current)
    Self.add(counts, to: &current)
    Self.add(isLate ? self.counts(of: members, .final) : counts, to: &final)
  }

  private static func add(_ counts: (active: [Int], adopted: [Int]), to correction: inout Correction) {
    var last = (active: 0, adopted: 0)
    for point in 1..<counts.active.count {
      correction.active[point] += counts.active[point] - last.active
      correction.adopted[point] += counts.adopted[point] - last.adopted
      last = (counts.active[point], counts.adopted[point])
    }
  }

  /// The number of accounts that the members count as, at each point.
  private mutating func counts(of members: [Int], _ basis: Basis) -> (active: [Int], adopted: [Int]) {
    var active = [Int](repeating: 0, count: points.count + 1)
    var adopted = active
    let first = members.map { firstPoints(of: $0, basis) }
    let changing = changingPoints(members, first, basis)
    if counted.isEmpty { counted = [(active: Int32, adopted: Int32)](repeating: (0, 0), count: accounts.count) }
    for member in members { counted[member] = (0, 0) }
    for point in 1...points.count {
      guard changing[point] else {
        active[point] = active[point - 1]
        adopted[point] = adopted[point - 1]
        continue
      }
      var knowledge = accounts.known
      if basis == .final { knowledge.storedBefore = points.closing(of: point) }
      let moment = points.statesBefore(at: point)
      for (member, first) in zip(members, first) where first.active <= point {
        guard let survivor = accounts.counted(member, before: moment, knowledge) else { continue }
        if counted[survivor].active != Int32(point) {
          counted[survivor].active = Int32(point)
          active[point] += 1
        }
        if first.adopted <= point, counted[survivor].adopted != Int32(point) {
          counted[survivor].adopted = Int32(point)
          adopted[point] += 1
        }
      }
    }
    return (active, adopted)
  }

  /// The points at which the members' counts may differ from the previous point.
  private func changingPoints(
    _ members: [Int], _ first: [(active: Int, adopted: Int)], _ basis: Basis
  ) -> [Bool] {
    var changing = [Bool](repeating: false, count: points.count + 3)
    for (member, first) in zip(members, first) {
      changing[first.active] = true
      changing[first.adopted] = true
      for change in accounts.history(of: member) {
        changing[points.point(ofChangeAt: change.at)] = true
        if basis == .final { changing[points.point(storedAt: change.storedAt)] = true }
      }
    }
    return changing
  }
}
