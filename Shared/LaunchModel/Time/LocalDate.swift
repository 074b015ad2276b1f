/// A date in the proleptic Gregorian calendar, without time or zone, written `2027-03-02`.
///
/// Input is limited to years 0000 to 9999. Dates derived from it, such as an item's due date, may lie outside; they are
/// written with a sign and more digits, `+10000-01-14` (ISO 8601, expanded), so that every written date can be parsed
/// again.
public struct LocalDate: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  public var ordinal: Int

  public init(ordinal: Int) { self.ordinal = ordinal }

  /// Creates a date; nil if the day does not exist or the year is not 0000 to 9999.
  public init?(year: Int, month: Int, day: Int) {
    guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year) else {
      return nil
    }
    ordinal = Self.ordinal(year: year, month: month, day: day)
  }

  /// Parses `yyyy-MM-dd`, or the expanded form of a year outside 0000 to 9999; nil for anything else.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      self.init(expanded: bytes.dropFirst(), isNegative: sign == UInt8(ascii: "-"))
      return
    }
    guard bytes.count == 10, bytes[4] == 0x2d, bytes[7] == 0x2d,
      let year = DecimalDigits.value(bytes[0..<4]), let month = DecimalDigits.value(bytes[5..<7]),
      let day = DecimalDigits.value(bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// Parses the expanded form without its sign: a year of five or more digits, month and day.
  private init?(expanded bytes: ArraySlice<UInt8>, isNegative: Bool) {
    let (year, rest) = (bytes.dropLast(6), Array(bytes.suffix(6)))
    guard (5...9).contains(year.count), rest[0] == 0x2d, rest[3] == 0x2d, let digits = DecimalDigits.value(year),
      let month = DecimalDigits.value(rest[1..<3]), let day = DecimalDigits.value(rest[4..<6]),
      isNegative ? digits > 0 : digits > 9999
    else { return nil }
    let signed = isNegative ? -digits : digits
    guard (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: signed) else { return nil }
    ordinal = Self.ordinal(year: signed, month: month, day: day)
  }

  /// Whether it is valid input: its year is 0000 to 9999.
  public var isPlain: Bool { (0...9999).contains(components.year) }

  public static func < (left: Self, right: Self) -> Bool { left.ordinal < right.ordinal }

  /// Returns the date that is a number of days later, or earlier if negative.
  public func adding(days: Int) -> LocalDate { LocalDate(ordinal: ordinal + days) }

  /// The year, month (1 to 12) and day (1 to 31).
  ///
  /// Algorithm `civil_from_days` from Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  public var components: (year: Int, month: Int, day: Int) {
    let shifted = ordinal + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The day of the week.
  public var weekday: Weekday {
    let index = ((ordinal + 3) % 7 + 7) % 7
    return Weekday.allCases[index]
  }

  /// The Monday of its week, which identifies the week (ISO 8601).
  public var monday: LocalDate { adding(days: -(((ordinal + 3) % 7 + 7) % 7)) }

  /// Returns the days since 1970-01-01, with the algorithm `days_from_civil` from the same source.
  private static func ordinal(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// A day of the week.
public enum Weekday: String, Sendable, Codable, CaseIterable, Hashable {
  case monday = "Mon"
  case tuesday = "Tue"
  case wednesday = "Wed"
  case thursday = "Thu"
  case friday = "Fri"
  case saturday = "Sat"
  case sunday = "Sun"
}

extension LocalDate: CustomStringConvertible, Codable {
  /// The date in the form `2027-03-02`.
  public var description: String {
    let (year, month, day) = components
    let rest = "-\(DecimalDigits.text(month, 2))-\(DecimalDigits.text(day, 2))"
    guard (0...9999).contains(year) else { return "\(year < 0 ? "-" : "+")\(DecimalDigits.text(abs(year), 5))\(rest)" }
    return DecimalDigits.text(year, 4) + rest
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let date = LocalDate(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: Self.invalidText(text))
    }
    self = date
  }

  /// The error message for a text that is not a date.
  static func invalidText(_ text: String) -> String {
    "\"\(text)\" is not a valid date; use YYYY-MM-DD, for example 2027-03-02"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Reads and writes the fixed-width decimal numbers in dates and times.
enum DecimalDigits {
  /// Returns the number; nil if a byte is not an ASCII digit.
  static func value(_ bytes: some Sequence<UInt8>) -> Int? {
    var value = 0
    for byte in bytes {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  /// Returns the number padded to the width with leading zeros.
  static func text(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
