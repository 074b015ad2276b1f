public import JSON
public import LaunchModel

extension TierPolicy {
  /// Reads a policy file.
  ///
  /// - Throws: `invalid` with every fault.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentFaults()
    let policy = Self.read(document, faults)
    self = try faults.finish(policy, "invalid-policy", title: "the tier policy has faults")
  }

  private static func read(_ document: JSONValue, _ faults: DocumentFaults) -> TierPolicy? {
    let fields = ["version", "defaults", "otherwise", "rules"]
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    reader.require("version", "start with 1")
    reader.require("rules")
    let audience = reader.object("defaults", knowing: ["audience"])?.word("audience", Audience.self)
    let elements = reader.elements("rules") ?? []
    let rules = elements.compactMap { TierRule(reading: $0.value, at: $0.pointer, faults) }
    // Also of rules that have other faults.
    let keys = elements.map { $0.value["key"]?.stringValue }
    for (index, key) in keys.enumerated() {
      guard let key, keys[..<index].contains(key) else { continue }
      faults.add(elements[index].pointer.appending("key"), "the key \"\(key)\" stands twice")
    }
    let otherwise = reader.value("otherwise") == nil ? nil : Tier(reading: reader, "otherwise")
    guard let version = reader.integer("version", in: 1...1_000_000_000) else { return nil }
    return TierPolicy(version: version, defaultAudience: audience ?? .subset, otherwise: otherwise, rules: rules)
  }
}

extension Tier {
  init?(reading reader: FieldReader, _ key: String) {
    guard let number = reader.integer(key, in: 0...3) else { return nil }
    self.init(rawValue: number)
  }
}

extension TierRule {
  init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentFaults) {
    guard let reader = FieldReader(value, at: pointer, knowing: ["key", "tier", "when", "because"], faults) else {
      return nil
    }
    reader.require("tier")
    reader.require("when")
    let tier = Tier(reading: reader, "tier")
    let key = reader.requiredString("key")
    if let key, [Self.otherwiseKey, Self.undecidedKey].contains(key) {
      faults.add(pointer.appending("key"), "\"\(key)\" is what records call a case without a rule; choose another key")
    }
    let because = reader.requiredString("because")
    let when = reader.value("when").flatMap {
      TierCondition(reading: $0, at: pointer.appending("when"), faults)
    }
    guard let key, let tier, let when, let because else { return nil }
    self.init(key: key, tier: tier, when: when, because: because)
  }
}

extension TierCondition {
  private static let forms = ["kinds", "audience", "all", "any", "not"]

  /// Reads the name of a flag, or an object of one of the forms.
  init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentFaults) {
    if let name = value.stringValue {
      guard let flag = FieldReader.word(name, Flag.self, at: pointer, faults) else { return nil }
      self = .flag(flag)
      return
    }
    guard let reader = FieldReader(value, at: pointer, knowing: Self.forms, faults) else { return nil }
    guard reader.members.count == 1, let form = reader.members.keys.first else {
      faults.add(pointer, "a condition is one flag's name or one of \(Self.forms.joined(separator: ", "))")
      return nil
    }
    guard let condition = Self.read(form, reader) else { return nil }
    self = condition
  }

  private static func read(_ form: String, _ reader: FieldReader) -> TierCondition? {
    let pointer = reader.pointer.appending(form)
    if reader.members[form] == .array([]) { reader.faults.add(pointer, "this list must not be empty") }
    switch form {
    case "kinds": return reader.words(form, ChangeKind.self).map { .kinds($0) }
    case "audience": return reader.words(form, Audience.self).map { .audience($0) }
    case "not":
      return reader.value(form).flatMap { TierCondition(reading: $0, at: pointer, reader.faults) }.map { .not($0) }
    default:
      guard let elements = reader.elements(form) else { return nil }
      let conditions = elements.compactMap { TierCondition(reading: $0.value, at: $0.pointer, reader.faults) }
      guard conditions.count == elements.count else { return nil }
      return form == "all" ? .all(conditions) : .any(conditions)
    }
  }
}
