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
}

/// What an event means for an item.
public enum EvidenceEffect: Sendable, Hashable {
  /// The item is done.
  case completes
  /// It is evidence, and does not complete the item.
  case supports
  /// The item is not done after all: the event that completes it came with another outcome.
  case contradicts
}

extension ChecklistItem {
  /// What an event means for this item of a launch; nil if the event is not about it.
  ///
  /// The event of the item's completion rule completes it, and contradicts it with another `/data/outcome`. `evidence.recorded`
  /// completes the item it names; if the item has a rule for another type, it supports the item instead.
  public func effect(of event: EvidenceEvent, for plan: LaunchPlan) -> EvidenceEffect? {
    if let rule = definition.completedBy, rule.type == event.type { return effect(of: event, by: rule, for: plan) }
    guard event.type == SignalType.evidenceRecorded.rawValue, event.text("launch") == plan.launch.rawValue,
      event.text("item") == definition.key, event.text("instance") == instance
    else { return nil }
    switch event.text("outcome") {
    case "failed": return .contradicts
    case "passed": return definition.completedBy == nil ? .completes : .supports
    default: return nil
    }
  }

  private func effect(of event: EvidenceEvent, by rule: CompletionRule, for plan: LaunchPlan) -> EvidenceEffect? {
    let placeholders = Set(rule.where.values.compactMap(\.stringValue))
    guard concerns(event, plan, placeholders), concernsInstance(event, placeholders) else { return nil }
    var effect = EvidenceEffect.completes
    for (pointer, wanted) in rule.where {
      guard let actual = JSONPointer(pointer).flatMap({ event.document[$0] }), let wanted = filled(wanted, for: plan)
      else { return nil }
      if Self.matches(actual, wanted) { continue }
      guard pointer == "/data/outcome" else { return nil }
      effect = .contradicts
    }
    return effect
  }

  /// Whether a value is the wanted one; a key is the same as a string and as a whole number.
  private static func matches(_ actual: JSONValue, _ wanted: JSONValue) -> Bool {
    if actual == wanted { return true }
    if let number = actual.doubleValue, number == wanted.doubleValue { return true }
    return ExternalKey.text(actual).map { $0 == ExternalKey.text(wanted) } ?? false
  }

  /// Whether the event is about this launch: it names the launch or its feature, or the rule does by a placeholder.
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

  /// The value that a rule asks for, with its placeholder filled in; nil if this item has no value for it.
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

extension ChecklistItem {
  /// Applies an event, which is the evidence; nil if it changes nothing.
  ///
  /// A completing event makes the item done, unless people have to approve the item or it waits for others. A contradicting event
  /// reopens it. An event that happened before the newest one applied only adds evidence.
  public mutating func apply(
    _ event: EvidenceEvent, _ effect: EvidenceEffect, on day: LocalDate, isAwaiting: Bool, now: Timestamp
  ) -> ItemStep? {
    guard state != .voided, state != .notApplicable, !evidence.contains(where: { $0.value == event.reference }) else {
      return nil
    }
    let from = state
    let isNewest = signalAt.map { $0 <= event.at } ?? true
    signalAt = max(signalAt ?? event.at, event.at)
    switch effect {
    case .completes, .supports:
      attach(event, now)
      let mayComplete = effect == .completes && isNewest && !needsApproval && !isAwaiting
      if mayComplete, [.open, .inProgress, .blocked, .waived].contains(state) { complete(on: day) }
    case .contradicts:
      guard isNewest else { return nil }
      contradict(event, now)
    }
    version += 1
    let action = from == state ? "evidence" : state == .done ? ItemVerb.done.rawValue : ItemVerb.reopen.rawValue
    return ItemStep(from: from, to: state, action: action, detail: "by event \(event.reference)")
  }

  private mutating func attach(_ event: EvidenceEvent, _ now: Timestamp) {
    evidence.append(Evidence(kind: .event, value: event.reference, by: event.type, at: now))
    if let url = event.text("url") {
      evidence.append(Evidence(kind: .link, value: url, by: event.reference, at: now))
    }
    if let digest = event.text("digest") {
      evidence.append(Evidence(kind: .digest, value: digest, by: event.reference, at: now))
    }
  }

  private mutating func contradict(_ event: EvidenceEvent, _ now: Timestamp) {
    let why = "contradicted by event \(event.reference)"
    if state == .done { _ = reopen(why, at: now) } else { voidApprovals(at: now, because: why) }
  }
}

extension LaunchChecklist {
  /// Applies an event to every item that it is about.
  public mutating func apply(_ event: EvidenceEvent, at moment: LaunchMoment) -> [ItemEvent] {
    let day = moment.zone.localDate(at: event.at)
    var events: [ItemEvent] = []
    for index in items.indices {
      guard let effect = items[index].effect(of: event, for: record.plan) else { continue }
      let isAwaiting = !awaited(by: items[index], at: moment).isEmpty
      if let step = items[index].apply(event, effect, on: day, isAwaiting: isAwaiting, now: moment.now) {
        events.append(ItemEvent(item: items[index].reference, step: step))
      }
    }
    return events
  }
}

extension LaunchChecklist {
  /// Refuses evidence for an item or instance that the launch does not have.
  ///
  /// An item whose completion rule is for `evidence.recorded` finds its instances by the rule.
  ///
  /// - Throws: `EventError` with code `unknown-item`.
  public func requireItem(of event: EvidenceEvent) throws(EventError) {
    guard event.type == SignalType.evidenceRecorded.rawValue, let key = event.text("item") else { return }
    let named = items.filter { $0.definition.key == key }
    guard !named.isEmpty else {
      let hint = Suggestion.text(for: key, among: Set(items.map(\.definition.key)))
      throw EventError(code: "unknown-item", detail: "\(launch) has no item \"\(key)\"\(hint)")
    }
    guard !named.contains(where: { $0.definition.completedBy?.type == event.type }) else { return }
    let instance = event.text("instance")
    guard !named.contains(where: { $0.instance == instance }) else { return }
    let instances = named.compactMap(\.instance)
    let those = instances.isEmpty ? "has no instances" : "has the instances \(instances.joined(separator: ", "))"
    throw EventError(
      code: "unknown-item",
      detail: "\(launch)'s item \(key) \(those), but data.instance is \(instance.map { "\"\($0)\"" } ?? "missing")")
  }
}
