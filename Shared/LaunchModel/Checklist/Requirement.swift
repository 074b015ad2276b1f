public import JSON

/// A requirement that an item must meet before it can be done: an entry of `requires` in a template (product.md,
/// section 2, rule 10).
public enum Requirement: Sendable, Hashable {
  /// Evidence in one of the given forms: `{link}` for a link, or `{link, text: 40}` for a link or a text of at least 40
  /// characters.
  case evidence([EvidenceForm])
  /// A person on the roster, by what they do, for example who executes a rollback: `{person: rollback}`. If the roster
  /// has a group of that name, the person must be one of its members.
  case person(role: String)
  /// Attendees, with at least one from each of these functions, all of them different people: `{people: [cs,
  /// support]}`. The presenter does not count; this is the person who reports the item, unless another one is named.
  case people([LaunchFunction])
  /// A field of the launch: `{field: rollout}`.
  case field(RequiredField)
  /// A day of the launch that must have come: `{date: allHands}`.
  case date(RequiredDay)
  /// A hypercare roster whose shifts cover this many days: `{shifts: 14}`.
  case shifts(days: Int)
}

/// A form of evidence that a requirement accepts.
public enum EvidenceForm: Sendable, Hashable {
  /// A URL.
  case link
  /// A text of at least this many characters.
  case text(characters: Int)
  /// A file, recorded as its SHA-256.
  case file
  /// An event that reports the item as passed or completes it.
  case event
}

/// A field of a launch that an item can require.
public enum RequiredField: String, Sendable, Hashable, CaseIterable {
  /// A full rollout, or a gradual one with a flag and stages that rise to 100.
  case rollout
  /// The rollout's flag, for either kind of rollout.
  case flag
  /// The date of the next All-Hands.
  case allHands
}

/// A day of a launch that an item can wait for.
public enum RequiredDay: String, Sendable, Hashable, CaseIterable {
  /// The All-Hands; before that day, evidence of the confirmed slot is enough.
  case allHands
  /// The launch date.
  case date
}

extension Requirement {
  /// The fields of an entry; the last five cannot be combined with other fields.
  public static let fields = EvidenceForm.fields + ["person", "people", "field", "date", "shifts"]

  /// The longest hypercare roster that an item can require, in days.
  static let mostDays = 90

  /// Reads an entry; a word such as `link` is the same as `{link}`.
  ///
  /// - Returns: nil, after recording the errors, if it is invalid.
  init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    let entry = value.stringValue.map { JSONValue.object([$0: .null]) } ?? value
    guard let reader = FieldReader(entry, at: pointer, knowing: Self.fields, faults) else { return nil }
    let named = Self.fields.filter { reader.members[$0] != nil }
    let forms = named.filter(EvidenceForm.fields.contains)
    guard let field = named.first, named.count == 1 || forms.count == named.count else {
      if reader.members.isEmpty {
        faults.add(pointer, "name what is required, for example {link} or {text: 40}")
      } else if !named.isEmpty {
        faults.add(
          pointer,
          "link, text, file and event can be alternatives in one entry; anything else needs an entry of its own")
      }
      return nil
    }
    guard forms.isEmpty else {
      let read = forms.compactMap { EvidenceForm($0, of: reader) }
      guard read.count == forms.count else { return nil }
      self = .evidence(read)
      return
    }
    guard let requirement = Self.read(field, reader) else { return nil }
    self = requirement
  }

  private static func read(_ field: String, _ reader: FieldReader) -> Requirement? {
    switch field {
    case "person":
      return reader.requiredString(field, "name what the person does, for example {person: rollback}")
        .map { .person(role: $0) }
    case "people":
      reader.require(field, "for example {people: [cs, support]}")
      guard let functions = reader.words(field, LaunchFunction.self) else { return nil }
      if reader.members[field] == .array([]) { reader.fault(field, "name at least one function") }
      return .people(functions)
    case "field":
      reader.require(field, "for example {field: rollout}")
      return reader.word(field, RequiredField.self).map { .field($0) }
    case "date":
      reader.require(field, "for example {date: allHands}")
      return reader.word(field, RequiredDay.self).map { .date($0) }
    default:
      reader.require(field, "give the number of days, for example {shifts: 14}")
      return reader.integer(field, in: 1...mostDays).map { .shifts(days: $0) }
    }
  }

  /// Reads `requires`, or `evidence: none` as an empty list; nil if the item has neither.
  static func list(_ item: FieldReader) -> [Requirement]? {
    if item.value("evidence")?.stringValue == "none" {
      if item.value("requires") != nil { item.fault("evidence", "evidence: none and requires exclude each other") }
      return []
    }
    guard let elements = item.elements("requires") else { return nil }
    if item.value("evidence") != nil {
      item.fault("evidence", "evidence is the older form of requires; write both as requires")
    }
    var seen: Set<Requirement> = []
    return elements.compactMap { element in
      guard let requirement = Requirement(reading: element.value, at: element.pointer, item.faults) else { return nil }
      if !seen.insert(requirement).inserted { item.faults.add(element.pointer, "the same requirement is listed twice") }
      return requirement
    }
  }

  /// The entry as written in files.
  public var document: JSONValue {
    switch self {
    case .evidence(let forms):
      .object(Dictionary(forms.map { ($0.field, $0.document) }, uniquingKeysWith: { first, _ in first }))
    case .person(let role): .object(["person": .string(role)])
    case .people(let functions): .object(["people": .array(functions.map { .string($0.rawValue) })])
    case .field(let field): .object(["field": .string(field.rawValue)])
    case .date(let day): .object(["date": .string(day.rawValue)])
    case .shifts(let days): .object(["shifts": .integer(Int64(days))])
    }
  }
}

extension EvidenceForm {
  static let fields = ["link", "text", "file", "event"]

  fileprivate init?(_ field: String, of reader: FieldReader) {
    switch field {
    case "text":
      guard reader.value(field) != nil, reader.value(field) != true else {
        self = .text(characters: 1)
        return
      }
      guard let characters = reader.integer(field, in: 1...2_000) else { return nil }
      self = .text(characters: characters)
    default:
      guard reader.value(field) == nil || reader.value(field) == true else {
        reader.fault(field, "\(field) takes no value; write {\(field)}")
        return nil
      }
      self = field == "link" ? .link : field == "file" ? .file : .event
    }
  }

  fileprivate var field: String {
    switch self {
    case .link: "link"
    case .text: "text"
    case .file: "file"
    case .event: "event"
    }
  }

  fileprivate var document: JSONValue {
    switch self {
    case .text(let characters): .integer(Int64(characters))
    case .link, .file, .event: true
    }
  }

  /// The form in words, for example `a text of at least 40 characters`.
  public var text: String {
    switch self {
    case .link: "a link"
    case .text(let characters): characters == 1 ? "a text" : "a text of at least \(characters) characters"
    case .file: "a file"
    case .event: "an event"
    }
  }
}
