import JSON
public import LaunchModel

extension ChecklistTemplate {
  /// Returns the item with a key; nil if there is none.
  public func item(_ key: ItemKey) -> TemplateItem? { items.first { $0.key == key } }

  /// Returns the next version of the template, with a change merged into it.
  ///
  /// The change was written against `base`; other changes made since are preserved.
  ///
  /// - Throws: `invalid` if the change adds an item that `base` already has, or replaces or removes one that neither
  ///   version has; a conflict if such an item has since been changed to something other than requested, or if nothing
  ///   would change.
  public func merging(_ change: TemplateChange, from base: ChecklistTemplate) throws(Problem) -> ChecklistTemplate {
    let errors = takenKeys(of: change, from: base) + unknownKeys(of: change, from: base)
    guard errors.isEmpty else {
      throw Problem.invalid("invalid-template-change", title: "invalid template change", errors: errors)
    }
    let conflicts = conflicts(with: change, from: base)
    guard conflicts.isEmpty else {
      throw Problem.conflict(
        "template-conflict", title: "the template has changed",
        "changed since version \(base.version): \(conflicts.joined(separator: "; ")). "
          + "Propose the change again based on version \(version)",
        extra: ["current": .integer(Int64(version))])
    }
    let replacements = Dictionary(
      (change.replace + change.add).map { ($0.key, $0) }, uniquingKeysWith: { _, last in last })
    let kept = items.filter { !change.remove.contains($0.key) }.map { replacements[$0.key] ?? $0 }
    let present = Set(kept.map(\.key))
    let merged = kept + change.add.filter { !present.contains($0.key) }
    guard merged != items else {
      throw Problem.conflict("nothing-changes", "template version \(version) already contains this change")
    }
    return ChecklistTemplate(version: version + 1, items: merged, owners: owners)
  }

  /// Returns errors for items to be added whose keys were already in the base that the proposer saw.
  private func takenKeys(of change: TemplateChange, from base: ChecklistTemplate) -> [FieldError] {
    change.add.enumerated().compactMap { place, wanted in
      guard item(wanted.key) != nil, base.item(wanted.key) != nil else { return nil }
      return FieldError(
        pointer: "/add/\(place)/key",
        detail:
          "template version \(base.version) already has an item \"\(wanted.key)\"; replace it, or use another key")
    }
  }

  /// Returns errors for keys that neither this version nor the base has, each suggesting the nearest key.
  private func unknownKeys(of change: TemplateChange, from base: ChecklistTemplate) -> [FieldError] {
    func error(_ key: ItemKey, _ pointer: String) -> FieldError? {
      guard item(key) == nil, base.item(key) == nil else { return nil }
      let hint = Suggestion.text(for: key, among: items.map(\.key))
      return FieldError(
        pointer: pointer, detail: "template version \(version) has no item \"\(key)\"\(hint)")
    }
    let replaced = change.replace.enumerated().compactMap { error($0.element.key, "/replace/\($0.offset)/key") }
    return replaced + change.remove.enumerated().compactMap { error($0.element, "/remove/\($0.offset)") }
  }

  private func conflicts(with change: TemplateChange, from base: ChecklistTemplate) -> [String] {
    let added = change.add.compactMap { wanted in
      item(wanted.key).flatMap { $0 == wanted ? nil : "\(wanted.key) was added" }
    }
    let replaced = change.replace.compactMap { wanted -> String? in
      guard let current = item(wanted.key) else { return "\(wanted.key) was removed" }
      return current == base.item(wanted.key) || current == wanted ? nil : "\(wanted.key) was changed"
    }
    let removed = change.remove.compactMap { key -> String? in
      guard let current = item(key) else { return nil }
      return current == base.item(key) ? nil : "\(key) was changed"
    }
    return added + replaced + removed
  }
}

extension TemplateChange {
  /// Returns a problem of the merged template with each error pointing into this change.
  ///
  /// If an error is in an item that the change does not name, it points to the removed dependency that caused it, or
  /// else to the whole change.
  public func locating(_ problem: Problem, in merged: ChecklistTemplate) -> Problem {
    var located = Problem.invalid(
      problem.code, title: problem.title, errors: problem.errors.map { locate($0, in: merged) })
    located.extra = problem.extra
    return located
  }

  private func locate(_ error: FieldError, in merged: ChecklistTemplate) -> FieldError {
    let tokens = JSONPointer(error.pointer)?.tokens ?? []
    guard tokens.count >= 2, tokens[0] == "items", let index = Int(tokens[1]), merged.items.indices.contains(index)
    else { return error }
    let item = merged.items[index]
    let field = Array(tokens.dropFirst(2))
    for (list, items) in [("add", add), ("replace", replace)] {
      guard let place = items.firstIndex(where: { $0.key == item.key }) else { continue }
      return FieldError(pointer: JSONPointer(tokens: [list, "\(place)"] + field).description, detail: error.detail)
    }
    if field.first == "dependencies", let place = field.last.flatMap({ Int($0) }),
      item.dependencies.indices.contains(place),
      let removed = remove.firstIndex(of: item.dependencies[place])
    {
      return FieldError(pointer: "/remove/\(removed)", detail: "\(item.key) depends on \(remove[removed])")
    }
    return FieldError(pointer: "", detail: "\(item.key): \(error.detail)")
  }
}

extension TemplateChange {
  /// Returns the change with its origin added to the `why` of each item that it adds or replaces, so that every launch
  /// shows where its items come from.
  public func citing(learning: String, of launches: [LaunchID]) -> TemplateChange {
    let origin = "from learning \(learning) of \(launches.map(\.rawValue).joined(separator: ", "))"
    func cite(_ item: TemplateItem) -> TemplateItem {
      guard !item.why.contains(origin) else { return item }
      var item = item
      item.why = TextLimit.remark.cutting("\(origin): \(item.why)")
      return item
    }
    return TemplateChange(baseVersion: baseVersion, add: add.map(cite), replace: replace.map(cite), remove: remove)
  }
}
