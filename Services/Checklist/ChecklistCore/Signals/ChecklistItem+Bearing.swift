import JSON
import Contract
public import LaunchModel

extension ChecklistItem {
  /// What an event says of this item of a launch; nil where it does not concern it.
  ///
  /// A rule's event completes it; the same event with another `/data/outcome` contradicts it. `evidence.recorded` completes
  /// the item it names unless a rule of another type is there for that, and supports it then.
  public func bearing(of signal: Signal, for plan: LaunchPlan) -> SignalEffect? {
    if let rule = definition.completedBy, rule.type == signal.type { return bearing(of: signal, by: rule, for: plan) }
    guard signal.type == SignalType.evidenceRecorded.rawValue, signal.text("launch") == plan.launch.rawValue,
      signal.text("item") == definition.key, signal.text("instance") == instance
    else { return nil }
    switch signal.text("outcome") {
    case "failed": return .contradicts
    case "passed": return definition.completedBy == nil ? .completes : .supports
    default: return nil
    }
  }

  private func bearing(of signal: Signal, by rule: CompletionRule, for plan: LaunchPlan) -> SignalEffect? {
    let placeholders = Set(rule.where.values.compactMap(\.stringValue))
    guard concerns(signal, plan, placeholders), concernsInstance(signal, placeholders) else { return nil }
    var bearing = SignalEffect.completes
    for (pointer, wanted) in rule.where {
      guard let actual = JSONPointer(pointer).flatMap({ signal.event[$0] }), let wanted = filled(wanted, for: plan)
      else { return nil }
      if actual == wanted || actual.doubleValue.map({ $0 == wanted.doubleValue }) ?? false { continue }
      guard pointer == "/data/outcome" else { return nil }
      bearing = .contradicts
    }
    return bearing
  }

  /// Whether the event is about this launch: it names it, or its feature, or the rule ties it by a placeholder.
  private func concerns(_ signal: Signal, _ plan: LaunchPlan, _ placeholders: Set<String>) -> Bool {
    if let launch = signal.text("launch") { return launch == plan.launch.rawValue }
    if let feature = signal.text("feature") { return feature == plan.feature }
    if signal.event["subject"]?.stringValue == plan.launch.rawValue { return true }
    return !placeholders.isDisjoint(with: ["{launch}", "{feature}", "{flag}"])
  }

  /// Whether the event is about this instance, where the item is one of several.
  private func concernsInstance(_ signal: Signal, _ placeholders: Set<String>) -> Bool {
    guard let instance, placeholders.isDisjoint(with: ["{instance}", "{locale}", "{segment}"]) else { return true }
    let own: String? =
      switch definition.expand {
      case .locales?: signal.text("locale")
      case .segments?: signal.text("segment")
      case .dealStages?, nil: nil
      }
    return (own ?? signal.text("instance")) == instance
  }

  /// The value that a rule asks for, placeholders filled in; nil where this item has nothing to fill in.
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
