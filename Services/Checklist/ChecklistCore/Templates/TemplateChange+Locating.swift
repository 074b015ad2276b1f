import JSON
public import LaunchModel

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

  private func locate(_ fault: FieldFault, in merged: ChecklistTemplate) -> FieldFault {
    let tokens = JSONPointer(fault.pointer)?.tokens ?? []
    guard tokens.count >= 2, tokens[0] == "items", let index = Int(tokens[1]), merged.items.indices.contains(index)
    else { return fault }
    let item = merged.items[index]
    let field = Array(tokens.dropFirst(2))
    for (list, items) in [("add", add), ("replace", replace)] {
      guard let place = items.firstIndex(where: { $0.key == item.key }) else { continue }
      return FieldFault(pointer: JSONPointer(tokens: [list, "\(place)"] + field).description, detail: fault.detail)
    }
    if field.first == "dependencies", let place = field.last.flatMap({ Int($0) }),
      item.dependencies.indices.contains(place),
      let removed = remove.firstIndex(of: item.dependencies[place])
    {
      return FieldFault(pointer: "/remove/\(removed)", detail: "\(item.key) waits for \(remove[removed])")
    }
    return FieldFault(pointer: "", detail: "\(item.key): \(fault.detail)")
  }
}
