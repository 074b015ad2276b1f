public import LaunchModel

/// What one count is of: a day of the window, an account, and what was viewed or measured.
public struct TallyKey: Sendable, Hashable {
  /// From 1.
  public var day: Int
  /// Empty where the event names none.
  public var account: String
  /// The article that was viewed, or the value that a custom metric reads, in canonical JSON.
  public var subject: String
  /// Empty where the event names none.
  public var locale: String

  public init(day: Int, account: String, subject: String, locale: String = "") {
    self.day = day
    self.account = account
    self.subject = subject
    self.locale = locale
  }
}

/// How many events there were of one sort.
public struct Tally: Sendable, Hashable {
  /// Those that count.
  public var hits: Int
  /// Those that are counted of, for a ratio; else the same.
  public var total: Int
  /// When the last of them was stored.
  public var lastStored: Timestamp

  public init(hits: Int, total: Int, lastStored: Timestamp) {
    self.hits = hits
    self.total = total
    self.lastStored = lastStored
  }

  /// Both together.
  public func adding(_ other: Tally) -> Tally {
    Tally(
      hits: hits + other.hits, total: total + other.total, lastStored: max(lastStored, other.lastStored))
  }
}
