public import Contract
public import JSON
public import LaunchModel

/// An event that may be evidence for checklist items, in the form that completion rules need.
public struct EvidenceEvent: Sendable, Hashable {
  /// The CloudEvents type, such as `dev.gonogo.signal.article.published.v1`.
  public var type: String
  /// Its `source` and `id`, by which evidence refers to it.
  public var reference: String
  /// When it happened.
  public var at: Timestamp
  /// The whole event, for pointers such as `/data/locale` and `/subject`; keys in its data are strings.
  public var document: JSONValue

  public init(type: String, reference: String, at: Timestamp, document: JSONValue) {
    self.type = type
    self.reference = reference
    self.at = at
    self.document = document
  }

  /// A string member of its data.
  public func text(_ key: String) -> String? { document["data"]?[key]?.stringValue }

  /// A list of strings in its data; empty if there is none.
  func texts(_ key: String) -> [String] { document["data"]?[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
}

extension EvidenceEvent {
  /// The people named in its data as attendees, presenter or executor, each once.
  var people: [PersonID] {
    var seen: Set<PersonID> = []
    let named = texts("attended") + [text("presenter"), text("person")].compactMap(\.self)
    return named.filter { seen.insert($0).inserted }
  }
}

/// What an event means for an item.
public enum EvidenceEffect: Sendable, Hashable {
  /// The item is done.
  case completes
  /// It is evidence, but does not complete the item.
  case supports
  /// The item counts as not done: the event that would complete it reports another outcome.
  case contradicts
}

extension ChecklistItem {
  /// Returns what an event means for this item of a launch; nil if the event is not about the item.
  ///
  /// The event named by the item's completion rule completes the item, or contradicts it if `/data/outcome` differs.
  /// `evidence.recorded` completes the item that it names, unless the item's rule is for another event type; then it
  /// only supports the item.
  public func effect(of event: EvidenceEvent, for plan: LaunchPlan) -> EvidenceEffect? {
    if let rule = definition.completedBy, rule.type == event.type || isSealedAgain(by: event, rule) {
      return effect(of: event, by: rule, for: plan)
    }
    guard event.type == SignalType.evidenceRecorded.rawValue, event.text("launch") == plan.launch.rawValue,
      event.text("item") == definition.key, event.text("instance") == instance
    else { return nil }
    switch event.text("outcome") {
    case "failed": return .contradicts
    case "passed": return definition.completedBy == nil ? .completes : .supports
    default: return nil
    }
  }

  /// Whether the event is an amended seal for an item whose rule waits for the seal.
  private func isSealedAgain(by event: EvidenceEvent, _ rule: CompletionRule) -> Bool {
    rule.type == Announcements.metricsSealed.name && event.type == Announcements.metricsAmended.name && state != .done
  }

  private func effect(of event: EvidenceEvent, by rule: CompletionRule, for plan: LaunchPlan) -> EvidenceEffect? {
    let placeholders = Set(rule.where.values.compactMap(\.stringValue))
    guard concerns(event, plan, placeholders), concernsInstance(event, placeholders) else { return nil }
    var effect = EvidenceEffect.completes
    for (pointer, wanted) in rule.where {
      if wanted == "{feature}", isByLaunch(event, plan, insteadOf: pointer) { continue }
      guard let actual = JSONPointer(pointer).flatMap({ event.document[$0] }), let wanted = filled(wanted, for: plan)
      else { return nil }
      if Self.matches(actual, wanted) { continue }
      guard pointer == "/data/outcome" else { return nil }
      effect = .contradicts
    }
    return effect
  }

  /// Whether the event lacks the feature that a rule asks for but names the launch, which implies its only feature.
  private func isByLaunch(_ event: EvidenceEvent, _ plan: LaunchPlan, insteadOf pointer: String) -> Bool {
    let value = JSONPointer(pointer).flatMap { event.document[$0] }
    return (value ?? .null) == .null && event.text("launch") == plan.launch.rawValue
  }

  /// Whether a value equals the wanted one. A key is the same whether written as a string or as a whole number.
  private static func matches(_ actual: JSONValue, _ wanted: JSONValue) -> Bool {
    if actual == wanted { return true }
    if let number = actual.doubleValue, number == wanted.doubleValue { return true }
    return ExternalKey.text(actual).map { $0 == ExternalKey.text(wanted) } ?? false
  }

  /// Whether the event is about this launch: it names the launch or its feature, or the rule refers to them with a
  /// placeholder.
  private func concerns(_ event: EvidenceEvent, _ plan: LaunchPlan, _ placeholders: Set<String>) -> Bool {
    if let launch = event.text("launch") { return launch == plan.launch.rawValue }
    if let feature = event.text("feature") { return feature == plan.feature }
    if event.document["subject"]?.stringValue == plan.launch.rawValue { return true }
    return !placeholders.isDisjoint(with: ["{launch}", "{feature}", "{flag}"])
  }

  /// Whether the event is about this instance of the item.
  private func concernsInstance(_ event: EvidenceEvent, _ placeholders: Set<String>) -> Bool {
    guard let instance, placeholders.isDisjoint(with: ["{instance}", "{locale}", "{segment}"]) else { return true }
    let own: String? =
      switch definition.expand {
      case .locales?: event.text("locale")
      case .segments?: event.text("segment")
      case .dealStages?, nil: nil
      }
    return (own ?? event.text("instance")) == instance
  }

  /// Returns the value that a rule asks for, with its placeholder replaced; nil if this item has no value for it.
  private func filled(_ wanted: JSONValue, for plan: LaunchPlan) -> JSONValue? {
    switch wanted.stringValue {
    case "{launch}"?: .string(plan.launch.rawValue)
    case "{feature}"?: .string(plan.feature)
    case "{flag}"?: (plan.rollout?.flag).map { .string($0) }
    case "{instance}"?, "{locale}"?, "{segment}"?: instance.map { .string($0) }
    default: wanted
    }
  }
}

extension EvidenceEvent {
  /// The key of the item that evidence is about; nil for events of other types.
  public var namedItem: ItemKey? { type == SignalType.evidenceRecorded.rawValue ? text("item") : nil }

  /// Refuses evidence for an item that a launch does not have, or for an instance that the item does not have.
  ///
  /// If an item's completion rule is for `evidence.recorded`, the rule selects the instance, so the instance is not
  /// checked here.
  ///
  /// - Parameters:
  /// - named: the launch's items with the event's key, in the launch's order.
  /// - keys: the keys of all the launch's items, used only to suggest a similar one if `named` is empty.
  /// - Throws: `EventError` with code `unknown-item`.
  public func requireItem(
    among named: [ChecklistItem], of launch: LaunchID, keys: Set<ItemKey>
  ) throws(EventError) {
    guard let key = namedItem else { return }
    guard !named.isEmpty else {
      let hint = Suggestion.text(for: key, among: keys)
      throw EventError(code: "unknown-item", detail: "\(launch) has no item \"\(key)\"\(hint)")
    }
    guard !named.contains(where: { $0.definition.completedBy?.type == type }) else { return }
    let instance = text("instance")
    guard !named.contains(where: { $0.instance == instance }) else { return }
    let instances = named.compactMap(\.instance)
    let those = instances.isEmpty ? "has no instances" : "has the instances \(instances.joined(separator: ", "))"
    throw EventError(
      code: "unknown-item",
      detail: "\(launch)'s item \(key) \(those), but data.instance is \(instance.map { "\"\($0)\"" } ?? "missing")")
  }
}

extension LaunchChecklist {
  /// Refuses evidence for an item or instance that the launch does not have.
  ///
  /// - Throws: `EventError` with code `unknown-item`.
  public func requireItem(of event: EvidenceEvent) throws(EventError) {
    guard let key = event.namedItem else { return }
    let named = items.filter { $0.definition.key == key }
    try event.requireItem(
      among: named, of: launch, keys: named.isEmpty ? Set(items.map(\.definition.key)) : [])
  }
}
