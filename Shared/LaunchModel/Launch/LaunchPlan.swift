public import JSON

/// What a launch file says: what a person plans, before anything is computed (contract.md, "Launch file").
public struct LaunchPlan: Sendable, Hashable, Codable {
  /// The id; `launch` in files.
  public var launch: LaunchID
  /// As people call it, as `Smart routing`.
  public var name: String
  /// The person who answers for it, as `dana`; on the roster once there is one.
  public var owner: PersonID
  /// The key that signals use for the launched feature; the launch's id where the file has none.
  public var feature: String
  /// The planned local date in `timeZone`.
  public var date: LocalDate
  /// An IANA zone; default `UTC`.
  public var timeZone: String
  /// The key of a business-day calendar; nil stands for Monday to Friday without holidays.
  public var calendar: String?
  /// A function's own calendar, where it differs, by the function's raw value.
  public var calendars: [String: String]
  /// Default `[en]`.
  public var locales: [Locale]
  /// Affected customer segments; default none.
  public var segments: [String]
  /// The next All-Hands before the launch.
  public var allHands: LocalDate?
  /// What tiering and conditions judge by; each may be given, omitted or unknown.
  public var facts: Facts
  /// How it reaches customers; nil where the file does not say.
  public var rollout: Rollout?

  public init(
    launch: LaunchID, name: String, owner: PersonID, feature: String, date: LocalDate, timeZone: String = "UTC",
    calendar: String? = nil, calendars: [String: String] = [:], locales: [Locale] = ["en"], segments: [String] = [],
    allHands: LocalDate? = nil, facts: Facts, rollout: Rollout? = nil
  ) {
    self.launch = launch
    self.name = name
    self.owner = owner
    self.feature = feature
    self.date = date
    self.timeZone = timeZone
    self.calendar = calendar
    self.calendars = calendars
    self.locales = locales
    self.segments = segments
    self.allHands = allHands
    self.facts = facts
    self.rollout = rollout
  }
}

extension LaunchPlan {
  /// How many characters a launch's name has at most.
  public static let longestName = 200

  /// How many locales, and how many segments, a launch has at most.
  public static let mostInstances = 200

  /// Whether a text is written as a language tag is (RFC 5646): parts of 1 to 8 letters and digits joined by `-`, or as
  /// POSIX does by `_`, the first one
  /// letters alone.
  public static func isLocale(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z]{1,8}([-_][A-Za-z0-9]{1,8})*/) != nil && text.utf8.count <= 64
  }

  /// Whether a text can name a segment: one line that is not blank, of at most 200 characters.
  public static func isSegment(_ text: String) -> Bool {
    text.count <= longestName && text.contains { !$0.isWhitespace } && !text.contains(where: \.isNewline)
  }

}

/// How a launch reaches its customers.
public struct Rollout: Sendable, Hashable, Codable {
  /// All at once, or stage by stage.
  public enum Kind: String, Sendable, Codable, Hashable {
    case full, gradual
  }
  /// All at once, or by the percentages of `stages`.
  public var kind: Kind
  /// The feature flag whose `flag.changed` events are exposure.
  public var flag: String?
  /// Percentages in (0, 100], ascending, for a gradual rollout.
  public var stages: [Double]

  public init(kind: Kind, flag: String? = nil, stages: [Double] = []) {
    self.kind = kind
    self.flag = flag
    self.stages = stages
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    flag = try container.decodeIfPresent(String.self, forKey: .flag)
    stages = try container.decodeIfPresent([Double].self, forKey: .stages) ?? []
  }
}

extension LaunchPlan {
  /// The fields of a launch file.
  public static let fields = [
    "launch", "name", "owner", "feature", "date", "timeZone", "calendar", "calendars", "locales", "segments",
    "allHands", "facts", "rollout",
  ]

  /// Reads a launch file (contract.md, section 6).
  ///
  /// - Parameters:
  ///   - calendars: the calendars there are; nil where that is not to be checked.
  ///   - people: the keys of the people on the roster; nil where that is not to be checked.
  /// - Throws: `invalid` with every fault.
  public init(
    reading document: JSONValue, calendars: CalendarSet? = nil, people: [PersonID]? = nil
  ) throws(Problem) {
    self = try LaunchPlanReader(calendars: calendars, people: people, missingDate: nil).plan(document)
  }

  /// Reads a launch file that need not say more than the facts, as `classify` takes it.
  ///
  /// - Parameter missingDate: the date where the file has none.
  /// - Throws: `invalid` with every fault.
  public init(
    outlineReading document: JSONValue, missingDate: LocalDate, calendars: CalendarSet? = nil
  ) throws(Problem) {
    self = try LaunchPlanReader(calendars: calendars, people: nil, missingDate: missingDate).plan(document)
  }
}

/// Reads launch files.
private struct LaunchPlanReader {
  let calendars: CalendarSet?
  let people: [PersonID]?
  /// The date where the file has none; nil where it must say all that a proposal says.
  let missingDate: LocalDate?

  func plan(_ document: JSONValue) throws(Problem) -> LaunchPlan {
    let faults = DocumentErrors()
    let plan = read(document, faults)
    return try faults.finish(plan, "invalid-launch", title: "the launch file has faults")
  }

  private func read(_ document: JSONValue, _ faults: DocumentErrors) -> LaunchPlan? {
    guard let reader = FieldReader(document, knowing: LaunchPlan.fields, faults) else { return nil }
    if missingDate == nil { requireProposal(reader) }
    reader.require("facts", "give at least kinds, as {kinds: [new-feature]}")
    let id = missingDate == nil || reader.value("launch") != nil ? Self.id(reader) : LaunchID("unnamed")
    let name = reader.value("name") == nil ? "" : Self.name(reader)
    let owner = reader.value("owner") == nil ? "" : self.owner(reader)
    let facts = reader.value("facts").flatMap { Facts(reading: $0, at: JSONPointer(tokens: ["facts"]), faults) }
    let feature = reader.value("feature") == nil ? id?.rawValue : Self.feature(reader)
    let timeZone = Self.timeZone(reader)
    let calendar = calendar("calendar", reader)
    let others = functionCalendars(reader)
    let (locales, segments) = (Self.locales(reader), Self.segments(reader))
    let (planned, allHands) = (reader.date("date"), reader.date("allHands"))
    if let allHands, let planned, allHands > planned {
      reader.fault("allHands", "the next All-Hands is before the launch on \(planned), and \(allHands) is after it")
    }
    let date = planned ?? missingDate
    let rollout = reader.value("rollout") == nil ? nil : Rollout(reading: reader)
    guard let id, let name, let owner, let feature, let date, let facts else { return nil }
    return LaunchPlan(
      launch: id, name: name, owner: owner, feature: feature, date: date, timeZone: timeZone, calendar: calendar,
      calendars: others, locales: locales, segments: segments, allHands: allHands, facts: facts, rollout: rollout)
  }

  private func requireProposal(_ reader: FieldReader) {
    reader.require("launch", "give the launch an id, as smart-routing")
    reader.require("name")
    reader.require("owner", "name a person of the roster")
    reader.require("date", "write it as 2027-03-02")
  }

  private func owner(_ reader: FieldReader) -> PersonID? {
    guard let owner = reader.requiredString("owner") else { return nil }
    if let people, !people.contains(owner) {
      let hint = Suggestion.text(for: owner, among: people)
      reader.fault("owner", "there is no \(owner) on the roster\(hint)")
    }
    return owner
  }

  private static func name(_ reader: FieldReader) -> String? {
    let name = reader.requiredString("name")
    if let name, name.count > LaunchPlan.longestName {
      reader.fault("name", "a name has at most \(LaunchPlan.longestName) characters, and this one \(name.count)")
    }
    return name
  }

  private static func feature(_ reader: FieldReader) -> String? {
    let feature = reader.requiredString("feature")
    if let feature, !ExternalKey.fits(feature) {
      reader.fault("feature", "no signal could name it: a feature's key has at most 512 bytes, and no U+0000")
    }
    return feature
  }

  private static func id(_ reader: FieldReader) -> LaunchID? {
    guard let text = reader.string("launch") else { return nil }
    guard let id = LaunchID(text) else {
      reader.fault("launch", "\"\(text)\" is no id; use 1 to 64 of a-z, 0-9 and -, with no - first or last")
      return nil
    }
    return id
  }

  private static func timeZone(_ reader: FieldReader) -> String {
    guard let name = reader.string("timeZone") else { return "UTC" }
    do throws(Problem) {
      _ = try ZoneRules(name)
    } catch {
      reader.fault("timeZone", error.errors.first?.detail ?? error.detail)
    }
    return name
  }

  private func calendar(_ key: String, _ reader: FieldReader) -> String? {
    guard let name = reader.string(key) else { return nil }
    if let fault = calendars?.fault(of: name) { reader.fault(key, fault) }
    return name
  }

  private func functionCalendars(_ reader: FieldReader) -> [String: String] {
    guard let names = reader.names("calendars") else { return [:] }
    var calendars: [String: String] = [:]
    for function in names.members.keys.sorted() {
      _ = FieldReader.word(function, LaunchFunction.self, at: names.pointer.appending(function), names.faults)
      calendars[function] = calendar(function, names)
    }
    return calendars
  }

  private static func locales(_ reader: FieldReader) -> [Locale] {
    guard let locales = reader.strings("locales") else { return ["en"] }
    if locales.isEmpty { reader.fault("locales", "a launch has at least one locale; leave the field out for [en]") }
    for (index, locale) in locales.enumerated() where !LaunchPlan.isLocale(locale) {
      let pointer = reader.pointer.appending("locales").appending(String(index))
      reader.faults.add(pointer, "\"\(locale)\" is no locale; write it as en, pt-BR or zh-Hant-TW")
    }
    requireFew("locales", locales, reader)
    return locales
  }

  private static func segments(_ reader: FieldReader) -> [String] {
    let segments = reader.strings("segments") ?? []
    for (index, segment) in segments.enumerated() where !LaunchPlan.isSegment(segment) {
      let pointer = reader.pointer.appending("segments").appending(String(index))
      reader.faults.add(
        pointer, "a segment is a line of at most \(LaunchPlan.longestName) characters that is not blank")
    }
    requireFew("segments", segments, reader)
    return segments
  }

  /// The checklist makes an item of some of its kinds for each.
  private static func requireFew(_ key: String, _ texts: [String], _ reader: FieldReader) {
    guard texts.count > LaunchPlan.mostInstances else { return }
    reader.fault(key, "a launch has at most \(LaunchPlan.mostInstances) \(key), and this one \(texts.count)")
  }
}

extension Rollout {
  /// Reads the field `rollout`.
  init?(reading launch: FieldReader) {
    guard let reader = launch.object("rollout", knowing: ["kind", "flag", "stages"]) else { return nil }
    reader.require("kind", "it is full or gradual")
    let kind = reader.word("kind", Kind.self)
    let flag = reader.value("flag") == nil ? nil : reader.requiredString("flag")
    let stages = Self.stages(reader)
    switch kind {
    case .gradual? where stages.isEmpty: reader.fault("stages", "a gradual rollout has stages, as [5, 25, 100]")
    case .full? where !stages.isEmpty: reader.fault("stages", "a full rollout has no stages; kind: gradual has")
    default: break
    }
    guard let kind else { return nil }
    self.init(kind: kind, flag: flag, stages: stages)
  }

  private static func stages(_ reader: FieldReader) -> [Double] {
    var stages: [Double] = []
    for (pointer, value) in reader.elements("stages") ?? [] {
      guard let percentage = value.doubleValue, percentage > 0, percentage <= 100 else {
        reader.faults.add(pointer, "a stage is a percentage above 0 and up to 100, not \(FieldReader.shown(value))")
        continue
      }
      if let last = stages.last, percentage <= last {
        reader.faults.add(pointer, "stages ascend, and \(FieldReader.shown(value)) is not above the one before")
      }
      stages.append(percentage)
    }
    return stages
  }
}

extension Rollout.Kind: CaseIterable {
  /// What a launch file may write for it.
  public static let allCases: [Rollout.Kind] = [.full, .gradual]
}
