public import JSON

/// A condition on a launch's facts: the `when` of a rule of the tier policy or of an item of the checklist template.
///
/// In files it is the name of a flag, `{kinds: [any, of, these]}`, `{audience: [any, of, these]}`, `{all:
/// [conditions]}`, `{any: [conditions]}` or `{not: condition}`.
public indirect enum FactCondition: Sendable, Hashable {
  /// The flag is true.
  case flag(Flag)
  /// The launch has at least one of these kinds.
  case kinds([ChangeKind])
  /// The audience is one of these.
  case audience([Audience])
  /// All of these hold.
  case all([FactCondition])
  /// At least one of these holds.
  case any([FactCondition])
  /// This does not hold.
  case not(FactCondition)

  /// Returns whether it depends on a flag.
  public func mentions(_ flag: Flag) -> Bool {
    switch self {
    case .flag(let own): own == flag
    case .kinds, .audience: false
    case .all(let conditions), .any(let conditions): conditions.contains { $0.mentions(flag) }
    case .not(let condition): condition.mentions(flag)
    }
  }

  /// Whether it depends on the audience.
  public var mentionsAudience: Bool {
    switch self {
    case .audience: true
    case .flag, .kinds: false
    case .all(let conditions), .any(let conditions): conditions.contains(where: \.mentionsAudience)
    case .not(let condition): condition.mentionsAudience
    }
  }
}

extension FactCondition {
  private static let forms = ["kinds", "audience", "all", "any", "not"]

  /// Reads a flag's name, or an object in one of the forms; nil, after recording the errors, if it is neither.
  public init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    if let name = value.stringValue {
      guard let flag = FieldReader.word(name, Flag.self, at: pointer, faults) else { return nil }
      self = .flag(flag)
      return
    }
    guard let reader = FieldReader(value, at: pointer, knowing: Self.forms, faults) else { return nil }
    guard reader.members.count == 1, let form = reader.members.keys.first else {
      let forms = Self.forms.joined(separator: ", ")
      faults.add(pointer, "a condition must be the name of a flag or an object with exactly one of \(forms)")
      return nil
    }
    guard let condition = Self.read(form, reader) else { return nil }
    self = condition
  }

  private static func read(_ form: String, _ reader: FieldReader) -> FactCondition? {
    let pointer = reader.pointer.appending(form)
    if reader.members[form] == .array([]) { reader.faults.add(pointer, "must not be empty") }
    switch form {
    case "kinds": return reader.words(form, ChangeKind.self).map { .kinds($0) }
    case "audience": return reader.words(form, Audience.self).map { .audience($0) }
    case "not":
      return reader.value(form).flatMap { FactCondition(reading: $0, at: pointer, reader.faults) }.map { .not($0) }
    default:
      guard let elements = reader.elements(form) else { return nil }
      let conditions = elements.compactMap { FactCondition(reading: $0.value, at: $0.pointer, reader.faults) }
      guard conditions.count == elements.count else { return nil }
      return form == "all" ? .all(conditions) : .any(conditions)
    }
  }

  /// The condition as written in files.
  public var document: JSONValue {
    switch self {
    case .flag(let flag): .string(flag.rawValue)
    case .kinds(let kinds): .object(["kinds": .array(kinds.map { .string($0.rawValue) })])
    case .audience(let audiences): .object(["audience": .array(audiences.map { .string($0.rawValue) })])
    case .all(let conditions): .object(["all": .array(conditions.map(\.document))])
    case .any(let conditions): .object(["any": .array(conditions.map(\.document))])
    case .not(let condition): .object(["not": condition.document])
    }
  }
}

extension FactCondition: CustomStringConvertible {
  /// The condition in words, for example `audience all and (breaking or changesWorkflow)`.
  public var description: String {
    switch self {
    case .flag(let flag): flag.rawValue
    case .kinds(let kinds): "kind \(kinds.map(\.rawValue).joined(separator: "/"))"
    case .audience(let audiences): "audience \(audiences.map(\.rawValue).joined(separator: "/"))"
    case .all(let conditions): conditions.map(\.operand).joined(separator: " and ")
    case .any(let conditions): conditions.map(\.operand).joined(separator: " or ")
    case .not(let condition): "not \(condition.operand)"
    }
  }

  private var operand: String {
    switch self {
    case .flag, .kinds, .audience, .not: description
    case .all(let conditions), .any(let conditions): conditions.count > 1 ? "(\(description))" : description
    }
  }
}

extension FactCondition {
  /// Returns whether it may hold for a launch with these facts: an omitted or unknown fact may have any value
  /// (product.md, section 1).
  public func mayHold(for facts: Facts) -> Bool { outcome(of: FactRange(facts)).canHold }

  /// Whether it can be satisfied by any launch.
  public var isSatisfiable: Bool { isSatisfiable(within: FactRange()) }

  /// Fixes the facts that it depends on, one by one, until it holds for every value of the rest.
  private func isSatisfiable(within facts: FactRange) -> Bool {
    let outcome = outcome(of: facts)
    guard outcome.canHold, facts.allowsKind else { return false }
    guard outcome.canFail, let next = undecided(in: facts) else { return true }
    return next.contains { isSatisfiable(within: $0) }
  }

  /// Returns the ranges that result from fixing one of the open facts that it depends on; nil if it depends on none.
  private func undecided(in facts: FactRange) -> [FactRange]? {
    let outcome = outcome(of: facts)
    guard outcome.canHold, outcome.canFail else { return nil }
    switch self {
    case .flag(let flag): return facts.settling(flag)
    case .kinds(let kinds): return kinds.first { facts.kinds[$0] == nil }.map { facts.settling($0) }
    case .audience: return facts.settlingAudience
    case .all(let conditions), .any(let conditions):
      for condition in conditions {
        if let next = condition.undecided(in: facts) { return next }
      }
      return nil
    case .not(let condition): return condition.undecided(in: facts)
    }
  }

  /// Evaluates the condition in Kleene's three-valued logic: one that depends on an open fact can both hold and fail.
  private func outcome(of facts: FactRange) -> (canHold: Bool, canFail: Bool) {
    switch self {
    case .flag(let flag):
      let value = facts.flags[flag]
      return (value != false, value != true)
    case .kinds(let kinds):
      return (kinds.contains { facts.kinds[$0] != false }, kinds.allSatisfy { facts.kinds[$0] != true })
    case .audience(let wanted):
      return (!facts.audiences.isDisjoint(with: wanted), !facts.audiences.isSubset(of: wanted))
    case .all(let conditions):
      let outcomes = conditions.map { $0.outcome(of: facts) }
      return (outcomes.allSatisfy { $0.canHold }, outcomes.contains { $0.canFail })
    case .any(let conditions):
      let outcomes = conditions.map { $0.outcome(of: facts) }
      return (outcomes.contains { $0.canHold }, outcomes.allSatisfy { $0.canFail })
    case .not(let condition):
      let outcome = condition.outcome(of: facts)
      return (outcome.canFail, outcome.canHold)
    }
  }
}

/// The values that a launch's facts may have.
private struct FactRange {
  /// Whether the launch has each kind; an open kind is absent.
  var kinds: [ChangeKind: Bool] = [:]
  /// The possible audiences.
  var audiences = Set(Audience.allCases)
  /// The value of each flag; an open flag is absent.
  var flags: [Flag: Bool] = [:]

  /// Creates a range in which every fact is open.
  init() {}

  /// Creates the range of a launch, whose kinds are always known.
  init(_ facts: Facts) {
    for kind in ChangeKind.allCases { kinds[kind] = facts.kinds.contains(kind) }
    if case .known(let audience)? = facts.audience { audiences = [audience] }
    for case (let flag, .known(let value)) in facts.flags { flags[flag] = value }
  }

  /// Whether the range still allows the launch at least one kind, which every launch must have.
  var allowsKind: Bool { ChangeKind.allCases.contains { kinds[$0] != false } }

  func settling(_ flag: Flag) -> [FactRange] {
    [true, false].map { value in
      var range = self
      range.flags[flag] = value
      return range
    }
  }

  func settling(_ kind: ChangeKind) -> [FactRange] {
    [true, false].map { value in
      var range = self
      range.kinds[kind] = value
      return range
    }
  }

  var settlingAudience: [FactRange] {
    Audience.allCases.filter(audiences.contains).map { audience in
      var range = self
      range.audiences = [audience]
      return range
    }
  }
}
