/// One entry of the log of changes of a pair of day columns: an event that made an account active, or adopted, earlier than was
/// known.
///
/// Entries say what happened, not what a column became: they may be applied in any order and more than once, and those up to an
/// offset give the columns as of that offset.
public struct AdoptionChange: Sendable, Hashable {
  /// The account's number.
  public var account: Int
  /// Whether the account used the feature; otherwise it was only active.
  public var isUse: Bool
  /// The day on which it happened, from 1.
  public var day: Int
  /// The first day whose final counts include it: `day`, or a later one if the event came late.
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

/// Entries of the log of changes as stored: about 6 bytes each.
///
/// An entry is three or four variable-length numbers: twice the difference from the previous offset, plus 1 if the difference is
/// negative; twice the account's number, plus 1 for a use; twice the day, plus 1 for a late event; for a late event, how many days
/// the closing day is later.
public struct AdoptionChangeLog: Sendable, Hashable {
  /// The entries.
  public private(set) var bytes: [UInt8] = []
  /// How many entries there are.
  public private(set) var count = 0
  /// The lowest offset; nil without entries.
  public private(set) var firstOffset: Int64?
  /// The highest offset; nil without entries.
  public private(set) var lastOffset: Int64?
  private var previous: Int64 = 0

  public init() {}

  /// Continues stored entries; nil if the bytes are not entries.
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

  /// Reads stored entries one by one.
  ///
  /// - Returns: false if the bytes are not entries that `append` wrote.
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
