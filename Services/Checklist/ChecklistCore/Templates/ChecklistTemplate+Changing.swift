import JSON
public import LaunchModel

extension ChecklistTemplate {
  /// The item of a key.
  public func item(_ key: ItemKey) -> TemplateItem? { items.first { $0.key == key } }

  /// The template with a change merged into it, as the next version.
  ///
  /// The change was written against `base`; what else was changed since stays. Only an item that was itself changed
  /// meanwhile, to something other than what is asked for, is a conflict.
  public func merging(_ change: TemplateChange, from base: ChecklistTemplate) throws(Problem) -> ChecklistTemplate {
    let conflicts = conflicts(with: change, from: base)
    guard conflicts.isEmpty else {
      throw Problem.conflict(
        "template-conflict", title: "the template has changed",
        "changed since version \(base.version): \(conflicts.joined(separator: "; ")). Propose it again on version \(version)",
        extra: ["current": .integer(Int64(version))])
    }
    let replacements = Dictionary(
      (change.replace + change.add).map { ($0.key, $0) }, uniquingKeysWith: { _, last in last })
    let kept = items.filter { !change.remove.contains($0.key) }.map { replacements[$0.key] ?? $0 }
    let present = Set(kept.map(\.key))
    let merged = kept + change.add.filter { !present.contains($0.key) }
    guard merged != items else {
      throw Problem.conflict("nothing-changes", "version \(version) has all of this already")
    }
    return ChecklistTemplate(version: version + 1, items: merged)
  }

  private func conflicts(with change: TemplateChange, from base: ChecklistTemplate) -> [String] {
    let added = change.add.compactMap { wanted in
      item(wanted.key).flatMap { $0 == wanted ? nil : "\(wanted.key) is there already" }
    }
    let replaced = change.replace.compactMap { wanted -> String? in
      guard let current = item(wanted.key) else { return "\(wanted.key) is not there" }
      return current == base.item(wanted.key) || current == wanted ? nil : "\(wanted.key) was changed"
    }
    let removed = change.remove.compactMap { key -> String? in
      guard let current = item(key) else { return base.item(key) == nil ? "\(key) is not there" : nil }
      return current == base.item(key) ? nil : "\(key) was changed"
    }
    return added + replaced + removed
  }
}
