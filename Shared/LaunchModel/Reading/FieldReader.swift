public import JSON

/// Reads the fields of one object of a document; what is wrong is noted, and reading goes on.
///
/// Each method gives nil for a field that is missing or wrong; `required` ones note it when it is missing. A field that is
/// `null` counts as missing.
public struct FieldReader {
  /// The object's fields as they were written.
  public let members: [String: JSONValue]
  /// Where the object stands in its document; faults are noted below it.
  public let pointer: JSONPointer
  /// Where faults are noted, shared with the readers of the document's other objects.
  public let faults: DocumentErrors

  /// Nil, with a fault noted, where the value is no object; fields that are not among the known ones are faults.
  public init?(
    _ value: JSONValue, at pointer: JSONPointer = .root, knowing fields: [String], _ faults: DocumentErrors
  ) {
    guard case .object(let members) = value else {
      faults.add(pointer, "this must be an object with fields, not \(value.kindName)")
      return nil
    }
    self.init(members, at: pointer, faults)
    guard !faults.ignoresUnknownFields else { return }
    for key in members.keys.sorted() where !fields.contains(key) {
      let hint = Suggestion.text(for: key, among: fields)
      let mend = hint.isEmpty ? "; the fields are \(fields.joined(separator: ", "))" : hint
      faults.add(pointer.appending(key), "there is no field \"\(key)\"\(mend)")
    }
  }

  /// A reader of an object whose keys are not fields but names.
  public init(_ members: [String: JSONValue], at pointer: JSONPointer, _ faults: DocumentErrors) {
    self.members = members
    self.pointer = pointer
    self.faults = faults
  }

  /// The field's value; nil where it is absent or null.
  public func value(_ key: String) -> JSONValue? {
    guard let value = members[key], value != .null else { return nil }
    return value
  }

  /// Notes a fault of a field.
  public func fault(_ key: String, _ detail: String) { faults.add(pointer.appending(key), detail) }

  /// Notes that a field must be there, where it is not.
  public func require(_ key: String, _ example: String = "") {
    guard value(key) == nil else { return }
    faults.add(pointer.appending(key), "the field \"\(key)\" is missing" + (example.isEmpty ? "" : "; \(example)"))
  }

  /// A text.
  public func string(_ key: String) -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.stringValue else {
      fault(key, "this must be a text, not \(value.kindName)")
      return nil
    }
    return text
  }

  /// A text that is there and has a character other than white space.
  public func requiredString(_ key: String, _ example: String = "") -> String? {
    require(key, example)
    guard let text = string(key) else { return nil }
    guard text.contains(where: { !$0.isWhitespace }) else {
      fault(key, "this must not be empty")
      return nil
    }
    return text
  }

  /// True or false.
  public func bool(_ key: String) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let flag = value.boolValue else {
      fault(key, "this must be true or false, not \(Self.shown(value))")
      return nil
    }
    return flag
  }

  /// A whole number within a range.
  public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.integerValue, range.contains(Int(number)) else {
      let span = "\(range.lowerBound) to \(range.upperBound)"
      fault(key, "this must be a whole number from \(span), not \(Self.shown(value))")
      return nil
    }
    return Int(number)
  }

  /// Any number.
  public func double(_ key: String) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.doubleValue else {
      fault(key, "this must be a number, not \(Self.shown(value))")
      return nil
    }
    return number
  }

  /// A date as `2027-03-02`.
  public func date(_ key: String) -> LocalDate? {
    guard let text = string(key) else { return nil }
    guard let date = LocalDate(text), date.isPlain else {
      fault(key, "\"\(text)\" is no date; a date is a day that there is, written as 2027-03-02")
      return nil
    }
    return date
  }

  /// One of an enumeration's words.
  public func word<Word>(_ key: String, _ type: Word.Type) -> Word?
  where Word: RawRepresentable<String> & CaseIterable {
    guard let text = string(key) else { return nil }
    return Self.word(text, type, at: pointer.appending(key), faults)
  }

  /// The elements of a list with their pointers; a value that is no list is a fault.
  public func elements(_ key: String) -> [(pointer: JSONPointer, value: JSONValue)]? {
    guard let value = value(key) else { return nil }
    guard let elements = value.arrayValue else {
      fault(key, "this must be a list, as [\(value.stringValue ?? "…")], not \(value.kindName)")
      return nil
    }
    return elements.enumerated().map { (pointer.appending(key).appending(String($0.offset)), $0.element) }
  }

  /// A list of distinct texts, none empty.
  public func strings(_ key: String) -> [String]? {
    guard let elements = elements(key) else { return nil }
    var texts: [String] = []
    for (pointer, value) in elements {
      guard let text = value.stringValue, !text.isEmpty else {
        faults.add(pointer, "this must be a text, not \(Self.shown(value))")
        continue
      }
      if texts.contains(text) { faults.add(pointer, "\"\(text)\" stands here twice") }
      texts.append(text)
    }
    return texts
  }

  /// A list of distinct words of an enumeration.
  public func words<Word>(_ key: String, _ type: Word.Type) -> [Word]?
  where Word: RawRepresentable<String> & CaseIterable {
    strings(key)?.enumerated().compactMap { index, text in
      Self.word(text, type, at: pointer.appending(key).appending(String(index)), faults)
    }
  }

  /// An object with known fields.
  public func object(_ key: String, knowing fields: [String]) -> FieldReader? {
    value(key).flatMap { FieldReader($0, at: pointer.appending(key), knowing: fields, faults) }
  }

  /// An object whose keys are names.
  public func names(_ key: String) -> FieldReader? {
    guard let value = value(key) else { return nil }
    guard let members = value.objectValue else {
      fault(key, "this must be an object with names as keys, not \(value.kindName)")
      return nil
    }
    return FieldReader(members, at: pointer.appending(key), faults)
  }

  /// The enumeration's word, or a fault that names the nearest or all of them.
  public static func word<Word>(
    _ text: String, _ type: Word.Type, at pointer: JSONPointer, _ faults: DocumentErrors
  ) -> Word? where Word: RawRepresentable<String> & CaseIterable {
    if let word = Word(rawValue: text) { return word }
    let all = Word.allCases.map(\.rawValue)
    let hint = Suggestion.text(for: text, among: all)
    let mend = hint.isEmpty ? "; it is one of \(all.joined(separator: ", "))" : hint
    faults.add(pointer, "there is no \"\(text)\"\(mend)")
    return nil
  }

  /// A scalar as it is written, or what kind of value it is.
  public static func shown(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): "\"\(text)\""
    case .array, .object: value.kindName
    default: String(decoding: value.serialized(), as: UTF8.self)
    }
  }
}

/// Collects the faults of one document while it is read, so that all are told at once.
public final class DocumentErrors {
  /// All that is wrong so far, in the order of reading; empty for a document without fault.
  public private(set) var faults: [FieldError] = []
  /// Whether fields that nobody knows are passed over, as on the wire, where a newer version may have written them.
  let ignoresUnknownFields: Bool

  public init(ignoresUnknownFields: Bool = false) { self.ignoresUnknownFields = ignoresUnknownFields }

  /// Notes a fault.
  public func add(_ pointer: JSONPointer, _ detail: String) {
    faults.append(FieldError(pointer: pointer.description, detail: detail))
  }

  /// - Throws: `invalid` with every fault, in the order of their pointers, where there is one.
  public func check(_ code: String, title: String) throws(Problem) {
    guard !faults.isEmpty else { return }
    throw .invalid(code, title: title, errors: faults)
  }

  /// What was read, unless there was a fault.
  ///
  /// - Throws: `invalid` with every fault.
  public func finish<Value>(_ value: Value?, _ code: String, title: String) throws(Problem) -> Value {
    if faults.isEmpty, value == nil { add(.root, "this could not be read") }
    try check(code, title: title)
    guard let value else { throw .internalError("a document without faults was not read") }
    return value
  }
}

/// Finds what a person may have meant.
public enum Suggestion {
  /// ` (did you mean "audience"?)`, or nothing where no candidate is near.
  public static func text(for word: String, among candidates: some Sequence<String>) -> String {
    nearest(to: word, among: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
  }

  /// The candidate within two edits, and within a third of the word's length where it is short.
  public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = min(2, max(1, word.count / 3))
    let near = candidates.map { (distance: distance(word.lowercased(), $0.lowercased()), candidate: $0) }
    return near.filter { $0.distance <= limit }.min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
      .candidate
  }

  /// The Levenshtein distance, neighbours swapped counting as one (optimal string alignment).
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
