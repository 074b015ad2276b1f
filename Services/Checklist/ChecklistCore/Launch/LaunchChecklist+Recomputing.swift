public import LaunchModel

/// What became of one item.
public struct ItemEvent: Sendable, Hashable {
  /// The item's key and instance.
  public var item: ItemReference
  /// Its states before and after, and why.
  public var step: ItemStep

  public init(item: ItemReference, step: ItemStep) {
    self.item = item
    self.step = step
  }
}

extension LaunchChecklist {
  /// Takes over a later version of the launch: items appear or are voided, with history; open ones get their new date,
  /// and votes fall where the date or the tier moved. `template` is the version the launch was instantiated from.
  public mutating func update(
    to next: LaunchRecord, template: ChecklistTemplate, in calendars: LaunchCalendars
  ) -> [ItemEvent] {
    let before = record
    record = next
    if before.plan.date != next.plan.date || before.tier != next.tier { votes = [] }
    let expected = Self.items(of: next, from: template, in: calendars)
    let needed = Set(expected.map(\.reference))
    var events: [ItemEvent] = []
    for index in items.indices {
      let step =
        needed.contains(items[index].reference)
        ? items[index].keep(for: next.plan, in: calendars)
        : items[index].void(because: Self.reason(for: items[index].definition, before, next))
      if let step { events.append(ItemEvent(item: items[index].reference, step: step)) }
    }
    let present = Set(items.map(\.reference))
    for item in expected where !present.contains(item.reference) {
      items.append(item)
      events.append(
        ItemEvent(
          item: item.reference,
          step: ItemStep(from: .open, to: .open, action: "appeared", detail: "needed since version \(next.version)")))
    }
    sort(by: template)
    return events
  }

  private static func reason(for item: TemplateItem, _ before: LaunchRecord, _ next: LaunchRecord) -> String {
    if !item.tiers.contains(next.tier) { return "tier \(next.tier.rawValue) does not need it" }
    if let flag = item.condition?.flag, next.plan.facts.flags[flag] == .known(false) {
      return "\(flag.rawValue) is stated false"
    }
    return "the launch no longer has this instance"
  }

  /// The template's order, then that of the instances as they came.
  private mutating func sort(by template: ChecklistTemplate) {
    let rank = Dictionary(
      template.items.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    let ranked = items.enumerated().map { offset, item in (rank[item.definition.key] ?? .max, offset, item) }
    items = ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }
}

extension ChecklistItem {
  /// Voids it, keeping its history and evidence; nil where it is voided already.
  mutating func void(because why: String) -> ItemStep? {
    guard state != .voided else { return nil }
    let from = state
    voidedFrom = state
    state = .voided
    reason = why
    version += 1
    return ItemStep(from: from, to: .voided, action: "voided", detail: why)
  }

  /// Brings a voided one back, and moves the day of one whose date still matters; nil where nothing changed.
  mutating func keep(for plan: LaunchPlan, in calendars: LaunchCalendars) -> ItemStep? {
    let from = state
    let day = definition.dueDay(for: plan, in: calendars)
    let wasDue = due
    if state == .voided {
      state = voidedFrom ?? .open
      voidedFrom = nil
      reason = nil
    }
    if state != .done || definition.strict { due = day }
    guard from != state || wasDue != due else { return nil }
    version += 1
    let moved = wasDue == due ? nil : "due \(due), was \(wasDue)"
    return from == state
      ? ItemStep(from: from, to: state, action: "rescheduled", detail: moved)
      : ItemStep(from: from, to: state, action: "appeared", detail: moved ?? "needed again")
  }
}
