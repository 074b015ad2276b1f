/// A time of day to the minute, without date or zone, written `08:00`; `24:00` is the end of the day.
public struct LocalTime: Sendable, Hashable, Comparable {
  /// Minutes since midnight, from 0 to 1,440.
  public let minutes: Int

  /// Midnight, at which a day begins.
  public static let startOfDay = LocalTime(unchecked: 0)
  /// Midnight, at which a day ends.
  public static let endOfDay = LocalTime(unchecked: 1_440)

  private init(unchecked minutes: Int) { self.minutes = minutes }

  /// Creates a time; nil if the minutes are not from 0 to 1,440.
  public init?(minutes: Int) {
    guard (0...1_440).contains(minutes) else { return nil }
    self.init(unchecked: minutes)
  }

  /// Parses `HH:mm`, from `00:00` to `24:00`; nil for anything else.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"), let hour = DecimalDigits.value(bytes[0..<2]),
      let minute = DecimalDigits.value(bytes[3..<5]), minute <= 59
    else { return nil }
    self.init(minutes: hour * 60 + minute)
  }

  public static func < (left: Self, right: Self) -> Bool { left.minutes < right.minutes }

  /// The error message for a text that is not a time of day.
  static func invalidText(_ text: String) -> String {
    "\"\(text.excerpt)\" is not a time of day; use HH:MM from 00:00 to 24:00, for example 08:00"
  }
}

extension LocalTime: CustomStringConvertible, Codable {
  /// The time in the form `08:00`.
  public var description: String { "\(DecimalDigits.text(minutes / 60, 2)):\(DecimalDigits.text(minutes % 60, 2))" }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = LocalTime(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: Self.invalidText(text))
    }
    self = time
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A local date and time to the minute, without zone, written `2027-03-02T08:00`.
///
/// The end of a day is the start of the next one: `2027-03-02T24:00` is parsed as `2027-03-03T00:00`.
public struct LocalDateTime: Sendable, Hashable, Comparable {
  /// The date.
  public let date: LocalDate
  /// The time of day, before `24:00`.
  public let time: LocalTime

  public init(_ date: LocalDate, _ time: LocalTime) {
    let isNextDay = time == .endOfDay
    self.date = isNextDay ? date.adding(days: 1) : date
    self.time = isNextDay ? .startOfDay : time
  }

  /// Parses `yyyy-MM-ddTHH:mm`, also with a space instead of the `T`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
    guard parts.count == 2, let date = LocalDate(String(parts[0])), let time = LocalTime(String(parts[1])) else {
      return nil
    }
    self.init(date, time)
  }

  public static func < (left: Self, right: Self) -> Bool { (left.date, left.time) < (right.date, right.time) }

  /// Returns the same time of day a number of days later, or earlier if negative.
  public func adding(days: Int) -> LocalDateTime { LocalDateTime(date.adding(days: days), time) }

  /// The error message for a text that is not a local date and time.
  static func invalidText(_ text: String) -> String {
    "\"\(text.excerpt)\" is not a local date and time; use YYYY-MM-DDTHH:MM, for example 2027-03-02T08:00"
  }
}

extension LocalDateTime: CustomStringConvertible, Codable {
  /// The date and time in the form `2027-03-02T08:00`.
  public var description: String { "\(date)T\(time)" }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let moment = LocalDateTime(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: Self.invalidText(text))
    }
    self = moment
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension ZoneRules {
  /// Returns the moment of a local time.
  ///
  /// If a clock change repeats the local time, this is the first occurrence. If a clock change skips it, the offset
  /// before the change is used, so that the result is later by the skipped amount (RFC 5545, section 3.3.5).
  public func moment(of local: LocalDateTime) -> Timestamp {
    let seconds = Int64(local.date.ordinal) * 86_400 + Int64(local.time.minutes) * 60
    let asUTC = Timestamp(microseconds: seconds * 1_000_000)
    let offsets = [-86_400, 0, 86_400].map { offset(at: asUTC.adding(seconds: $0)) }
    let candidates = offsets.map { (offset: $0, moment: asUTC.adding(seconds: Int64(-$0))) }
    let shown = candidates.filter { offset(at: $0.moment) == $0.offset }.map(\.moment)
    return shown.min() ?? candidates[0].moment
  }

  /// Returns the local date and time of a moment, without seconds.
  public func localDateTime(at moment: Timestamp) -> LocalDateTime {
    let seconds = moment.microseconds.floorDivided(by: 1_000_000) + Int64(offset(at: moment))
    let date = LocalDate(ordinal: Int(seconds.floorDivided(by: 86_400)))
    let time = LocalTime(minutes: Int(seconds - Int64(date.ordinal) * 86_400) / 60)
    return LocalDateTime(date, time ?? .startOfDay)
  }
}
