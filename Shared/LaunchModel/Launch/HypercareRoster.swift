public import JSON

/// The people who give a launch elevated support coverage in the days after it, with their hours (contract.md,
/// "Hypercare roster file").
///
/// Its dates and times are local to the launch's zone.
public struct HypercareRoster: Sendable, Hashable, Codable {
  /// The minutes within which a customer should get a first response; a shift can have its own target.
  public var responseMinutes: Int
  /// The hours of elevated coverage on each day, which shifts should cover; default the whole day.
  public var hours: CoverageHours
  /// The shifts, at least one, in the order of their start; they may overlap.
  public var shifts: [HypercareShift]

  public init(responseMinutes: Int, hours: CoverageHours = .wholeDay, shifts: [HypercareShift]) {
    self.responseMinutes = responseMinutes
    self.hours = hours
    self.shifts = shifts.sorted { ($0.from, $0.to, $0.person) < ($1.from, $1.to, $1.person) }
  }

  /// The people who have a shift.
  public var people: Set<PersonID> { Set(shifts.map(\.person)) }

  /// Returns the minutes within which a customer should get a first response during a shift.
  public func responseMinutes(during shift: HypercareShift) -> Int { shift.responseMinutes ?? responseMinutes }
}

/// The hours of elevated coverage on each day.
public struct CoverageHours: Sendable, Hashable, Codable {
  /// When they begin.
  public var from: LocalTime
  /// When they end, later than `from`; `24:00` is the end of the day.
  public var to: LocalTime

  /// The whole day, from `00:00` to `24:00`.
  public static let wholeDay = CoverageHours(from: .startOfDay, to: .endOfDay)

  public init(from: LocalTime, to: LocalTime) {
    self.from = from
    self.to = to
  }
}

/// One person's shift.
public struct HypercareShift: Sendable, Hashable, Codable {
  /// The person on shift, for example `sam`.
  public var person: PersonID
  /// When it begins.
  public var from: LocalDateTime
  /// When it ends.
  public var to: LocalDateTime
  /// The minutes within which a customer should get a first response during it; nil for the roster's target.
  public var responseMinutes: Int?

  public init(person: PersonID, from: LocalDateTime, to: LocalDateTime, responseMinutes: Int? = nil) {
    self.person = person
    self.from = from
    self.to = to
    self.responseMinutes = responseMinutes
  }
}

extension HypercareRoster {
  /// The maximum number of shifts in a roster, where a repeated shift counts once for each day.
  public static let mostShifts = 400

  /// Reads and validates a roster file.
  ///
  /// - Parameters:
  ///   - zone: the launch's zone, in which shifts must end after they begin.
  ///   - people: the company's roster, on which everyone with a shift must be; nil skips that check.
  /// - Throws: `invalid` with every error.
  public init(reading document: JSONValue, in zone: ZoneRules, people: Roster?) throws(Problem) {
    let faults = DocumentErrors()
    let roster = HypercareRosterReader(zone: zone, people: people).roster(document, faults)
    self = try faults.finish(roster, "invalid-hypercare-roster", title: "the hypercare roster is invalid")
  }
}

private struct HypercareRosterReader {
  let zone: ZoneRules
  let people: Roster?

  /// Up to a week; a longer response target is probably a typing error.
  private static let minutes = 1...10_080
  /// The maximum number of days after its first one for which a shift can be repeated.
  private static let longestRepetition = 60

  func roster(_ document: JSONValue, _ faults: DocumentErrors) -> HypercareRoster? {
    let fields = ["responseMinutes", "hours", "shifts"]
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    reader.require("responseMinutes", "give the minutes to a first response, for example 30")
    reader.require("shifts", "list them, for example {person: sam, from: 2027-03-02T08:00, to: 2027-03-02T16:00}")
    let minutes = reader.integer("responseMinutes", in: Self.minutes)
    let hours = hours(reader)
    let elements = reader.elements("shifts") ?? []
    let listed = elements.flatMap { shifts($0.value, at: $0.pointer, faults) }
    if reader.value("shifts")?.arrayValue?.isEmpty == true { reader.fault("shifts", "list at least one shift") }
    if listed.count > HypercareRoster.mostShifts {
      reader.fault("shifts", "\(listed.count) shifts are listed; the limit is \(HypercareRoster.mostShifts)")
    }
    guard let minutes, let hours else { return nil }
    return HypercareRoster(responseMinutes: minutes, hours: hours, shifts: listed)
  }

  /// Reads the hours of coverage; nil after recording an error.
  private func hours(_ reader: FieldReader) -> CoverageHours? {
    guard reader.value("hours") != nil else { return .wholeDay }
    guard let hours = reader.object("hours", knowing: ["from", "to"]) else { return nil }
    hours.require("from", "give the time of day at which coverage begins, for example 08:00")
    hours.require("to", "give the time of day at which coverage ends, for example 20:00")
    guard let from = time("from", hours), let to = time("to", hours) else { return nil }
    guard from < to else {
      hours.fault("to", "\(to) is not after \(from); give hours within one day, at most 00:00 to 24:00")
      return nil
    }
    return CoverageHours(from: from, to: to)
  }

  /// Returns the shift and, if it is repeated, those of the following days.
  private func shifts(_ value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) -> [HypercareShift] {
    let fields = ["person", "from", "to", "until", "responseMinutes"]
    guard let reader = FieldReader(value, at: pointer, knowing: fields, faults) else { return [] }
    let person = person(reader)
    reader.require("from", "give the local date and time at which it begins, for example 2027-03-02T08:00")
    reader.require("to", "give the local date and time at which it ends, for example 2027-03-02T16:00")
    let (from, to) = (moment("from", reader), moment("to", reader))
    let until = reader.date("until")
    let minutes = reader.integer("responseMinutes", in: Self.minutes)
    guard let person, let from, let to else { return [] }
    guard zone.moment(of: from) < zone.moment(of: to) else {
      reader.fault("to", "the shift ends at \(to), which is not after its beginning at \(from)")
      return []
    }
    let days = until.map { $0.ordinal - from.date.ordinal } ?? 0
    guard (0...Self.longestRepetition).contains(days) else {
      let span = "\(from.date) to \(from.date.adding(days: Self.longestRepetition))"
      reader.fault("until", "the last day of a shift that is repeated daily must be from \(span)")
      return []
    }
    return (0...days).map { day in
      HypercareShift(
        person: person, from: from.adding(days: day), to: to.adding(days: day), responseMinutes: minutes)
    }
  }

  private func person(_ reader: FieldReader) -> PersonID? {
    guard let person = reader.requiredString("person", "name who is on shift, by their key on the roster") else {
      return nil
    }
    if let people, people.people[person] == nil { reader.fault("person", people.absence(of: person)) }
    return person
  }

  private func time(_ key: String, _ reader: FieldReader) -> LocalTime? {
    guard let text = reader.string(key) else { return nil }
    let time = LocalTime(text)
    if time == nil { reader.fault(key, LocalTime.invalidText(text)) }
    return time
  }

  private func moment(_ key: String, _ reader: FieldReader) -> LocalDateTime? {
    guard let text = reader.string(key) else { return nil }
    guard let moment = LocalDateTime(text), moment.date.isPlain else {
      reader.fault(key, LocalDateTime.invalidText(text))
      return nil
    }
    return moment
  }
}
