public import LaunchModel

/// The first day on which something happened for each account, with the number of accounts per day.
public struct DayColumn: Sendable, Hashable {
  /// The value that means "never".
  public static let none: UInt16 = 0xffff
  /// The minimum growth of a column: `least` accounts, or 1/`part` of its size if that is more. Growing by a few
  /// accounts at a time would fragment the memory.
  private static let growth = (least: 1 << 14, part: 8)

  /// The day of each account, indexed by its number.
  private var days: [UInt16] = []
  /// The number of accounts with each day.
  public private(set) var counts: [Int]

  /// - Parameter lastDay: the last day that an account can have.
  init(lastDay: Int) { counts = [Int](repeating: 0, count: lastDay + 1) }

  /// The account's day; `none` if it never happened.
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

  /// Whether a day is earlier than the account's day.
  @inline(__always)
  func isEarlier(_ day: Int, for account: Int) -> Bool { day < Int(self[account]) }

  /// Sets an account's day if the given day is earlier.
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

  /// The number of accounts for which it happened by the end of each day, from day 0.
  var cumulative: [Int] {
    var sum = 0
    return counts.map { count in
      sum += count
      return sum
    }
  }

  /// Columns are equal if every account has the same day; their allocated size does not matter.
  public static func == (left: Self, right: Self) -> Bool {
    left.counts == right.counts
      && (0..<max(left.days.count, right.days.count)).allSatisfy { left[$0] == right[$0] }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(counts) }
}

/// The two day columns of an adoption window: when each account was first active, and when it first used the feature.
///
/// Days only ever decrease, so changes can be applied in any order and repeatedly. The columns of closing days, from
/// which the final counts of past days are computed, exist only once an event has arrived late.
public struct AdoptionColumns: Sendable, Hashable {
  /// The span of time that the columns cover.
  public let span: AdoptionSpan
  /// The day of each account's first activity, including uses.
  public private(set) var active: DayColumn
  /// The day of each account's first use.
  public private(set) var used: DayColumn
  /// The closing days; nil as long as they all equal the days themselves.
  public private(set) var closing: Closing?
  /// Whether `closing` is set; comparing `closing` with nil would copy it at every change.
  private var hasClosing = false

  /// The columns of closing days.
  public struct Closing: Sendable, Hashable {
    /// The earliest closing day of each account's activity.
    public fileprivate(set) var active: DayColumn
    /// The earliest closing day of each account's use.
    public fileprivate(set) var used: DayColumn
  }

  public init(_ span: AdoptionSpan) {
    self.span = span
    // The extra day is the closing day of events that arrived after the end.
    active = DayColumn(lastDay: span.lastDay + 1)
    used = active
  }

  /// Applies a change.
  ///
  /// - Returns: false, without any change, if its day is not in the span.
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

  /// The change that an event makes; nil if it makes no difference.
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

  /// Applies a day and a closing day that may come from different events.
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

  /// The days of an account without any event.
  static let none = AccountDays(
    active: DayColumn.none, used: DayColumn.none, closingActive: DayColumn.none, closingUsed: DayColumn.none)

  /// Applies a change.
  ///
  /// - Returns: whether it makes a difference.
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

/// The span of time that a pair of day columns covers, with the moments at which its days become final.
///
/// Day n, from 1, is the n-th period of 24 hours from the start; the last day is shorter if the span ends within it. A
/// day becomes final when it ends or, if later, when its exposure becomes known.
public struct AdoptionSpan: Sendable, Hashable {
  /// The inclusive start of counting.
  public let start: Timestamp
  /// The exclusive end of counting.
  public let end: Timestamp
  /// When the service learnt of the exposure.
  public let knownSince: Timestamp
  /// The last day; 0 if the span is empty.
  public let lastDay: Int

  /// The longest possible span, in days. Measurement windows have at most 366.
  public static let mostDays = Int(DayColumn.none) - 2

  public init(start: Timestamp, end: Timestamp, knownSince: Timestamp) {
    self.start = start
    self.end = max(start, min(end, start.adding(days: Self.mostDays)))
    self.knownSince = knownSince
    lastDay = Int((self.end.microseconds - start.microseconds + Self.day - 1) / Self.day)
  }

  /// Whether a moment is in the span.
  @inline(__always)
  public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }

  /// The day that contains a moment; nil outside the span.
  @inline(__always)
  public func day(of moment: Timestamp) -> Int? {
    guard start <= moment, moment < end else { return nil }
    return Int((moment.microseconds - start.microseconds) / Self.day) + 1
  }

  /// The first day that was not final when an event was stored; the day after the last one if all were final.
  @inline(__always)
  public func closingDay(storedAt moment: Timestamp) -> Int {
    guard moment >= knownSince, moment >= start else { return 1 }
    guard moment < end else { return lastDay + 1 }
    return Int((moment.microseconds - start.microseconds) / Self.day) + 1
  }

  /// The end of a day.
  public func end(ofDay day: Int) -> Timestamp { min(end, start.adding(days: day)) }

  /// When the counts of a day become final.
  public func closing(ofDay day: Int) -> Timestamp { max(end(ofDay: day), knownSince) }

  private static let day: Int64 = 86_400_000_000
}

/// One entry of the change log of a pair of day columns: an event that showed an account active, or using the feature,
/// earlier than previously known.
///
/// Entries describe events, not column values. They can be applied in any order and repeatedly; all entries up to an
/// offset give the columns as of that offset.
public struct AdoptionChange: Sendable, Hashable {
  /// The account's number.
  public var account: Int
  /// Whether the account used the feature; false if it was only active.
  public var isUse: Bool
  /// The day on which it happened, from 1.
  public var day: Int
  /// The first day whose final counts include the event: `day`, or a later one if the event arrived late.
  public var closingDay: Int
  /// The event's offset in the bus's log.
  public var offset: Int64

  public init(account: Int, isUse: Bool, day: Int, closingDay: Int, offset: Int64) {
    self.account = account
    self.isUse = isUse
    self.day = day
    self.closingDay = closingDay
    self.offset = offset
  }
}

/// Entries of the change log in their stored form, about 6 bytes each.
///
/// An entry is three or four variable-length numbers: (1) twice the absolute difference from the previous offset, plus
/// 1 if the difference is negative; (2) twice the account's number, plus 1 for a use; (3) twice the day, plus 1 for a
/// late event; (4) only for a late event, the closing day minus the day.
public struct AdoptionChangeLog: Sendable, Hashable {
  /// The encoded entries.
  public private(set) var bytes: [UInt8] = []
  /// The number of entries.
  public private(set) var count = 0
  /// The lowest offset; nil without entries.
  public private(set) var firstOffset: Int64?
  /// The highest offset; nil without entries.
  public private(set) var lastOffset: Int64?
  private var previous: Int64 = 0

  public init() {}

  /// Decodes stored entries, to continue them; returns nil if the bytes do not encode entries.
  public init?(_ bytes: [UInt8]) {
    let isRead = Self.read(bytes) { change in
      previous = change.offset
      count += 1
      firstOffset = min(firstOffset ?? change.offset, change.offset)
      lastOffset = max(lastOffset ?? change.offset, change.offset)
    }
    guard isRead else { return nil }
    self.bytes = bytes
  }

  /// Adds the entries of another log.
  public mutating func append(_ other: AdoptionChangeLog) {
    _ = Self.read(other.bytes) { append($0) }
  }

  /// Adds an entry.
  public mutating func append(_ change: AdoptionChange) {
    let difference = change.offset - previous
    bytes.append(variable: UInt64(difference.magnitude) << 1 | (difference < 0 ? 1 : 0))
    bytes.append(variable: UInt64(change.account) << 1 | (change.isUse ? 1 : 0))
    let isLate = change.closingDay > change.day
    bytes.append(variable: UInt64(change.day) << 1 | (isLate ? 1 : 0))
    if isLate { bytes.append(variable: UInt64(change.closingDay - change.day)) }
    previous = change.offset
    count += 1
    firstOffset = min(firstOffset ?? change.offset, change.offset)
    lastOffset = max(lastOffset ?? change.offset, change.offset)
  }

  /// Decodes stored entries one by one.
  ///
  /// - Returns: false if the bytes do not encode entries.
  public static func read(_ bytes: [UInt8], _ body: (AdoptionChange) -> Void) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var reader = VariableReader(buffer)
      var offset: Int64 = 0
      while !reader.isAtEnd {
        guard let difference = reader.next(), let account = reader.next(), let day = reader.next(),
          difference >> 1 <= Int64.max, account >> 1 <= UInt32.max, day >> 1 < UInt64(DayColumn.none)
        else { return false }
        var later: UInt64 = 0
        if day & 1 == 1 {
          guard let days = reader.next(), days < UInt64(DayColumn.none) else { return false }
          later = days
        }
        let (next, overflows) =
          difference & 1 == 1
          ? offset.subtractingReportingOverflow(Int64(difference >> 1))
          : offset.addingReportingOverflow(Int64(difference >> 1))
        guard !overflows else { return false }
        offset = next
        body(
          AdoptionChange(
            account: Int(account >> 1), isUse: account & 1 == 1, day: Int(day >> 1), closingDay: Int(day >> 1 + later),
            offset: offset))
      }
      return true
    }
  }
}
