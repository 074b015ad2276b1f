import Contract
import LaunchModel

/// An item with its standing at a moment.
struct JudgedItem {
  let item: ChecklistItem
  let standing: ItemStanding

  /// The locale it was expanded for; nil if it was not expanded by locale.
  var locale: Locale? { item.definition.expand == .locales ? item.instance : nil }
}

extension LaunchChecklist {
  /// Returns which of the launch's locales are ready, judged by the items that are expanded by locale; nil if these
  /// have at most one locale.
  ///
  /// A locale is ready if all its items are satisfied.
  func locales(of judged: [JudgedItem]) -> LocaleReadiness? {
    let expected = Set(judged.compactMap(\.locale))
    guard expected.count > 1 else { return nil }
    let missing = Set(judged.filter { $0.standing.level != .satisfied }.compactMap(\.locale))
    let all = record.plan.locales.filter(expected.contains)
    return LocaleReadiness(ready: all.filter { !missing.contains($0) }, missing: all.filter(missing.contains))
  }

  /// Returns, for each item that is ready in some locales and not in others, which locales those are; by the item's
  /// key.
  func partlyReadyLocales(of judged: [JudgedItem]) -> [ItemKey: LocaleReadiness] {
    Dictionary(grouping: judged.filter { $0.locale != nil }, by: \.item.definition.key)
      .compactMapValues { locales(of: $0) }
      .filter { !$0.value.ready.isEmpty && !$0.value.missing.isEmpty }
  }
}
