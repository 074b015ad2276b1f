public import Contract
public import LaunchModel

/// Adoption of a feature in one window: exact counts of distinct accounts, for every day of the curve.
public struct AdoptionFigures: Sendable, Hashable {
  /// The numerator: accounts with at least one use in the window so far.
  public var adopted: Int
  /// The denominator: accounts with any activity in the window so far, including those that adopted.
  public var active: Int
  /// The days that are over; day n has the counts of the window of n × 24 hours.
  public var curve: [CurvePoint]
  /// Whether the figure of the closed window, or of a past day of the curve, differs from what it was when it became final.
  public var isRestated: Bool
  /// The numerator as it was when the window's figure became final; that of now while the window is open.
  public var finalAdopted: Int
  /// The denominator as it was when the window's figure became final; that of now while the window is open.
  public var finalActive: Int
  /// The counts by customer segment, if they were asked for.
  public var segments: [AdoptionSegment] = []

  /// The figures of a window in which nothing was counted.
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
  /// The columns count every account as itself. The accounts of the directory are taken out of them, and added as they count by
  /// their states and merges before the end of each day.
  ///
  /// - Parameters:
  ///   - columns: the days of each account in a window with the same start and at least this length.
  ///   - accounts: decides which accounts count, and as which.
  ///   - numbers: for each account of the directory its number in the columns; -1 if it has none.
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

/// The moments for which a window's figures are computed: the end of each day that is over, and then now or the window's end.
///
/// Points are numbered from 1. Point n up to `days` is the end of day n; the last point is `days` + 1.
struct AdoptionPoints {
  /// How many days are over.
  let days: Int
  /// The span of the columns.
  let span: AdoptionSpan
  /// The last day of the columns that the window includes.
  let lastDay: Int
  /// The moment before which states count at the last point.
  let statesBefore: Timestamp
  /// Whether the window is over, so that the last point has become final.
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

  /// The points whose counts have become final.
  var finished: ClosedRange<Int> { 0...(isClosed ? days + 1 : days) }

  /// The first point that includes a day, or a closing day; `count` + 1 if none does.
  @inline(__always)
  func point(ofDay day: Int) -> Int { day <= days ? day : day <= lastDay ? days + 1 : days + 2 }

  /// The first point at which a change of that time is in force; `count` + 1 if it is at none.
  func point(ofChangeAt moment: Timestamp) -> Int {
    if moment < span.start { return 1 }
    if let day = span.day(of: moment), day <= days { return day }
    return moment < statesBefore ? days + 1 : days + 2
  }

  /// The first point whose final counts know what was stored then; `count` + 1 if none does.
  func point(storedAt moment: Timestamp) -> Int { point(ofDay: span.closingDay(storedAt: moment)) }

  /// The moment before which states count at a point.
  func statesBefore(at point: Int) -> Timestamp { point <= days ? span.end(ofDay: point) : statesBefore }

  /// When the counts of a point became final.
  func closing(of point: Int) -> Timestamp { point <= days ? span.closing(ofDay: point) : span.closing(ofDay: lastDay) }
}

/// How the accounts of the directory count at each point, instead of as themselves.
private struct SpecialAccounts {
  /// What has to be added to the columns' counts, as differences from point to point.
  struct Correction {
    var active: [Int]
    var adopted: [Int]

    init(_ points: AdoptionPoints) {
      active = [Int](repeating: 0, count: points.count + 3)
      adopted = active
    }

    /// The counts at each point, from 0: those of the columns, with the correction.
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

  /// What counts: by the days and changes known now, or by those known when each point became final.
  private enum Basis { case current, final }

  private let points: AdoptionPoints
  private let active: DayColumn
  private let used: DayColumn
  private let closingActive: DayColumn
  private let closingUsed: DayColumn
  /// Whether any closing day is another than the day itself.
  private let hasLate: Bool
  private let accounts: AccountDirectory
  private let numbers: [Int32]
  private(set) var current: Correction
  private(set) var final: Correction
  /// For each account the last point at which it was counted, to count it once.
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

  /// The points from which on an account is active and has adopted.
  @inline(__always)
  private func firstPoints(of account: Int, _ basis: Basis) -> (active: Int, adopted: Int) {
    let number = Int(numbers[account])
    guard number >= 0 else { return (points.count + 1, points.count + 1) }
    return basis == .current
      ? (points.point(ofDay: Int(active[number])), points.point(ofDay: Int(used[number])))
      : (points.point(ofDay: Int(closingActive[number])), points.point(ofDay: Int(closingUsed[number])))
  }

  /// Takes an account out of both counts.
  private mutating func remove(_ account: Int) {
    let now = firstPoints(of: account, .current)
    current.active[now.active] -= 1
    current.adopted[now.adopted] -= 1
    let then = hasLate ? firstPoints(of: account, .final) : now
    final.active[then.active] -= 1
    final.adopted[then.adopted] -= 1
  }

  /// Counts an account that no merge concerns: only its own states matter.
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

  /// Counts two accounts that one merge connects, once for the pair.
  ///
  /// If nothing else happened to them, they count as themselves until the merge, and from then on as one: there is one less wherever
  /// both are counted.
  private mutating func countPair(_ account: Int, _ survivor: Int) {
    guard let change = accounts.onlyChange(of: account), change.state == .merged, accounts.isUnchanged(survivor) else {
      // The pair is visited from both sides; the merged account's counts it if it is this simple.
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

  /// Takes an account out of the counts from one point up to, but not including, another.
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

  /// Whether a change was unknown when a point at which it is in force became final.
  private func isLate(_ change: AccountDirectory.Change) -> Bool {
    points.point(storedAt: change.storedAt) > points.point(ofChangeAt: change.at)
  }

  /// Counts accounts of which some may count as others.
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

  /// How many accounts the members count as at each point.
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

  /// The points at which something about the members may be other than at the point before.
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
