public import LaunchModel

/// For each account the first day on which something happened, with a count of the accounts by that day.
public struct DayColumn: Sendable, Hashable {
  /// Stands for "never".
  public static let none: UInt16 = 0xffff
  /// By how many accounts a column grows at least, and by what part of its size: a column that grew by a few each time would leave
  /// holes of memory behind.
  private static let growth = (least: 1 << 14, part: 8)

  /// The day of each account, by its number.
  private var days: [UInt16] = []
  /// How many accounts have each day.
  public private(set) var counts: [Int]

  /// - Parameter lastDay: the last day that an account may have.
  init(lastDay: Int) { counts = [Int](repeating: 0, count: lastDay + 1) }

  /// The account's day, or `none`.
  @inline(__always)
  public subscript(account: Int) -> UInt16 { account < days.count ? days[account] : Self.none }

  /// The days by account, for many lookups.
  struct Lookup {
    fileprivate let days: UnsafeBufferPointer<UInt16>

    @inline(__always)
    subscript(account: Int) -> UInt16 { account < days.count ? days[account] : DayColumn.none }
  }

  /// Runs the body with the days.
  func withLookup<R>(_ body: (Lookup) -> R) -> R {
    days.withUnsafeBufferPointer { body(Lookup(days: $0)) }
  }

  /// Whether a day is earlier than what is known of an account.
  @inline(__always)
  func isEarlier(_ day: Int, for account: Int) -> Bool { day < Int(self[account]) }

  /// Moves an account to an earlier day; a later one has no effect.
  @inline(__always)
  mutating func lower(_ account: Int, to day: Int) {
    if account >= days.count { grow(to: account) }
    let known = days[account]
    guard day < Int(known) else { return }
    if known != Self.none { counts[Int(known)] -= 1 }
    days[account] = UInt16(day)
    counts[day] += 1
  }

  private mutating func grow(to account: Int) {
    let size = max(account + 1, days.count + max(Self.growth.least, days.count / Self.growth.part))
    days.reserveCapacity(size)
    days.append(contentsOf: repeatElement(Self.none, count: size - days.count))
  }

  /// How many accounts had it happen by the end of each day, from day 0.
  var cumulative: [Int] {
    var sum = 0
    return counts.map { count in
      sum += count
      return sum
    }
  }

  /// Columns are equal if every account has the same day, however far they have grown.
  public static func == (left: Self, right: Self) -> Bool {
    left.counts == right.counts
      && (0..<max(left.days.count, right.days.count)).allSatisfy { left[$0] == right[$0] }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(counts) }
}

/// The pair of day columns of one adoption window: when each account was first active, and when it first used the feature.
///
/// Both only ever fall, so neither the order nor the repetition of changes matters. Beside each is the column of closing days, from
/// which the final counts of past days follow; it is kept only once an event has come late.
public struct AdoptionColumns: Sendable, Hashable {
  /// The span that is counted.
  public let span: AdoptionSpan
  /// The day of the first activity, a use included.
  public private(set) var active: DayColumn
  /// The day of the first use.
  public private(set) var used: DayColumn
  /// The same for closing days; nil while they are all equal.
  public private(set) var closing: Closing?
  /// Whether there is one; comparing `closing` itself with nil copies it, for every change.
  private var hasClosing = false

  /// The columns of closing days.
  public struct Closing: Sendable, Hashable {
    /// The closing day of the first activity to be known in time.
    public fileprivate(set) var active: DayColumn
    /// The closing day of the first use to be known in time.
    public fileprivate(set) var used: DayColumn
  }

  public init(_ span: AdoptionSpan) {
    self.span = span
    // One day more than the span has: the closing day of an event that came after the end.
    active = DayColumn(lastDay: span.lastDay + 1)
    used = active
  }

  /// Applies a change.
  ///
  /// - Returns: false if its day is not one of the span; nothing is changed then.
  @discardableResult
  public mutating func apply(_ change: AdoptionChange) -> Bool {
    let days = 1...max(1, span.lastDay)
    guard days.contains(change.day), change.day...(span.lastDay + 1) ~= change.closingDay else { return false }
    if !hasClosing, change.closingDay != change.day { addClosing() }
    active.lower(change.account, to: change.day)
    if change.isUse { used.lower(change.account, to: change.day) }
    guard hasClosing else { return true }
    closing?.active.lower(change.account, to: change.closingDay)
    if change.isUse { closing?.used.lower(change.account, to: change.closingDay) }
    return true
  }

  private mutating func addClosing() {
    closing = Closing(active: active, used: used)
    hasClosing = true
  }

  /// The change that an event makes; nil if it makes none.
  @inline(__always)
  public func change(
    account: Int, isUse: Bool, at moment: Timestamp, storedAt: Timestamp, offset: Int64
  ) -> AdoptionChange? {
    guard let day = span.day(of: moment) else { return nil }
    let change = AdoptionChange(
      account: account, isUse: isUse, day: day, closingDay: max(day, span.closingDay(storedAt: storedAt)),
      offset: offset)
    return isNews(change) ? change : nil
  }

  /// Whether a change would alter a column.
  @inline(__always)
  func isNews(_ change: AdoptionChange) -> Bool {
    let account = change.account
    if active.isEarlier(change.day, for: account) { return true }
    if change.isUse, used.isEarlier(change.day, for: account) { return true }
    guard hasClosing, let closing else { return false }
    return closing.active.isEarlier(change.closingDay, for: account)
      || change.isUse && closing.used.isEarlier(change.closingDay, for: account)
  }

  /// The days of several accounts.
  func days(of accounts: [Int]) -> [AccountDays] {
    active.withLookup { active in
      used.withLookup { used in
        guard let closing else {
          return accounts.map { Self.days(active[$0], used[$0], closing: active[$0], used[$0]) }
        }
        return closing.active.withLookup { closingActive in
          closing.used.withLookup { closingUsed in
            accounts.map { Self.days(active[$0], used[$0], closing: closingActive[$0], closingUsed[$0]) }
          }
        }
      }
    }
  }

  @inline(__always)
  private static func days(
    _ active: UInt16, _ used: UInt16, closing closingActive: UInt16, _ closingUsed: UInt16
  ) -> AccountDays {
    AccountDays(active: active, used: used, closingActive: closingActive, closingUsed: closingUsed)
  }

  /// Adds what other columns of the same span know.
  public mutating func merge(_ other: AdoptionColumns, accounts: Int) {
    for account in 0..<accounts {
      for (isUse, day) in [(false, other.active[account]), (true, other.used[account])] where day != DayColumn.none {
        let closing = isUse ? other.closing?.used[account] : other.closing?.active[account]
        apply(
          AdoptionChange(
            account: account, isUse: isUse, day: Int(day), closingDay: Int(day), offset: 0), closing: closing ?? day)
      }
    }
  }

  /// Applies a day and a closing day that are those of different events.
  private mutating func apply(_ change: AdoptionChange, closing closingDay: UInt16) {
    if !hasClosing, Int(closingDay) != change.day { addClosing() }
    active.lower(change.account, to: change.day)
    closing?.active.lower(change.account, to: Int(closingDay))
    guard change.isUse else { return }
    used.lower(change.account, to: change.day)
    closing?.used.lower(change.account, to: Int(closingDay))
  }
}

/// The days of one account in one pair of columns.
struct AccountDays: Sendable {
  var active: UInt16
  var used: UInt16
  var closingActive: UInt16
  var closingUsed: UInt16

  /// Those of an account of which nothing is known.
  static let none = AccountDays(
    active: DayColumn.none, used: DayColumn.none, closingActive: DayColumn.none, closingUsed: DayColumn.none)

  /// Applies a change.
  ///
  /// - Returns: whether it alters anything.
  @inline(__always)
  mutating func lower(to change: AdoptionChange) -> Bool {
    let (day, closingDay) = (UInt16(truncatingIfNeeded: change.day), UInt16(truncatingIfNeeded: change.closingDay))
    var isNews = day < active || closingDay < closingActive
    if isNews {
      active = min(active, day)
      closingActive = min(closingActive, closingDay)
    }
    if change.isUse, day < used || closingDay < closingUsed {
      used = min(used, day)
      closingUsed = min(closingUsed, closingDay)
      isNews = true
    }
    return isNews
  }
}
