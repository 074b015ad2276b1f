public import JSON
public import LaunchModel

/// Reads the fields of one signal's data by the rules of contract.md, section 4.
///
/// A *key* is one of the organisation's own identifiers: a string of 1 to 512 bytes without U+0000. A whole number is
/// accepted as its digits, because some producers number their tickets and accounts. A *text* is a string of any length
/// without U+0000, which the storage engines cannot store. An optional field may be missing or null; a field that is
/// present must be valid. Fields that a type does not declare are ignored.
public struct SignalReader: Sendable {
  /// The signal whose data are read.
  public let type: SignalType
  private let members: [String: JSONValue]
  /// The fields so far if this reader collects declarations instead of reading data; nil otherwise.
  private(set) var collected: [SignalField]?
  /// Fields given as numbers, or as lists with numbers, converted to strings.
  private var replaced: [String: JSONValue] = [:]

  /// - Throws: `EventError` with code `malformed-data` if the data are not an object.
  init(_ type: SignalType, data: JSONValue?) throws(EventError) {
    guard case .object(let members) = data else {
      throw .malformedData("\(type.rawValue): data is \(data.map(Self.shown) ?? "missing"); expected an object")
    }
    self.type = type
    self.members = members
  }

  /// Collects the fields instead of reading them; every field has its example as its value.
  init(collectingFieldsOf type: SignalType) {
    self.type = type
    members = [:]
    collected = []
  }

  /// The data with every numeric key replaced by its string, so that lookups by JSON Pointer find the same values that
  /// this reader returned.
  var normalizedData: JSONValue { .object(members.merging(replaced) { _, new in new }) }

  // MARK: Keys

  /// Reads a required key.
  public mutating func key(_ name: String, _ summary: String, example: String) throws(EventError) -> String {
    guard let key = try optionalKey(name, summary, example: example, isRequired: true) else { throw missing(name) }
    return key
  }

  /// Reads a key; nil if the event has none.
  public mutating func optionalKey(_ name: String, _ summary: String, example: String) throws(EventError) -> String? {
    try optionalKey(name, summary, example: example, isRequired: false)
  }

  /// Reads a list of keys; nil if the event has none.
  public mutating func optionalKeys(_ name: String, _ summary: String, example: [String]) throws(EventError)
    -> [String]?
  {
    if collect(SignalField(name, .keys, false, summary, .array(example.map { .string($0) }))) { return example }
    guard let value = value(name) else { return nil }
    guard case .array(let elements) = value else { throw fault(name, value, "a list of strings") }
    var keys: [String] = []
    keys.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() { keys.append(try key("\(name)[\(index)]", element)) }
    if elements.contains(where: { $0.stringValue == nil }) { replaced[name] = .array(keys.map { .string($0) }) }
    return keys
  }

  private mutating func optionalKey(
    _ name: String, _ summary: String, example: String, isRequired: Bool
  ) throws(EventError) -> String? {
    if collect(SignalField(name, .key, isRequired, summary, .string(example))) { return example }
    guard let value = value(name) else { return nil }
    let key = try key(name, value)
    if value.stringValue == nil { replaced[name] = .string(key) }
    return key
  }

  private func key(_ name: String, _ value: JSONValue) throws(EventError) -> String {
    guard let key = ExternalKey.text(value) else {
      throw fault(name, value, "a string or a whole number of at most 64 bits")
    }
    guard !key.isEmpty else { throw fault(name, value, "at least one character") }
    guard ExternalKey.fits(key) else {
      guard key.utf8.contains(0) else {
        throw error(
          name, "has \(key.utf8.count) bytes; expected at most \(ExternalKey.maximumBytes) bytes")
      }
      throw fault(name, value, "a string of 1 to \(ExternalKey.maximumBytes) bytes without U+0000")
    }
    return key
  }

  // MARK: Texts

  /// Reads a required text of at least one character.
  public mutating func text(_ name: String, _ summary: String, example: String) throws(EventError) -> String {
    if collect(SignalField(name, .text(isEmptyAllowed: false), true, summary, .string(example))) { return example }
    guard let text = try text(name, isEmptyAllowed: false) else { throw missing(name) }
    return text
  }

  /// Reads a text; nil if the event has none.
  ///
  /// - Parameter isEmptyAllowed: whether an empty text is valid.
  public mutating func optionalText(
    _ name: String, _ summary: String, example: String, isEmptyAllowed: Bool = true
  ) throws(EventError) -> String? {
    if collect(SignalField(name, .text(isEmptyAllowed: isEmptyAllowed), false, summary, .string(example))) {
      return example
    }
    return try text(name, isEmptyAllowed: isEmptyAllowed)
  }

  private func text(_ name: String, isEmptyAllowed: Bool) throws(EventError) -> String? {
    guard let value = value(name) else { return nil }
    guard case .string(let text) = value else { throw fault(name, value, "a string") }
    guard isEmptyAllowed || !text.isEmpty else { throw fault(name, value, "at least one character") }
    guard !text.utf8.contains(0) else { throw fault(name, value, "a string without U+0000") }
    return text
  }

  // MARK: Choices, numbers and dates

  /// Reads a required word from a closed set: the raw values of `Choice`.
  public mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ summary: String, example: Choice
  ) throws(EventError) -> Choice where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    if collect(SignalField(name, .choice(words), true, summary, .string(example.rawValue))) { return example }
    guard let value = value(name) else { throw missing(name) }
    guard let choice = value.stringValue.flatMap({ Choice(rawValue: $0) }) else {
      throw fault(name, value, "one of \(words.sorted().joined(separator: ", "))")
    }
    return choice
  }

  /// Reads a required number within a range.
  public mutating func number(
    _ name: String, in range: ClosedRange<Double>, _ summary: String, example: Double
  ) throws(EventError) -> Double {
    if collect(
      SignalField(
        name, .number(minimum: range.lowerBound, maximum: range.upperBound), true, summary, Self.number(example)))
    {
      return example
    }
    guard let value = value(name) else { throw missing(name) }
    guard let number = value.doubleValue, range.contains(number) else {
      throw fault(
        name, value,
        "a number from \(Self.shown(Self.number(range.lowerBound))) to \(Self.shown(Self.number(range.upperBound)))")
    }
    return number
  }

  /// Reads a number of at least 0; nil if the event has none.
  public mutating func optionalAmount(_ name: String, _ summary: String, example: Double) throws(EventError) -> Double?
  {
    if collect(SignalField(name, .number(minimum: 0, maximum: nil), false, summary, Self.number(example))) {
      return example
    }
    guard let value = value(name) else { return nil }
    guard let number = value.doubleValue, number >= 0 else { throw fault(name, value, "a number of at least 0") }
    return number
  }

  /// Reads a local date; nil if the event has none.
  public mutating func optionalDate(_ name: String, _ summary: String, example: String) throws(EventError) -> LocalDate?
  {
    if collect(SignalField(name, .date, false, summary, .string(example))) { return LocalDate(example) }
    guard let value = value(name) else { return nil }
    guard let date = value.stringValue.flatMap({ LocalDate($0) }) else {
      throw fault(name, value, "a date such as 2027-03-02")
    }
    return date
  }

  /// Reads a required moment.
  public mutating func moment(_ name: String, _ summary: String, example: String) throws(EventError) -> Timestamp {
    if collect(SignalField(name, .moment, true, summary, .string(example))) {
      return Timestamp(example) ?? Timestamp(microseconds: 0)
    }
    guard let value = value(name) else { throw missing(name) }
    guard let moment = value.stringValue.flatMap({ Timestamp($0) }) else {
      throw fault(name, value, "a moment such as 2027-03-03T08:00:00Z")
    }
    return moment
  }

  /// Reads a required feed: an object with the keys `type` and `source`.
  public mutating func feed(_ name: String, _ summary: String) throws(EventError) -> FeedName {
    let example = FeedName(type: SignalType.ticketOpened.rawValue, source: "//helpdesk/")
    if collect(
      SignalField(
        name, .feed, true, summary, ["type": .string(example.type), "source": .string(example.source)]))
    {
      return example
    }
    guard let value = value(name) else { throw missing(name) }
    guard case .object(let members) = value, case .string(let type)? = members["type"],
      case .string(let source)? = members["source"]
    else { throw fault(name, value, "an object with the texts type and source") }
    let named = try key("\(name).type", .string(type))
    // A signal may be given by its short name, as in commands: `feature.used`.
    let signal = SignalType(rawValue: "\(EventNamespace.signals)\(named).v1")
    return FeedName(type: signal?.rawValue ?? named, source: try key("\(name).source", .string(source)))
  }

  /// Reads the required score on a scale: for thumbs `up`, true or 1, and `down`, false or 0; otherwise a number on the
  /// scale.
  public mutating func score(_ name: String, on scale: SatisfactionScale, _ summary: String) throws(EventError)
    -> Double
  {
    if collect(SignalField(name, .score, true, summary, 4)) { return 4 }
    guard let value = value(name) else { throw missing(name) }
    switch (scale, value) {
    case (.thumbs, .string("up")), (.thumbs, .bool(true)), (.thumbs, .integer(1)): return 1
    case (.thumbs, .string("down")), (.thumbs, .bool(false)), (.thumbs, .integer(0)): return 0
    case (.thumbs, _): throw fault(name, value, "up or 1, or down or 0, because the scale is thumbs")
    case (.five, _), (.ten, _):
      guard let score = value.doubleValue, scale.range.contains(score) else {
        throw fault(
          name, value, "a number from 1 to \(Int(scale.range.upperBound)), because the scale is \(scale.rawValue)")
      }
      return score
    }
  }

  /// Creates an error about a field that is valid on its own but conflicts with another.
  public func fault(_ name: String, expected: String) -> EventError {
    guard let value = members[name] else { return error(name, "is missing; expected \(expected)") }
    return fault(name, value, expected)
  }

  // MARK: -

  /// Returns the field's value; nil if it is missing or null.
  private func value(_ name: String) -> JSONValue? {
    guard let value = members[name], value != .null else { return nil }
    return value
  }

  private mutating func collect(_ field: @autoclosure () -> SignalField) -> Bool {
    guard collected != nil else { return false }
    collected?.append(field())
    return true
  }

  /// Creates an error about a required field that is missing or null.
  private func missing(_ name: String) -> EventError {
    error(name, members[name] == nil ? "is missing" : "is null; expected a value")
  }

  private func fault(_ name: String, _ value: JSONValue, _ expected: String) -> EventError {
    error(name, "is \(Self.shown(value)); expected \(expected)")
  }

  private func error(_ name: String, _ fault: String) -> EventError {
    .malformedData("\(type.rawValue): data.\(name) \(fault)")
  }

  /// The maximum number of bytes of a value that messages quote.
  private static let quotedBytes = 60

  /// Returns a value as messages quote it: the beginning of its JSON with every quotation mark closed, so that
  /// `Excerpt.shortening` does not cut off what was expected.
  private static func shown(_ value: JSONValue) -> String {
    let text = String(decoding: value.canonical(), as: UTF8.self)
    guard text.utf8.count > quotedBytes else { return text }
    guard value.stringValue == nil else {
      return "\"\(Excerpt.of(String(text.dropFirst().dropLast()), limit: quotedBytes))\""
    }
    let excerpt = Excerpt.of(text, limit: quotedBytes)
    return Excerpt.endsInQuotes(excerpt) ? excerpt + "\"" : excerpt
  }

  static func number(_ value: Double) -> JSONValue {
    Int64(exactly: value).map { .integer($0) } ?? .number(value)
  }
}

/// One field of a signal's data, with the rule it is read by.
public struct SignalField: Sendable, Hashable {
  /// The rule that a field's value must satisfy.
  public enum Rule: Sendable, Hashable {
    /// A string of 1 to 512 bytes without U+0000, or a whole number, which is read as its digits.
    case key
    /// A list of keys.
    case keys
    /// A string without U+0000.
    case text(isEmptyAllowed: Bool)
    /// One of these strings.
    case choice([String])
    /// A number within these bounds, inclusive; nil for no bound.
    case number(minimum: Double?, maximum: Double?)
    /// A date such as `2027-03-02`.
    case date
    /// A score on the scale given in the field `scale`.
    case score
    /// A moment such as `2027-03-03T08:00:00Z`.
    case moment
    /// An object with the keys `type` and `source`.
    case feed
  }

  /// The member of `data`.
  public let name: String
  /// The rule that its value must satisfy.
  public let rule: Rule
  /// Whether an event without it is refused.
  public let isRequired: Bool
  /// What it means, in one sentence.
  public let summary: String
  /// A valid value.
  public let example: JSONValue

  init(_ name: String, _ rule: Rule, _ isRequired: Bool, _ summary: String, _ example: JSONValue) {
    self.name = name
    self.rule = rule
    self.isRequired = isRequired
    self.summary = summary
    self.example = example
  }

  private static let keys: [String: Set<JSONPointer>] = Dictionary(
    uniqueKeysWithValues: SignalType.allCases.map { type in
      let names = all(of: type).filter { $0.rule == .key }.map(\.name)
      return (type.rawValue, Set(names.compactMap { JSONPointer("/data/\($0)") }))
    })

  /// Whether a pointer into a whole event of that type leads to a declared key.
  public static func isKey(_ pointer: JSONPointer, of type: String) -> Bool { keys[type]?.contains(pointer) == true }

  /// The fields that a signal type declares, in the order in which they are read.
  public static func all(of type: SignalType) -> [SignalField] {
    var reader = SignalReader(collectingFieldsOf: type)
    do {
      _ = try Signal(&reader)
    } catch {
      // If an example does not satisfy its own declaration, later fields are left out, which a test detects.
    }
    return reader.collected ?? []
  }
}
