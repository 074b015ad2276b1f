import JSON
public import LaunchModel

/// A `feature.used` or `account.active` event in the form in which nearly all of them arrive, parsed without building a
/// tree.
///
/// `FeatureUsed` and `AccountActive` declare the data; this type only finds the two keys that adoption counts. Whatever
/// it cannot read with certainty, such as numeric keys, keys with escapes, or data that do not fit, it leaves to those
/// types. It never accepts what they reject, nor reads it differently.
public struct PlainUsage: Sendable, Hashable {
  /// The position of the account's key in the event's bytes.
  public let account: Range<Int>
  /// The position of the used feature's key; nil for `account.active`.
  public let feature: Range<Int>?
  /// The position of the event's source in its bytes.
  public let source: Range<Int>
  /// When it happened; nil if the event omits it.
  public let time: Timestamp?

  /// Parses an event; nil if the bytes are not such an event in the plain form.
  public init?(_ event: [UInt8]) {
    let read = event.withUnsafeBytes { bytes -> PlainUsage? in
      do throws(JSONSyntaxError) {
        var cursor = JSONCursor(bytes)
        return try Self.read(&cursor)
      } catch {
        return nil
      }
    }
    guard let read else { return nil }
    self = read
  }

  private init(account: Range<Int>, feature: Range<Int>?, source: Range<Int>, time: Timestamp?) {
    self.account = account
    self.feature = feature
    self.source = source
    self.time = time
  }

  private static func read(_ cursor: inout JSONCursor) throws(JSONSyntaxError) -> PlainUsage? {
    cursor.skipWhitespace()
    guard try cursor.peek() == UInt8(ascii: "{") else { return nil }
    try cursor.open(depth: 1)
    var names = cursor.keys.openObject()
    guard try !cursor.closesAtOnce(UInt8(ascii: "}")) else { return nil }
    var seen = Attributes()
    var isUse: Bool?
    var source = 0..<0
    var time: Timestamp?
    var data: Data?
    repeat {
      let key = try cursor.key(&names)
      if key.equals("data") {
        guard let read = try Data(&cursor) else { return nil }
        data = read
        continue
      }
      let value = try cursor.value(depth: 1)
      if key.equals("type") {
        guard case .string(let text) = value else { return nil }
        if cursor.matches(text, "dev.gonogo.signal.feature.used.v1") {
          isUse = true
        } else if cursor.matches(text, "dev.gonogo.signal.account.active.v1") {
          isUse = false
        } else {
          return nil
        }
      } else if key.equals("time") {
        guard case .string(let text) = value, let moment = cursor.moment(text) else { return nil }
        time = moment
      } else if key.equals("id") || key.equals("source") {
        guard case .string(let text) = value, text.count > 0 else { return nil }
        if key.equals("id") {
          seen.insert(.id)
        } else {
          guard !text.hasEscapes else { return nil }
          source = text.range
          seen.insert(.source)
        }
      } else if key.equals("specversion") {
        guard case .string(let text) = value, cursor.matches(text, "1.0") else { return nil }
        seen.insert(.version)
      } else if key.equals("subject") || key.equals("datacontenttype") || key.equals("dataschema") {
        guard case .string = value else { return nil }
      } else if key.equals("data_base64") {
        return nil
      }
    } while try !cursor.closesOrContinues(UInt8(ascii: "}"))
    try cursor.expectEnd()
    guard seen == .all, let isUse, let data, let account = data.account, !isUse || data.feature != nil else {
      return nil
    }
    // `feature.used` has a user and a count, `account.active` a segment; each ignores the fields of the other.
    guard isUse ? data.hasPlainUse : data.hasPlainSegment else { return nil }
    return PlainUsage(account: account, feature: isUse ? data.feature : nil, source: source, time: time)
  }

  /// The required attributes of an event.
  private struct Attributes: OptionSet {
    let rawValue: UInt8

    static let id = Attributes(rawValue: 1)
    static let source = Attributes(rawValue: 2)
    static let version = Attributes(rawValue: 4)
    static let all: Attributes = [.id, .source, .version]
  }

  /// The fields of either type's data.
  private struct Data {
    var account: Range<Int>?
    var feature: Range<Int>?
    var hasPlainUse = true
    var hasPlainSegment = true

    /// Reads the data; nil if they are not an object.
    init?(_ cursor: inout JSONCursor) throws(JSONSyntaxError) {
      guard try cursor.peek() == UInt8(ascii: "{") else { return nil }
      try cursor.open(depth: 2)
      var names = cursor.keys.openObject()
      if try cursor.closesAtOnce(UInt8(ascii: "}")) { return }
      repeat {
        let key = try cursor.key(&names)
        let value = try cursor.value(depth: 2)
        if key.equals("account") {
          account = Self.key(value)
        } else if key.equals("feature") {
          feature = Self.key(value)
        } else if key.equals("user") {
          hasPlainUse = hasPlainUse && Self.key(value) != nil
        } else if key.equals("count") {
          guard case .number(let number) = value, cursor.double(number) >= 0 else {
            hasPlainUse = false
            continue
          }
        } else if key.equals("segment") {
          hasPlainSegment = Self.key(value) != nil
        }
      } while try !cursor.closesOrContinues(UInt8(ascii: "}"))
      cursor.keys.closeObject(names)
    }

    /// Returns the position of a key that needs no decoding; nil for any other value.
    private static func key(_ value: JSONCursor.Kind) -> Range<Int>? {
      guard case .string(let text) = value, !text.hasEscapes, 1...ExternalKey.maximumBytes ~= text.count else {
        return nil
      }
      return text.range
    }
  }
}

extension JSONCursor {
  /// Parses a moment such as `2027-03-02T09:00:00Z` with up to nine decimals of a second, of which six count; nil for
  /// any other text.
  fileprivate func moment(_ text: Text) -> Timestamp? {
    guard !text.hasEscapes, text.count >= 20, text.count <= 30, text.count != 21 else { return nil }
    func byte(_ index: Int) -> UInt8 { base.load(fromByteOffset: text.start + index, as: UInt8.self) }
    func number(_ range: Range<Int>) -> Int64? {
      var value: Int64 = 0
      for index in range {
        let digit = byte(index) &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        value = value * 10 + Int64(digit)
      }
      return value
    }
    guard byte(4) == UInt8(ascii: "-"), byte(7) == UInt8(ascii: "-"), byte(10) == UInt8(ascii: "T"),
      byte(13) == UInt8(ascii: ":"), byte(16) == UInt8(ascii: ":"), byte(text.count - 1) == UInt8(ascii: "Z"),
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), year >= 1, 1...12 ~= month,
      1...Self.days(in: month, of: year) ~= day,
      hour < 24, minute < 60, second < 60
    else { return nil }
    var fraction: Int64 = 0
    if text.count > 20 {
      guard byte(19) == UInt8(ascii: "."), number(20..<text.count - 1) != nil,
        let digits = number(20..<min(26, text.count - 1))
      else { return nil }
      fraction = digits
      for _ in min(6, text.count - 21)..<6 { fraction *= 10 }
    }
    let seconds = Self.days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    return Timestamp(microseconds: seconds * 1_000_000 + fraction)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Returns the number of days from 1970-01-01 to a date of the Gregorian calendar.
  ///
  /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`, for years from 1.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
