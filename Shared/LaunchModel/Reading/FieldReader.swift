public import JSON

/// Reads the fields of one object in a document. It records errors and continues, so that one pass finds all of them.
///
/// Each method returns nil for a missing or invalid field; the `required` ones also record an error for a missing
/// field. A field that is `null` counts as missing.
public struct FieldReader {
  /// The object's fields as written.
  public let members: [String: JSONValue]
  /// The object's position in the document; errors are recorded with pointers below it.
  public let pointer: JSONPointer
  /// The collected errors, shared by the readers of all objects in the document.
  public let faults: DocumentErrors

  /// Creates a reader that records an error for each unknown field; returns nil, after recording an error, if the value
  /// is not an object.
  public init?(
    _ value: JSONValue, at pointer: JSONPointer = .root, knowing fields: [String], _ faults: DocumentErrors
  ) {
    guard case .object(let members) = value else {
      faults.add(pointer, "\(pointer == .root ? "the document " : "")must be an object, not \(value.kindName)")
      return nil
    }
    self.init(members, at: pointer, faults)
    guard !faults.ignoresUnknownFields else { return }
    for key in members.keys.sorted() where !fields.contains(key) {
      let hint = Suggestion.text(for: key, among: fields)
      let correction = hint.isEmpty ? "; expected one of \(fields.joined(separator: ", "))" : hint
      faults.add(pointer.appending(key), "unknown field \"\(key)\"\(correction)")
    }
  }

  /// Creates a reader of an object whose keys are arbitrary names rather than fields.
  public init(_ members: [String: JSONValue], at pointer: JSONPointer, _ faults: DocumentErrors) {
    self.members = members
    self.pointer = pointer
    self.faults = faults
  }

  /// Returns the field's value; nil if absent or null.
  public func value(_ key: String) -> JSONValue? {
    guard let value = members[key], value != .null else { return nil }
    return value
  }

  /// Records an error at a field.
  public func fault(_ key: String, _ detail: String) { faults.add(pointer.appending(key), detail) }

  /// Records an error if the field is missing.
  public func require(_ key: String, _ example: String = "") {
    guard value(key) == nil else { return }
    faults.add(pointer.appending(key), "the field \"\(key)\" is missing" + (example.isEmpty ? "" : "; \(example)"))
  }

  /// Reads a string.
  public func string(_ key: String) -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.stringValue else {
      fault(key, "must be a string, not \(value.kindName)")
      return nil
    }
    return text
  }

  /// Reads a string with at least one character that is not white space.
  public func requiredString(_ key: String, _ example: String = "") -> String? {
    require(key, example)
    guard let text = string(key) else { return nil }
    guard text.contains(where: { !$0.isWhitespace }) else {
      fault(key, "must not be empty")
      return nil
    }
    return text
  }

  /// Reads true or false, also written as yes or no.
  public func bool(_ key: String) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let flag = Self.truth(of: value) else {
      fault(key, "must be true or false, not \(Self.shown(value))")
      return nil
    }
    return flag
  }

  /// Returns whether a value means true or false; nil if neither.
  ///
  /// In YAML 1.2, `yes` and `no` are strings, although people and older YAML readers treat them as true and false.
  /// gonogo treats them as such in documents, on the command line and in table cells.
  public static func truth(of value: JSONValue) -> Bool? {
    switch value {
    case .bool(let flag): flag
    case .string(let text):
      switch text.lowercased() {
      case "yes", "true": true
      case "no", "false": false
      default: nil
      }
    default: nil
    }
  }

  /// Reads a whole number within a range.
  public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.integerValue, range.contains(Int(number)) else {
      let span = "\(range.lowerBound) to \(range.upperBound)"
      fault(key, "must be a whole number from \(span), not \(Self.shown(value))")
      return nil
    }
    return Int(number)
  }

  /// Reads a number.
  public func double(_ key: String) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.doubleValue else {
      fault(key, "must be a number, not \(Self.shown(value))")
      return nil
    }
    return number
  }

  /// Reads a date in the form `2027-03-02`.
  public func date(_ key: String) -> LocalDate? {
    guard let text = string(key) else { return nil }
    guard let date = LocalDate(text), date.isPlain else {
      fault(key, LocalDate.invalidText(text))
      return nil
    }
    return date
  }

  /// Reads a value of an enumeration.
  public func word<Word>(_ key: String, _ type: Word.Type) -> Word?
  where Word: RawRepresentable<String> & CaseIterable {
    guard let text = string(key) else { return nil }
    return Self.word(text, type, at: pointer.appending(key), faults)
  }

  /// Returns the elements of a list with their pointers; records an error if the value is not a list.
  public func elements(_ key: String) -> [(pointer: JSONPointer, value: JSONValue)]? {
    guard let value = value(key) else { return nil }
    guard let elements = value.arrayValue else {
      fault(key, "must be a list such as [\(value.stringValue ?? "…")], not \(value.kindName)")
      return nil
    }
    return elements.enumerated().map { (pointer.appending(key).appending(String($0.offset)), $0.element) }
  }

  /// Reads a list of distinct, non-empty strings.
  public func strings(_ key: String) -> [String]? {
    guard let elements = elements(key) else { return nil }
    var texts: [String] = []
    for (pointer, value) in elements {
      guard let text = value.stringValue, !text.isEmpty else {
        faults.add(pointer, "must be a non-empty string, not \(Self.shown(value))")
        continue
      }
      if texts.contains(text) { faults.add(pointer, "\"\(text)\" is listed twice") }
      texts.append(text)
    }
    return texts
  }

  /// Reads a list of distinct values of an enumeration.
  public func words<Word>(_ key: String, _ type: Word.Type) -> [Word]?
  where Word: RawRepresentable<String> & CaseIterable {
    strings(key)?.enumerated().compactMap { index, text in
      Self.word(text, type, at: pointer.appending(key).appending(String(index)), faults)
    }
  }

  /// Returns a reader of an object with known fields.
  public func object(_ key: String, knowing fields: [String]) -> FieldReader? {
    value(key).flatMap { FieldReader($0, at: pointer.appending(key), knowing: fields, faults) }
  }

  /// Returns a reader of an object whose keys are arbitrary names.
  public func names(_ key: String) -> FieldReader? {
    guard let value = value(key) else { return nil }
    guard let members = value.objectValue else {
      fault(key, "must be an object with names as keys, not \(value.kindName)")
      return nil
    }
    return FieldReader(members, at: pointer.appending(key), faults)
  }

  /// Returns the enumeration value; nil after recording an error that suggests the nearest value or lists all of them.
  public static func word<Word>(
    _ text: String, _ type: Word.Type, at pointer: JSONPointer, _ faults: DocumentErrors
  ) -> Word? where Word: RawRepresentable<String> & CaseIterable {
    if let word = Word(rawValue: text) { return word }
    let all = Word.allCases.map(\.rawValue)
    let hint = Suggestion.text(for: text, among: all)
    let correction = hint.isEmpty ? "; expected one of \(all.joined(separator: ", "))" : hint
    faults.add(pointer, "unknown value \"\(text)\"\(correction)")
    return nil
  }

  /// Returns a scalar as written in JSON; for a list or object, its kind.
  public static func shown(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): "\"\(text)\""
    case .array, .object: value.kindName
    default: String(decoding: value.serialized(), as: UTF8.self)
    }
  }
}

/// Collects the errors in one document while it is read, so that all of them are reported together.
public final class DocumentErrors {
  /// The errors so far, in reading order; empty for a valid document.
  public private(set) var faults: [FieldError] = []
  /// Whether unknown fields are ignored, as in payloads, which may come from a newer version.
  let ignoresUnknownFields: Bool

  public init(ignoresUnknownFields: Bool = false) { self.ignoresUnknownFields = ignoresUnknownFields }

  /// Records an error.
  public func add(_ pointer: JSONPointer, _ detail: String) {
    faults.append(FieldError(pointer: pointer.description, detail: detail))
  }

  /// - Throws: `invalid` with every error, in reading order, if there are any.
  public func check(_ code: String, title: String) throws(Problem) {
    guard !faults.isEmpty else { return }
    throw .invalid(code, title: title, errors: faults)
  }

  /// Returns the value if there were no errors.
  ///
  /// - Throws: `invalid` with every error.
  public func finish<Value>(_ value: Value?, _ code: String, title: String) throws(Problem) -> Value {
    if faults.isEmpty, value == nil { add(.root, "the document could not be read") }
    try check(code, title: title)
    guard let value else { throw .internalError("no value was read from a document without errors") }
    return value
  }
}

/// Suggests corrections for mistyped words.
public enum Suggestion {
  /// Returns ` (did you mean "audience"?)`, or an empty string if no candidate is close enough.
  public static func text(for word: String, among candidates: some Sequence<String>) -> String {
    text(naming: nearest(to: word, among: candidates).map { [$0] } ?? [])
  }

  /// Returns ` (did you mean "a" or "b"?)` for the given words; empty if there are none.
  static func text(naming words: [String]) -> String {
    guard !words.isEmpty else { return "" }
    return " (did you mean \(words.map { "\"\($0)\"" }.joined(separator: " or "))?)"
  }

  /// Returns the closest candidate within two edits, or within one for a word of fewer than six characters; nil if
  /// there is none.
  public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = min(2, max(1, word.count / 3))
    let near = candidates.map { (distance: distance(word.lowercased(), $0.lowercased()), candidate: $0) }
    return near.filter { $0.distance <= limit }.min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
      .candidate
  }

  /// Returns the Levenshtein distance in which a swap of adjacent characters counts as one edit (optimal string
  /// alignment).
  static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.prefix(64)), Array(right.prefix(64)))
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, a) in left.enumerated() {
      var current = [row + 1]
      for (column, b) in right.enumerated() {
        var best = min(last[column] + (a == b ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, a == right[column - 1], b == left[row - 1] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
