import JSON
public import LaunchModel

extension ChecklistTemplate {
  /// The item of a key.
  public func item(_ key: ItemKey) -> TemplateItem? { items.first { $0.key == key } }

  /// The template with a change merged into it, as the next version.
  ///
  /// The change was written against `base`; what else was changed since stays. Only an item that was itself changed
  /// meanwhile, to something other than what is asked for, is a conflict; one that never was there,
  /// or is to be added and was there already, is a fault of the change.
  public func merging(_ change: TemplateChange, from base: ChecklistTemplate) throws(Problem) -> ChecklistTemplate {
    let faults = takenKeys(of: change, from: base) + unknownKeys(of: change, from: base)
    guard faults.isEmpty else {
      throw Problem.invalid("invalid-template-change", title: "the template change has faults", errors: faults)
    }
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

  /// Keys of new items that the base, which the proposer saw, has already.
  private func takenKeys(of change: TemplateChange, from base: ChecklistTemplate) -> [FieldError] {
    change.add.enumerated().compactMap { place, wanted in
      guard item(wanted.key) != nil, base.item(wanted.key) != nil else { return nil }
      return FieldError(
        pointer: "/add/\(place)/key",
        detail:
          "version \(base.version) has an item \"\(wanted.key)\" already; replace it, or give this one another key")
    }
  }

  /// Keys that neither this version nor the base has, each with the nearest one.
  private func unknownKeys(of change: TemplateChange, from base: ChecklistTemplate) -> [FieldError] {
    func fault(_ key: ItemKey, _ pointer: String) -> FieldError? {
      guard item(key) == nil, base.item(key) == nil else { return nil }
      let hint = Suggestion.text(for: key, among: items.map(\.key))
      return FieldError(
        pointer: pointer, detail: "version \(version) has no item \"\(key)\"\(hint)")
    }
    let replaced = change.replace.enumerated().compactMap { fault($0.element.key, "/replace/\($0.offset)/key") }
    return replaced + change.remove.enumerated().compactMap { fault($0.element, "/remove/\($0.offset)") }
  }

  private func conflicts(with change: TemplateChange, from base: ChecklistTemplate) -> [String] {
    let added = change.add.compactMap { wanted in
      item(wanted.key).flatMap { $0 == wanted ? nil : "\(wanted.key) is there already" }
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
  /// The problem that the template has with this change merged in, with each fault where the change says what it is about.
  ///
  /// A fault of an item that the change does not name is put at the item that it removes, where that is waited for, else at
  /// the whole change.
  public func locating(_ problem: Problem, in merged: ChecklistTemplate) -> Problem {
    var located = Problem.invalid(
      problem.code, title: problem.title, errors: problem.errors.map { locate($0, in: merged) })
    located.extra = problem.extra
    return located
  }

  private func locate(_ fault: FieldError, in merged: ChecklistTemplate) -> FieldError {
    let tokens = JSONPointer(fault.pointer)?.tokens ?? []
    guard tokens.count >= 2, tokens[0] == "items", let index = Int(tokens[1]), merged.items.indices.contains(index)
    else { return fault }
    let item = merged.items[index]
    let field = Array(tokens.dropFirst(2))
    for (list, items) in [("add", add), ("replace", replace)] {
      guard let place = items.firstIndex(where: { $0.key == item.key }) else { continue }
      return FieldError(pointer: JSONPointer(tokens: [list, "\(place)"] + field).description, detail: fault.detail)
    }
    if field.first == "dependencies", let place = field.last.flatMap({ Int($0) }),
      item.dependencies.indices.contains(place),
      let removed = remove.firstIndex(of: item.dependencies[place])
    {
      return FieldError(pointer: "/remove/\(removed)", detail: "\(item.key) waits for \(remove[removed])")
    }
    return FieldError(pointer: "", detail: "\(item.key): \(fault.detail)")
  }
}
