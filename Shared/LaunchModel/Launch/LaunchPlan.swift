public import JSON

/// The contents of a launch file: a person's plan, before anything is computed from it (contract.md, "Launch file").
public struct LaunchPlan: Sendable, Hashable, Codable {
  /// The id; the field `launch` in files.
  public var launch: LaunchID
  /// The display name, for example `Smart routing`.
  public var name: String
  /// The person accountable for it, for example `dana`; must be on the roster once one is adopted.
  public var owner: PersonID
  /// The feature's key in signals; default: the launch's id.
  public var feature: String
  /// The planned local date, in `timeZone`.
  public var date: LocalDate
  /// An IANA time zone; default `UTC`.
  public var timeZone: String
  /// The key of a business-day calendar; nil means Monday to Friday without holidays.
  public var calendar: String?
  /// The calendars of functions that use one other than `calendar`, keyed by the function's raw value.
  public var calendars: [String: String]
  /// The supported locales; default `[en]`.
  public var locales: [Locale]
  /// The affected customer segments; default none.
  public var segments: [String]
  /// The next All-Hands, on or before the launch date; nil if the file gives none.
  public var allHands: LocalDate?
  /// The facts that tiering and conditions use; each may be given, omitted or unknown.
  public var facts: Facts
  /// How it reaches customers; nil if the file omits it.
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
  /// The maximum length of a launch's name, in characters.
  public static let maximumNameLength = 200

  /// The maximum number of locales, and of segments, of a launch.
  public static let maximumInstances = 200

  /// Returns whether a text has the form of a language tag (RFC 5646): parts of 1 to 8 letters and digits joined by
  /// `-`, or by `_` as in POSIX, the first of letters only; at most 64 bytes.
  public static func isLocale(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z]{1,8}([-_][A-Za-z0-9]{1,8})*/) != nil && text.utf8.count <= 64
  }

  /// Returns whether a text can name a segment: a single line, not blank, of at most 200 characters.
  public static func isSegment(_ text: String) -> Bool {
    text.count <= maximumNameLength && text.contains { !$0.isWhitespace } && !text.contains(where: \.isNewline)
  }

}

/// How a launch reaches its customers.
public struct Rollout: Sendable, Hashable, Codable {
  /// Whether it happens all at once or in stages.
  public enum Kind: String, Sendable, Codable, Hashable {
    case full, gradual
  }
  /// All at once, or by the percentages in `stages`.
  public var kind: Kind
  /// The feature flag whose `flag.changed` events record exposure; nil if there is none.
  public var flag: String?
  /// The percentages of a gradual rollout, ascending, each above 0 and at most 100.
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

  /// Reads and validates a launch file (contract.md, section 6).
  ///
  /// - Parameters:
  ///   - calendars: the known calendars; nil skips that check.
  ///   - people: the keys of the people on the roster; nil skips that check.
  /// - Throws: `invalid` with every error.
  public init(
    reading document: JSONValue, calendars: CalendarSet? = nil, people: [PersonID]? = nil
  ) throws(Problem) {
    self = try LaunchPlanReader(calendars: calendars, people: people, missingDate: nil).plan(document)
  }

  /// Reads a launch file for `launch.classify`, which requires only the facts.
  ///
  /// - Parameter missingDate: the date to use if the file has none.
  /// - Throws: `invalid` with every error.
  public init(
    outlineReading document: JSONValue, missingDate: LocalDate, calendars: CalendarSet? = nil
  ) throws(Problem) {
    self = try LaunchPlanReader(calendars: calendars, people: nil, missingDate: missingDate).plan(document)
  }
}

private struct LaunchPlanReader {
  let calendars: CalendarSet?
  let people: [PersonID]?
  /// The date to use if the file has none; nil if the file must have every field that a proposal requires.
  let missingDate: LocalDate?

  func plan(_ document: JSONValue) throws(Problem) -> LaunchPlan {
    let faults = DocumentErrors()
    let plan = read(document, faults)
    return try faults.finish(plan, "invalid-launch", title: "the launch file is invalid")
  }

  private func read(_ document: JSONValue, _ faults: DocumentErrors) -> LaunchPlan? {
    guard let reader = FieldReader(document, knowing: LaunchPlan.fields, faults) else { return nil }
    if missingDate == nil { requireProposal(reader) }
    reader.require("facts", "give at least kinds, for example {kinds: [new-feature]}")
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
      reader.fault("allHands", "\(allHands) is after the launch on \(planned); give the last All-Hands before it")
    }
    let date = planned ?? missingDate
    let rollout = reader.value("rollout") == nil ? nil : Rollout(reading: reader)
    guard let id, let name, let owner, let feature, let date, let facts else { return nil }
    return LaunchPlan(
      launch: id, name: name, owner: owner, feature: feature, date: date, timeZone: timeZone, calendar: calendar,
      calendars: others, locales: locales, segments: segments, allHands: allHands, facts: facts, rollout: rollout)
  }

  private func requireProposal(_ reader: FieldReader) {
    reader.require("launch", "give the launch an id such as smart-routing")
    reader.require("name")
    reader.require("owner", "give the key of a person on the roster")
    reader.require("date", "write it in the form 2027-03-02")
  }

  private func owner(_ reader: FieldReader) -> PersonID? {
    guard let owner = reader.requiredString("owner") else { return nil }
    if let people, !people.contains(owner) {
      let hint = Suggestion.text(for: owner, among: people)
      reader.fault("owner", "\(owner) is not on the roster\(hint)")
    }
    return owner
  }

  private static func name(_ reader: FieldReader) -> String? {
    let name = reader.requiredString("name")
    if let name, name.count > LaunchPlan.maximumNameLength {
      reader.fault("name", "this name has \(name.count) characters; the limit is \(LaunchPlan.maximumNameLength)")
    }
    return name
  }

  private static func feature(_ reader: FieldReader) -> String? {
    let feature = reader.requiredString("feature")
    if let feature, !ExternalKey.fits(feature) {
      reader.fault("feature", "this key cannot appear in signals; use at most 512 bytes, without U+0000")
    }
    return feature
  }

  private static func id(_ reader: FieldReader) -> LaunchID? {
    guard let text = reader.string("launch") else { return nil }
    guard let id = LaunchID(text) else {
      reader.fault("launch", "\"\(text)\" is not a launch id; use 1 to 64 of a-z, 0-9 and -, and no - first or last")
      return nil
    }
    return id
  }

  private static func timeZone(_ reader: FieldReader) -> String {
    guard let name = reader.string("timeZone") else { return "UTC" }
    do throws(Problem) {
      _ = try ZoneRules(named: name)
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
    if locales.isEmpty { reader.fault("locales", "a launch needs at least one locale; omit the field for [en]") }
    for (index, locale) in locales.enumerated() where !LaunchPlan.isLocale(locale) {
      let pointer = reader.pointer.appending("locales").appending(String(index))
      reader.faults.add(pointer, "\"\(locale)\" is not a locale; write one such as en, pt-BR or zh-Hant-TW")
    }
    limitCount("locales", locales, reader)
    return locales
  }

  private static func segments(_ reader: FieldReader) -> [String] {
    let segments = reader.strings("segments") ?? []
    for (index, segment) in segments.enumerated() where !LaunchPlan.isSegment(segment) {
      let pointer = reader.pointer.appending("segments").appending(String(index))
      reader.faults.add(
        pointer, "a segment must be a single non-blank line of at most \(LaunchPlan.maximumNameLength) characters")
    }
    limitCount("segments", segments, reader)
    return segments
  }

  /// Limits the number of locales or segments, because some template items are expanded over each of them.
  private static func limitCount(_ key: String, _ texts: [String], _ reader: FieldReader) {
    guard texts.count > LaunchPlan.maximumInstances else { return }
    reader.fault(key, "this launch has \(texts.count) \(key); the limit is \(LaunchPlan.maximumInstances)")
  }
}

extension Rollout {
  /// Reads the `rollout` field of a launch file.
  init?(reading launch: FieldReader) {
    guard let reader = launch.object("rollout", knowing: ["kind", "flag", "stages"]) else { return nil }
    reader.require("kind", "use full or gradual")
    let kind = reader.word("kind", Kind.self)
    let flag = reader.value("flag") == nil ? nil : reader.requiredString("flag")
    let stages = Self.stages(reader)
    switch kind {
    case .gradual? where stages.isEmpty:
      reader.fault("stages", "a gradual rollout needs stages, for example [5, 25, 100]")
    case .full? where !stages.isEmpty:
      reader.fault("stages", "a full rollout has no stages; remove them or use kind: gradual")
    default: break
    }
    guard let kind else { return nil }
    self.init(kind: kind, flag: flag, stages: stages)
  }

  private static func stages(_ reader: FieldReader) -> [Double] {
    var stages: [Double] = []
    for (pointer, value) in reader.elements("stages") ?? [] {
      guard let percentage = value.doubleValue, percentage > 0, percentage <= 100 else {
        reader.faults.add(
          pointer, "a stage must be a percentage above 0 and at most 100, not \(FieldReader.shown(value))")
        continue
      }
      if let last = stages.last, percentage <= last {
        reader.faults.add(pointer, "stages must ascend, but \(FieldReader.shown(value)) is not above the one before it")
      }
      stages.append(percentage)
    }
    if let first = stages.first, let last = stages.last, first < 1, last <= 1 {
      reader.fault(
        "stages",
        "stages are percentages: write \(Self.percent(first)) for \(Self.percent(first)) %, not \(first); a rollout "
          + "below 1 % still ends with a stage above 1")
    }
    return stages
  }
}

extension Rollout {
  /// Formats a share as a percentage, such as `5` for 0.05.
  private static func percent(_ share: Double) -> String {
    let value = (share * 1e6).rounded() / 1e4
    return value == value.rounded() ? String(Int(value)) : String(value)
  }
}

extension Rollout.Kind: CaseIterable {
  /// The values allowed in a launch file.
  public static let allCases: [Rollout.Kind] = [.full, .gradual]
}
