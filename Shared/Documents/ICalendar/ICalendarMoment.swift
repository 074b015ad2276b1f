import LaunchModel

/// The date or date-time value of a property such as DTSTART.
struct ICalendarMoment {
  /// The zone in which its local time is counted.
  enum Zone: Hashable {
    /// No zone: the same local time everywhere.
    case floating
    case utc
    /// The zone with this TZID.
    case named(String)
  }

  var date: LocalDate
  /// The second of the day; nil for a date without a time.
  var second: Int?
  var zone: Zone

  var isDate: Bool { second == nil }
  /// Whether it is at the start of its day; true for a date.
  var isMidnight: Bool { second ?? 0 == 0 }

  /// - Parameter text: the value; nil for the value of the whole line.
  init(_ line: ICalendarLine, text: Substring? = nil) throws(SourceError) {
    let text = text ?? line.value[...]
    let kind = line.parameters["VALUE"]?.uppercased()
    guard let value = Self.parsed(text), kind == nil || kind == (value.second == nil ? "DATE" : "DATE-TIME") else {
      throw SourceError(
        line: line.number,
        detail: "\"\(text)\" is not a valid date for \(line.name)\(kind.map { ";VALUE=\($0)" } ?? ""); expected e.g. "
          + "20270302")
    }
    self = value
    guard let name = line.parameters["TZID"], second != nil else { return }
    guard zone != .utc else {
      throw SourceError(
        line: line.number, detail: "\"\(text)\" is in UTC and in the time zone \(name); drop the Z or the TZID")
    }
    zone = .named(name)
  }

  private init(date: LocalDate, second: Int?, zone: Zone) {
    self.date = date
    self.second = second
    self.zone = zone
  }

  /// Parses a date such as `20270302`, or a date-time such as `20270302T000000` or `20270301T230000Z`.
  static func parsed(_ text: Substring) -> ICalendarMoment? {
    let digits = text.utf8.map { (0x30...0x39).contains($0) ? Int($0) - 0x30 : -1 }
    func number(_ start: Int, _ count: Int) -> Int? {
      guard start + count <= digits.count else { return nil }
      let part = digits[start..<(start + count)]
      return part.contains(-1) ? nil : part.reduce(0) { $0 * 10 + $1 }
    }
    guard let year = number(0, 4), let month = number(4, 2), let day = number(6, 2),
      let date = LocalDate(year: year, month: month, day: day)
    else { return nil }
    if digits.count == 8 { return ICalendarMoment(date: date, second: nil, zone: .floating) }
    guard let hour = number(9, 2), let minute = number(11, 2), let second = number(13, 2), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    let separator = text.utf8.dropFirst(8).first
    let rest = String(text.utf8.dropFirst(15)) ?? "?"
    guard separator == UInt8(ascii: "T") || separator == UInt8(ascii: "t"), rest.isEmpty || rest.uppercased() == "Z"
    else { return nil }
    return ICalendarMoment(
      date: date, second: hour * 3_600 + minute * 60 + second, zone: rest.isEmpty ? .floating : .utc)
  }
}

/// The position of a moment in the local time of a series.
struct ICalendarPlace {
  /// The dates on which it may fall; only one if its zone is known.
  var dates: ClosedRange<LocalDate>
  /// Whether it is at the start of its day in every possible zone.
  var isMidnight: Bool

  var date: LocalDate? { dates.lowerBound == dates.upperBound ? dates.lowerBound : nil }
}

/// The time zones in which a file's moments may be.
struct ICalendarZones {
  /// The offsets in seconds east of UTC in the file's own zone definitions, by TZID.
  private var defined: [String: Set<Int>] = [:]

  /// The offsets of all zones on earth, in steps of a quarter of an hour.
  private static let all = Array(stride(from: -12 * 3_600, through: 14 * 3_600, by: 900))

  /// Adds the zone definition in a VTIMEZONE, including its STANDARD and DAYLIGHT parts.
  mutating func add(_ component: ICalendarComponent) {
    guard let name = component.lines.first(where: { $0.name == "TZID" })?.value else { return }
    let offsets = component.lines.filter { $0.name.hasPrefix("TZOFFSET") }.compactMap { Self.seconds($0.value) }
    defined[name, default: []].formUnion(offsets)
  }

  /// Returns the position of a moment in the local time of another one, with which a series starts.
  func place(_ moment: ICalendarMoment, in start: ICalendarMoment) -> ICalendarPlace {
    let isLocal = moment.zone == start.zone || moment.zone == .floating
    // A date is taken as written, and so is a local time next to dates. Midnight in UTC next to dates is how some
    // programs write the date itself.
    let isWritten = moment.isDate || isLocal || (start.isDate && (moment.zone != .utc || moment.isMidnight))
    if isWritten { return ICalendarPlace(dates: moment.date...moment.date, isMidnight: moment.isMidnight) }
    let local = Int64(moment.date.ordinal) * 86_400 + Int64(moment.second ?? 0)
    var (dates, isMidnight): ([LocalDate], Bool) = ([], true)
    for offset in offsets(of: moment.zone, atLocal: local) {
      let utc = local - Int64(offset)
      for offset in offsets(of: start.zone, atUTC: utc) {
        let place = utc + Int64(offset)
        let day = (place - (place < 0 ? 86_399 : 0)) / 86_400
        dates.append(LocalDate(ordinal: Int(day)))
        isMidnight = isMidnight && place == day * 86_400
      }
    }
    let (first, last) = (dates.min() ?? moment.date, dates.max() ?? moment.date)
    return ICalendarPlace(dates: first...last, isMidnight: isMidnight)
  }

  /// Returns the offsets that a zone may have at a second since 1970 in UTC.
  private func offsets(of zone: ICalendarMoment.Zone, atUTC second: Int64) -> [Int] {
    if case .named(let name) = zone, let rules = Self.rules(name) {
      return [rules.offset(at: Timestamp(microseconds: second * 1_000_000))]
    }
    return offsets(ofUnknown: zone)
  }

  /// Returns the offsets that a zone may have at a local time, given in seconds since 1970: two in the hour that is
  /// repeated when clocks are put back.
  private func offsets(of zone: ICalendarMoment.Zone, atLocal second: Int64) -> [Int] {
    guard case .named(let name) = zone, let rules = Self.rules(name) else { return offsets(ofUnknown: zone) }
    func offset(_ utc: Int64) -> Int { rules.offset(at: Timestamp(microseconds: utc * 1_000_000)) }
    let near = Set([-86_400, 0, 86_400].map { offset(second + $0) })
    let exact = near.filter { offset(second - Int64($0)) == $0 }
    return exact.isEmpty ? near.sorted() : exact.sorted()
  }

  private func offsets(ofUnknown zone: ICalendarMoment.Zone) -> [Int] {
    switch zone {
    case .utc: [0]
    case .floating: Self.all
    case .named(let name): defined[name].map { $0.isEmpty ? Self.all : $0.sorted() } ?? Self.all
    }
  }

  /// Returns the rules of the IANA zone that a TZID names; some programs prefix the name with their own path.
  private static func rules(_ name: String) -> ZoneRules? {
    let parts = name.split(separator: "/")
    guard !parts.isEmpty else { return nil }
    for count in [parts.count, 3, 2] where (1...parts.count).contains(count) {
      // If a TZID is not an IANA name, the file's own definitions are used.
      if let rules = try? ZoneRules(named: parts.suffix(count).joined(separator: "/")) { return rules }
    }
    return nil
  }

  /// Parses an offset such as `+0100` or `-033000`.
  private static func seconds(_ text: String) -> Int? {
    guard let sign = text.first, sign == "+" || sign == "-", [5, 7].contains(text.utf8.count),
      let digits = Int(text.dropFirst())
    else { return nil }
    let value = text.utf8.count == 5 ? digits * 100 : digits
    let seconds = value / 10_000 * 3_600 + value / 100 % 100 * 60 + value % 100
    return sign == "-" ? -seconds : seconds
  }
}
