public import JSON

extension ChecklistTemplate {
  /// Reads a template file and refuses one that cannot work (product.md, section 2, "Template language").
  ///
  /// - Throws: `invalid` with every fault, each with the pointer of its item's field.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let template = Self.read(document, faults) { TemplateLint($0).check(faults) }
    self = try faults.finish(template, "invalid-template", title: "the checklist template has faults")
  }

  /// - Parameter lint: looks at the items together, those that have faults of their own as far as they could be read.
  static func read(
    _ document: JSONValue, _ faults: DocumentErrors, lint: ([TemplateLint.Entry]) -> Void = { _ in }
  ) -> ChecklistTemplate? {
    guard let reader = FieldReader(document, knowing: ["version", "items"], faults) else { return nil }
    reader.require("version", "start with 1")
    reader.require("items")
    let entries = (reader.elements("items") ?? []).map { element in
      TemplateLint.Entry(
        key: element.value["key"]?.stringValue, item: TemplateItem(reading: element.value, at: element.pointer, faults))
    }
    lint(entries)
    if reader.members["items"] == .array([]) { reader.fault("items", "a template has at least one item") }
    guard let version = reader.integer("version", in: 1...1_000_000_000) else { return nil }
    return ChecklistTemplate(version: version, items: entries.compactMap(\.item))
  }
}

extension TemplateChange {
  /// Reads a change of a template; the items it adds and replaces are whole items.
  ///
  /// - Throws: `invalid` with every fault.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let change = Self.read(document, faults)
    self = try faults.finish(change, "invalid-template-change", title: "the template change has faults")
  }

  static func read(_ document: JSONValue, _ faults: DocumentErrors) -> TemplateChange? {
    let fields = ["baseVersion", "add", "replace", "remove"]
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    reader.require("baseVersion", "name the template version it was made for")
    var seen = Set<String>()
    func items(_ key: String) -> [TemplateItem] {
      (reader.elements(key) ?? []).compactMap { element in
        if !faults.ignoresUnknownFields, let own = element.value["key"]?.stringValue, !seen.insert(own).inserted {
          faults.add(element.pointer.appending("key"), "the change names \"\(own)\" twice")
        }
        return TemplateItem(reading: element.value, at: element.pointer, faults)
      }
    }
    guard let base = reader.integer("baseVersion", in: 1...1_000_000_000) else { return nil }
    let change = TemplateChange(
      baseVersion: base, add: items("add"), replace: items("replace"), remove: reader.strings("remove") ?? [])
    if change.add.isEmpty, change.replace.isEmpty, change.remove.isEmpty {
      faults.add(.root, "a change adds, replaces or removes at least one item")
    }
    return change
  }
}

extension TemplateItem {
  /// The fields of an item.
  public static let fields = [
    "key", "title", "section", "function", "tiers", "ownerRole", "due", "gate", "condition", "expand", "approvals",
    "review", "evidence", "completedBy", "dependencies", "shelfLifeDays", "strict", "phase", "why",
  ]

  /// Reads one item; nil, with faults noted, where one of its needed fields is missing or wrong.
  public init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: Self.fields, faults) else { return nil }
    let texts = (
      reader.requiredString("key"), reader.requiredString("title"), reader.requiredString("section"),
      reader.requiredString("why", "say which launch or learning put the item there")
    )
    if let key = texts.0, LaunchID(key) == nil { reader.fault("key", "\"\(key)\" must be made of a-z, 0-9 and -") }
    reader.require("function")
    let function = reader.word("function", LaunchFunction.self)
    let tiers = Self.tiers(reader)
    let due = Self.due(reader)
    let flag = reader.word("condition", Flag.self)
    let completedBy = CompletionRule(reading: reader)
    let evidence = reader.words("evidence", EvidenceKind.self) ?? []
    let lists = (ApprovalRule.rules(reader), evidence, reader.strings("dependencies") ?? [])
    let words = (
      reader.word("gate", GateKind.self), reader.word("expand", Expansion.self), reader.word("phase", ItemPhase.self)
    )
    let options = (reader.bool("review"), reader.integer("shelfLifeDays", in: 1...3_650), reader.bool("strict"))
    let ownerRole = reader.string("ownerRole")
    guard let key = texts.0, let title = texts.1, let section = texts.2, let why = texts.3, let function, let due,
      !tiers.isEmpty
    else { return nil }
    self.init(
      key: key, title: title, section: section, function: function, tiers: tiers, ownerRole: ownerRole, due: due,
      gate: words.0 ?? .blocking, condition: flag.map(FactCondition.init(flag:)), expand: words.1, approvals: lists.0,
      review: options.0 ?? false, evidence: lists.1, completedBy: completedBy, dependencies: lists.2,
      shelfLifeDays: options.1, strict: options.2 ?? false, phase: words.2 ?? .before, why: why)
  }

  private static func tiers(_ reader: FieldReader) -> [Tier] {
    reader.require("tiers", "as [0, 1]")
    var tiers: [Tier] = []
    for (pointer, value) in reader.elements("tiers") ?? [] {
      guard let tier = value.integerValue.flatMap({ Tier(rawValue: Int(clamping: $0)) }) else {
        reader.faults.add(pointer, "a tier is 0, 1, 2 or 3, not \(FieldReader.shown(value))")
        continue
      }
      if tiers.contains(tier) { reader.faults.add(pointer, "tier \(tier.rawValue) stands here twice") }
      tiers.append(tier)
    }
    if reader.members["tiers"] == .array([]) { reader.fault("tiers", "an item belongs to at least one tier") }
    return tiers
  }

  private static func due(_ reader: FieldReader) -> DueRule? {
    reader.require("due", "as 5 business days before")
    guard let text = reader.string("due") else { return nil }
    let rule = DueRule(text)
    if rule == nil { reader.fault("due", DueRule.fault(text)) }
    return rule
  }
}

extension ApprovalRule {
  /// Reads `approvals`: each a group's name, or `{group: legal, quorum: 2}`.
  static func rules(_ item: FieldReader) -> [ApprovalRule] {
    let elements = item.elements("approvals") ?? []
    let rules = elements.compactMap { ApprovalRule(reading: $0.value, at: $0.pointer, item.faults) }
    if Set(rules.map(\.group)).count < rules.count { item.fault("approvals", "each group stands here once") }
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
  /// Reads `completedBy`: `{type: …, where: {/data/locale: "{locale}"}}`.
  init?(reading item: FieldReader) {
    guard let reader = item.object("completedBy", knowing: ["type", "where"]) else { return nil }
    let conditions = reader.names("where")
    for key in conditions?.members.keys.sorted() ?? [] where key.isEmpty || JSONPointer(key) == nil {
      conditions?.fault(key, "\"\(key)\" is no JSON Pointer; write it as /data/locale")
    }
    guard let type = reader.requiredString("type") else { return nil }
    self.init(type: type, where: conditions?.members ?? [:])
  }
}

/// Looks at the items of a template together: the same key twice, unknown dependencies, cycles, due dates out of order.
struct TemplateLint {
  /// An item as far as it could be read.
  struct Entry {
    /// As it was written, so that others may name an item that has faults.
    var key: ItemKey?
    /// Nil for one with faults of its own that leave no item.
    var item: TemplateItem?
  }

  private let entries: [Entry]
  /// The first place of each key.
  private let positions: [ItemKey: Int]

  /// Takes the items in the document's order.
  init(_ entries: [Entry]) {
    self.entries = entries
    let places = entries.enumerated().compactMap { place, entry in entry.key.map { ($0, place) } }
    positions = Dictionary(places, uniquingKeysWith: { first, _ in first })
  }

  /// Notes what makes the template unable to work.
  func check(_ faults: DocumentErrors) {
    for (index, entry) in entries.enumerated() {
      guard let key = entry.key, let first = positions[key], first != index else { continue }
      faults.add(Self.pointer(index, "key"), "the key \"\(key)\" stands twice; it is that of item \(first + 1) too")
    }
    for (index, entry) in entries.enumerated() {
      if let item = entry.item { check(item, index, faults) }
    }
    checkMinor(faults)
    for cycle in cycles() {
      let path = (cycle + [cycle[0]]).joined(separator: " → ")
      faults.add(Self.pointer(positions[cycle[0]] ?? 0, "dependencies"), "these items wait for one another: \(path)")
    }
  }

  private func check(_ item: TemplateItem, _ index: Int, _ faults: DocumentErrors) {
    for (place, key) in item.dependencies.enumerated() {
      let pointer = Self.pointer(index, "dependencies").appending("\(place)")
      guard let position = positions[key] else {
        faults.add(pointer, "there is no item \"\(key)\"\(Suggestion.text(for: key, among: positions.keys))")
        continue
      }
      guard let other = entries[position].item, other.due.nominalDays > item.due.nominalDays else { continue }
      faults.add(pointer, "\(key) is due \(other.due), after \(item.key), which waits for it and is due \(item.due)")
    }
    let isAfter = item.due.offset > 0
    if isAfter, item.phase != .after {
      faults.add(Self.pointer(index, "due"), "an item that is due after the launch has phase: after")
    }
    if item.due.offset < 0, item.phase == .after {
      faults.add(
        Self.pointer(index, "due"), "an item of phase: after is due after the launch, and this one \(item.due) it")
    }
    if isAfter, item.gate == .blocking {
      let pointer = Self.pointer(index, "gate")
      faults.add(pointer, "an item that is due after the launch cannot block it; write gate: advisory")
    }
  }

  /// Tier 3 gets its GO by itself once its blocking items are done: with items, but none that is to be done before, that
  /// would be at the proposal. Items with faults of their own may be what is asked for.
  private func checkMinor(_ faults: DocumentErrors) {
    let own = entries.indices.filter { entries[$0].item?.tiers.contains(.minor) ?? false }
    guard let first = own.first, entries.allSatisfy({ $0.item != nil }),
      own.allSatisfy({ entries[$0].item?.gate == .advisory || entries[$0].item?.phase == .after })
    else { return }
    faults.add(
      Self.pointer(first, entries[first].item?.phase == .after ? "phase" : "gate"),
      "tier 3 has no blocking item to be done before the launch, and would get its GO with nothing done")
  }

  /// Each cycle once, from its first item in the template's order.
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
