public import JSON

/// A business-day calendar with the names of its holidays, referred to by its key. In files:
///
/// ```yaml
/// calendar: ACME
/// weekend: [Sat, Sun]
/// holidays: {2027-05-14: Company day, 2027-12-24: Christmas Eve}
/// ```
public struct CalendarDocument: Sendable, Hashable {
  /// Its key, for example `US` or `DE-BY`: 1 to 64 letters, digits and `-`; neither the first nor the last character
  /// may be `-`.
  public let key: String
  /// The days of the week that are not business days; default Saturday and Sunday, never all seven.
  public let weekend: Set<Weekday>
  /// The names of the holidays by date, for example `Labor Day`.
  public let holidays: [LocalDate: String]
  /// The years whose holidays are known; default: from the first to the last holiday's year, or nil, meaning all years,
  /// if there are no holidays.
  public let years: ClosedRange<Int>?
  /// The same calendar without names, for counting business days.
  public let business: BusinessCalendar

  public init(key: String, weekend: Set<Weekday>, holidays: [LocalDate: String], years: ClosedRange<Int>?) {
    self.key = key
    self.weekend = weekend
    self.holidays = holidays
    self.years = years
    business = BusinessCalendar(weekend: weekend, holidays: Set(holidays.keys), years: years)
  }

  /// Returns whether a text is a valid calendar key.
  public static func isKey(_ text: String) -> Bool {
    let bytes = text.utf8
    let isPlain = bytes.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2d
    }
    return (1...64).contains(bytes.count) && isPlain && bytes.first != 0x2d && bytes.last != 0x2d
  }
}

extension CalendarDocument {
  /// The fields of a calendar file.
  public static let fields = ["calendar", "weekend", "holidays", "years"]

  /// The name of Monday to Friday without holidays, which applies to launches that name no calendar.
  private static let standardKey = "default"

  /// The maximum number of holidays in a calendar.
  public static let mostHolidays = 20_000

  /// Reads and validates a calendar file.
  ///
  /// - Throws: `invalid` with every error.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let calendar = Self.read(document, faults)
    self = try faults.finish(calendar, "invalid-calendar", title: "the calendar is invalid")
  }

  private static func read(_ document: JSONValue, _ faults: DocumentErrors) -> CalendarDocument? {
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    let key = reader.requiredString("calendar", "give the calendar a key such as ACME")
    if let key, !isKey(key) {
      reader.fault(
        "calendar", "\"\(key)\" is not a calendar key; use 1 to 64 letters, digits and -, and no - first or last")
    }
    if key?.lowercased() == standardKey {
      reader.fault(
        "calendar",
        "\"\(standardKey)\" is reserved for Monday to Friday without holidays; choose another key, such as ACME")
    }
    let weekend = reader.words("weekend", Weekday.self).map { Set($0) } ?? [.saturday, .sunday]
    if weekend.count == Weekday.allCases.count {
      reader.fault("weekend", "at least one day of the week must be a business day")
    }
    let holidays = holidays(reader)
    let years = years(reader)
    for date in holidays.keys.sorted() where years.map({ !$0.contains(date.components.year) }) ?? false {
      let (first, last) = (years?.lowerBound ?? 0, years?.upperBound ?? 0)
      reader.faults.add(
        reader.pointer.appending("holidays").appending(date.description),
        "this date is outside years, \(first) to \(last); correct one or the other")
    }
    guard let key else { return nil }
    return CalendarDocument(key: key, weekend: weekend, holidays: holidays, years: years ?? span(of: holidays))
  }

  private static func holidays(_ reader: FieldReader) -> [LocalDate: String] {
    guard let names = reader.names("holidays") else { return [:] }
    if names.members.count > mostHolidays {
      reader.fault("holidays", "this calendar has \(names.members.count) holidays; the limit is \(mostHolidays)")
    }
    var holidays: [LocalDate: String] = [:]
    for text in names.members.keys.sorted() {
      guard let date = LocalDate(text) else {
        names.fault(text, LocalDate.invalidText(text))
        continue
      }
      holidays[date] = names.requiredString(text, "name the holiday") ?? ""
    }
    return holidays
  }

  private static func years(_ reader: FieldReader) -> ClosedRange<Int>? {
    guard let elements = reader.elements("years") else { return nil }
    let numbers = elements.compactMap { $0.value.integerValue.map { Int($0) } }
    guard elements.count == 2, numbers.count == 2, numbers[0] <= numbers[1], (1...9998).contains(numbers[0]),
      numbers[1] <= 9998
    else {
      reader.fault("years", "give the first and the last year with known holidays, for example [2026, 2032]")
      return nil
    }
    return numbers[0]...numbers[1]
  }

  private static func span(of holidays: [LocalDate: String]) -> ClosedRange<Int>? {
    guard let first = holidays.keys.min(), let last = holidays.keys.max() else { return nil }
    return first.components.year...last.components.year
  }
}

/// Encoded in calls and events in the same form as in files; on decoding, fields of newer versions are ignored.
extension CalendarDocument: Codable {
  public init(from decoder: any Decoder) throws {
    self = try LenientDecoding.read(decoder) { Self.read($0, $1) }
  }

  public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  /// The calendar as written in its file.
  public var document: JSONValue {
    let named = holidays.map { ($0.key.description, JSONValue.string($0.value)) }
    var members: [String: JSONValue] = [
      "calendar": .string(key),
      "weekend": .array(Weekday.allCases.filter(weekend.contains).map { .string($0.rawValue) }),
      "holidays": .object(Dictionary(named, uniquingKeysWith: { first, _ in first })),
    ]
    if let years { members["years"] = [.integer(Int64(years.lowerBound)), .integer(Int64(years.upperBound))] }
    return .object(members)
  }
}
