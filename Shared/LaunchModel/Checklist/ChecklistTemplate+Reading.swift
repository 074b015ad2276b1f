public import JSON

extension ChecklistTemplate {
  /// Reads and validates a template file (product.md, section 2, "Template language").
  ///
  /// - Throws: `invalid` with every error, each with the pointer of the field it is about.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let template = Self.read(document, faults) { TemplateLint($0).check(faults) }
    self = try faults.finish(template, "invalid-template", title: "the checklist template is invalid")
  }

  /// - Parameter lint: checks the items as a whole; it also receives invalid items, as far as they could be read.
  static func read(
    _ document: JSONValue, _ faults: DocumentErrors, lint: ([TemplateLint.Entry]) -> Void = { _ in }
  ) -> ChecklistTemplate? {
    guard let reader = FieldReader(document, knowing: ["version", "owners", "items"], faults) else { return nil }
    reader.require("version", "start with version: 1")
    reader.require("items")
    let entries = (reader.elements("items") ?? []).map { element in
      TemplateLint.Entry(
        key: element.value["key"]?.stringValue, item: TemplateItem(reading: element.value, at: element.pointer, faults))
    }
    lint(entries)
    if reader.members["items"] == .array([]) { reader.fault("items", "a template needs at least one item") }
    let owners = owners(reader)
    guard let version = reader.integer("version", in: 1...1_000_000_000) else { return nil }
    return ChecklistTemplate(version: version, items: entries.compactMap(\.item), owners: owners)
  }

  /// Reads `owners`, for example `{engineering: ibrahim}`.
  private static func owners(_ document: FieldReader) -> [String: PersonID] {
    guard let reader = document.names("owners") else { return [:] }
    var owners: [String: PersonID] = [:]
    for name in reader.members.keys.sorted() {
      let pointer = reader.pointer.appending(name)
      guard FieldReader.word(name, LaunchFunction.self, at: pointer, reader.faults) != nil else { continue }
      if let person = reader.requiredString(name, "name a person, or leave the function out") { owners[name] = person }
    }
    return owners
  }
}

extension TemplateChange {
  /// Reads a template change; added and replaced items must be complete.
  ///
  /// - Throws: `invalid` with every error.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let change = Self.read(document, faults)
    self = try faults.finish(change, "invalid-template-change", title: "the template change is invalid")
  }

  static func read(_ document: JSONValue, _ faults: DocumentErrors) -> TemplateChange? {
    let fields = ["baseVersion", "add", "replace", "remove"]
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    reader.require("baseVersion", "give the template version that the change is based on")
    var seen = Set<String>()
    func items(_ key: String) -> [TemplateItem] {
      (reader.elements(key) ?? []).compactMap { element in
        if !faults.ignoresUnknownFields, let own = element.value["key"]?.stringValue, !seen.insert(own).inserted {
          faults.add(element.pointer.appending("key"), "\"\(own)\" appears twice in this change; name each item once")
        }
        return TemplateItem(reading: element.value, at: element.pointer, faults)
      }
    }
    guard let base = reader.integer("baseVersion", in: 1...1_000_000_000) else { return nil }
    let change = TemplateChange(
      baseVersion: base, add: items("add"), replace: items("replace"), remove: reader.strings("remove") ?? [])
    if change.add.isEmpty, change.replace.isEmpty, change.remove.isEmpty {
      faults.add(.root, "the change is empty; add, replace or remove at least one item")
    }
    return change
  }
}

extension TemplateItem {
  /// The fields of an item in a template file.
  public static let fields = [
    "key", "title", "section", "function", "tiers", "ownerRole", "due", "gate", "condition", "when", "expand",
    "approvals", "review", "evidence", "requires", "completedBy", "dependencies", "shelfLifeDays", "strict", "phase",
    "guidance", "why",
  ]

  /// Reads one item. Returns nil, after recording the errors, if a required field is missing or invalid.
  public init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: Self.fields, faults) else { return nil }
    let texts = (
      reader.requiredString("key"), reader.requiredString("title"), reader.requiredString("section"),
      reader.requiredString("why", "name the launch or learning that the item comes from")
    )
    if let key = texts.0, LaunchID(key) == nil {
      reader.fault("key", "\"\(key)\" is not a valid key; use 1 to 64 of a-z, 0-9 and -")
    }
    reader.require("function")
    let function = reader.word("function", LaunchFunction.self)
    let tiers = Self.tiers(reader)
    let due = Self.due(reader)
    let condition = Self.condition(reader)
    let completedBy = CompletionRule(reading: reader)
    let requires = Requirement.list(reader)
    let evidence = requires == nil ? reader.words("evidence", EvidenceKind.self) ?? [] : []
    let lists = (ApprovalRule.rules(reader), evidence, reader.strings("dependencies") ?? [])
    let words = (
      reader.word("gate", GateKind.self), reader.word("expand", Expansion.self), reader.word("phase", ItemPhase.self)
    )
    let options = (reader.bool("review"), reader.integer("shelfLifeDays", in: 1...3_650), reader.bool("strict"))
    let (ownerRole, guidance) = (reader.string("ownerRole"), reader.string("guidance"))
    guard let key = texts.0, let title = texts.1, let section = texts.2, let why = texts.3, let function, let due,
      !tiers.isEmpty
    else { return nil }
    self.init(
      key: key, title: title, section: section, function: function, tiers: tiers, ownerRole: ownerRole, due: due,
      gate: words.0 ?? .blocking, condition: condition.flag, when: condition.when, expand: words.1,
      approvals: lists.0, review: options.0 ?? false, evidence: lists.1, requires: requires, completedBy: completedBy,
      dependencies: lists.2, shelfLifeDays: options.1, strict: options.2 ?? false, phase: words.2 ?? .before,
      guidance: guidance, why: why)
  }

  /// Reads `condition`, the name of a flag, or `when`.
  private static func condition(_ reader: FieldReader) -> (flag: Flag?, when: FactCondition?) {
    let when = reader.value("when").flatMap {
      FactCondition(reading: $0, at: reader.pointer.appending("when"), reader.faults)
    }
    if reader.value("condition") != nil, reader.value("when") != nil {
      reader.fault("condition", "condition is the older form of when; write both as when")
    }
    return (reader.word("condition", Flag.self), when)
  }

  private static func tiers(_ reader: FieldReader) -> [Tier] {
    reader.require("tiers", "for example [0, 1]")
    var tiers: [Tier] = []
    for (pointer, value) in reader.elements("tiers") ?? [] {
      guard let tier = value.integerValue.flatMap({ Tier(rawValue: Int(clamping: $0)) }) else {
        reader.faults.add(pointer, "\(FieldReader.shown(value)) is not a tier; use 0, 1, 2 or 3")
        continue
      }
      if tiers.contains(tier) { reader.faults.add(pointer, "tier \(tier.rawValue) is listed twice") }
      tiers.append(tier)
    }
    if reader.members["tiers"] == .array([]) {
      reader.fault("tiers", "an item needs at least one tier, for example [0, 1]")
    }
    return tiers
  }

  private static func due(_ reader: FieldReader) -> DueRule? {
    reader.require("due", "for example 5 business days before")
    guard let text = reader.string("due") else { return nil }
    let rule = DueRule(text)
    if rule == nil { reader.fault("due", DueRule.fault(text)) }
    return rule
  }
}

extension ApprovalRule {
  /// Reads `approvals`: each entry is a group's name or `{group: legal, quorum: 2}`.
  static func rules(_ item: FieldReader) -> [ApprovalRule] {
    let elements = item.elements("approvals") ?? []
    let rules = elements.compactMap { ApprovalRule(reading: $0.value, at: $0.pointer, item.faults) }
    if Set(rules.map(\.group)).count < rules.count {
      item.fault("approvals", "a group is listed twice; list each group once")
    }
    return rules
  }

  init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    if let group = value.stringValue, !group.isEmpty {
      self.init(group: group)
      return
    }
    guard let reader = FieldReader(value, at: pointer, knowing: ["group", "quorum"], faults),
      let group = reader.requiredString("group")
    else { return nil }
    self.init(group: group, quorum: reader.integer("quorum", in: 1...100) ?? 1)
  }
}

extension CompletionRule {
  /// Reads `completedBy`, for example `{type: …, where: {/data/locale: "{locale}"}}`.
  init?(reading item: FieldReader) {
    guard let reader = item.object("completedBy", knowing: ["type", "where"]) else { return nil }
    let conditions = reader.names("where")
    for key in conditions?.members.keys.sorted() ?? [] where key.isEmpty || JSONPointer(key) == nil {
      conditions?.fault(key, "\"\(key)\" is not a JSON Pointer; write one such as /data/locale")
    }
    guard let type = reader.requiredString("type") else { return nil }
    self.init(type: type, where: conditions?.members ?? [:])
  }
}

/// Checks the items of a template as a whole: duplicate keys, unknown dependencies, cycles, inconsistent due dates.
struct TemplateLint {
  /// An item, as far as it could be read.
  struct Entry {
    /// The key as written, even if the item is invalid, so that dependencies on it still resolve.
    var key: ItemKey?
    /// The item; nil if it is invalid.
    var item: TemplateItem?
  }

  private let entries: [Entry]
  /// The index of the first item with each key.
  private let positions: [ItemKey: Int]

  /// Creates a lint for items in document order.
  init(_ entries: [Entry]) {
    self.entries = entries
    let places = entries.enumerated().compactMap { place, entry in entry.key.map { ($0, place) } }
    positions = Dictionary(places, uniquingKeysWith: { first, _ in first })
  }

  /// Records everything that makes the template unusable.
  func check(_ faults: DocumentErrors) {
    for (index, entry) in entries.enumerated() {
      guard let key = entry.key, let first = positions[key], first != index else { continue }
      faults.add(Self.pointer(index, "key"), "duplicate key \"\(key)\"; item \(first + 1) already has it")
    }
    for (index, entry) in entries.enumerated() {
      if let item = entry.item { check(item, index, faults) }
    }
    checkMinor(faults)
    for cycle in cycles() {
      let path = (cycle + [cycle[0]]).joined(separator: " → ")
      faults.add(Self.pointer(positions[cycle[0]] ?? 0, "dependencies"), "the dependencies form a cycle: \(path)")
    }
  }

  private func check(_ item: TemplateItem, _ index: Int, _ faults: DocumentErrors) {
    for (place, key) in item.dependencies.enumerated() {
      let pointer = Self.pointer(index, "dependencies").appending("\(place)")
      guard let position = positions[key] else {
        faults.add(pointer, "no item \"\(key)\" in this template\(Suggestion.text(for: key, among: positions.keys))")
        continue
      }
      guard let other = entries[position].item, other.due.nominalDays > item.due.nominalDays else { continue }
      faults.add(pointer, "\(item.key), due \(item.due), depends on \(key), which is due later: \(other.due)")
    }
    let isAfter = item.due.offset > 0
    if isAfter, item.phase != .after {
      faults.add(Self.pointer(index, "due"), "an item due after the launch needs phase: after")
    }
    if item.due.offset < 0, item.phase == .after {
      faults.add(
        Self.pointer(index, "due"), "phase: after needs a due date after the launch, not \(item.due)")
    }
    if isAfter, item.gate == .blocking {
      let pointer = Self.pointer(index, "gate")
      faults.add(pointer, "an item due after the launch cannot block it; use gate: advisory")
    }
  }

  /// Requires a blocking item before the launch that applies to tier 3. Tier 3 gets its GO automatically once its
  /// blocking items are done, so a template with items but without such a one would give GO as soon as a launch is
  /// proposed. Not checked while any item is invalid, because that one may be the missing item.
  private func checkMinor(_ faults: DocumentErrors) {
    let own = entries.indices.filter { entries[$0].item?.tiers.contains(.minor) ?? false }
    guard let first = own.first, entries.allSatisfy({ $0.item != nil }),
      own.allSatisfy({ entries[$0].item?.gate == .advisory || entries[$0].item?.phase == .after })
    else { return }
    faults.add(
      Self.pointer(first, entries[first].item?.phase == .after ? "phase" : "gate"),
      "tier 3 has no blocking item due before the launch, so it would get GO with nothing done; add one")
  }

  /// Returns the dependency cycles, each once, starting at its first item in template order.
  private func cycles() -> [[ItemKey]] {
    var finished: Set<ItemKey> = []
    var found: [[ItemKey]] = []
    func visit(_ key: ItemKey, _ path: [ItemKey]) {
      if let start = path.firstIndex(of: key) {
        found.append(Array(path[start...]))
        return
      }
      guard !finished.contains(key), let position = positions[key], let item = entries[position].item else { return }
      for next in item.dependencies { visit(next, path + [key]) }
      finished.insert(key)
    }
    for key in entries.compactMap(\.key) { visit(key, []) }
    return found
  }

  private static func pointer(_ index: Int, _ field: String) -> JSONPointer {
    JSONPointer(tokens: ["items", "\(index)", field])
  }
}
