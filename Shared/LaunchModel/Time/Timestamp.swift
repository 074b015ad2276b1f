/// A moment in time as whole microseconds since 1970-01-01T00:00:00Z, written as RFC 3339.
///
/// Finer digits are truncated. The range is that of RFC 3339, years 0000 to 9999; a leap second counts as the following
/// second.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// The microseconds since 1970-01-01T00:00:00Z; negative before it.
  public var microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

  /// Returns the moment that is a number of seconds later, or earlier if negative.
  public func adding(seconds: Int64) -> Timestamp { Timestamp(microseconds: microseconds + seconds * 1_000_000) }

  /// Returns the moment that is a number of periods of 24 hours later; these are not local days.
  public func adding(days: Int) -> Timestamp { adding(seconds: Int64(days) * 86_400) }
}

extension Timestamp {
  /// Parses an RFC 3339 date-time; nil for anything else.
  public init?(rfc3339 bytes: some Collection<UInt8>) {
    let bytes = ContiguousArray(bytes)
    guard bytes.count >= 20, bytes[4] == 0x2d, bytes[7] == 0x2d, bytes[10] | 0x20 == 0x74, bytes[13] == 0x3a,
      bytes[16] == 0x3a,
      let year = DecimalDigits.value(bytes[0..<4]), let month = DecimalDigits.value(bytes[5..<7]),
      let day = DecimalDigits.value(bytes[8..<10]), let hour = DecimalDigits.value(bytes[11..<13]),
      let minute = DecimalDigits.value(bytes[14..<16]), let second = DecimalDigits.value(bytes[17..<19]),
      let date = LocalDate(year: year, month: month, day: day), hour <= 23, minute <= 59, second <= 60
    else { return nil }
    var index = 19
    guard let fraction = Self.fraction(bytes, &index), let offset = Self.zoneOffset(bytes, index) else { return nil }
    let seconds = Int64(date.ordinal) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
    microseconds = seconds * 1_000_000 + fraction
  }

  /// Parses an RFC 3339 date-time; nil for anything else.
  public init?(_ text: String) { self.init(rfc3339: text.utf8) }

  /// Parses an RFC 3339 date-time; nil for anything else.
  public init?(rfc3339 text: String) { self.init(rfc3339: text.utf8) }

  /// The moment in RFC 3339, in UTC, with a fraction only if it is not zero, for example `2027-03-02T09:00:00Z`.
  public var rfc3339: String { description }

  /// Parses the fraction in microseconds, 0 if there is none; nil for a dot without digits.
  private static func fraction(_ bytes: ContiguousArray<UInt8>, _ index: inout Int) -> Int64? {
    guard bytes[index] == 0x2e else { return 0 }
    index += 1
    let start = index
    var value: Int64 = 0
    while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
      if index - start < 6 { value = value * 10 + Int64(bytes[index] - 0x30) }
      index += 1
    }
    guard index > start else { return nil }
    for _ in min(index - start, 6)..<6 { value *= 10 }
    return value
  }

  /// Parses the offset in seconds east of UTC; nil if the rest of the bytes is not a zone.
  private static func zoneOffset(_ bytes: ContiguousArray<UInt8>, _ index: Int) -> Int? {
    guard index < bytes.count else { return nil }
    if bytes[index] | 0x20 == 0x7a { return index == bytes.count - 1 ? 0 : nil }
    guard bytes[index] == 0x2b || bytes[index] == 0x2d, bytes.count == index + 6, bytes[index + 3] == 0x3a,
      let hours = DecimalDigits.value(bytes[(index + 1)..<(index + 3)]),
      let minutes = DecimalDigits.value(bytes[(index + 4)..<(index + 6)]), hours <= 23, minutes <= 59
    else { return nil }
    let seconds = hours * 3_600 + minutes * 60
    return bytes[index] == 0x2d ? -seconds : seconds
  }
}

extension Timestamp: CustomStringConvertible, Codable {
  /// The moment in RFC 3339, in UTC, with a fraction only if it is not zero, for example `2027-03-02T09:00:00Z`.
  public var description: String {
    let seconds = microseconds.floorDivided(by: 1_000_000)
    let days = seconds.floorDivided(by: 86_400)
    let ofDay = Int(seconds - days * 86_400)
    let time = [ofDay / 3_600, ofDay / 60 % 60, ofDay % 60].map { DecimalDigits.text($0, 2) }.joined(separator: ":")
    var fraction = DecimalDigits.text(Int(microseconds - seconds * 1_000_000), 6)[...]
    while fraction.last == "0" { fraction.removeLast() }
    return "\(LocalDate(ordinal: Int(days)))T\(time)\(fraction.isEmpty ? "" : ".\(fraction)")Z"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let moment = Timestamp(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "\"\(text)\" is not an RFC 3339 time; write it in the form 2027-03-02T09:00:00Z")
    }
    self = moment
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Int64 {
  /// Returns the quotient, rounded toward negative infinity.
  func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
