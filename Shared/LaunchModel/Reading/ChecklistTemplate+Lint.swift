internal import JSON

extension ChecklistTemplate {
  /// Notes what makes the template unable to work: the same key twice, unknown dependencies, cycles, due dates out of order.
  func lint(_ faults: DocumentFaults) {
    var positions: [ItemKey: Int] = [:]
    for (index, item) in items.enumerated() {
      if let first = positions[item.key] {
        let pointer = Self.pointer(index, "key")
        faults.add(pointer, "the key \"\(item.key)\" stands twice; it is that of item \(first + 1) too")
      } else {
        positions[item.key] = index
      }
    }
    for (index, item) in items.enumerated() { lint(item, index, positions, faults) }
    for cycle in cycles(positions) {
      let path = (cycle + [cycle[0]]).joined(separator: " → ")
      faults.add(Self.pointer(positions[cycle[0]] ?? 0, "dependencies"), "these items wait for one another: \(path)")
    }
  }

  private func lint(_ item: TemplateItem, _ index: Int, _ positions: [ItemKey: Int], _ faults: DocumentFaults) {
    for (place, key) in item.dependencies.enumerated() {
      let pointer = Self.pointer(index, "dependencies").appending("\(place)")
      guard let position = positions[key] else {
        faults.add(pointer, "there is no item \"\(key)\"\(Suggestion.text(for: key, among: positions.keys))")
        continue
      }
      let other = items[position]
      if other.due.nominalDays > item.due.nominalDays {
        faults.add(
          pointer, "\(key) is due \(other.due), after \(item.key), which waits for it and is due \(item.due)")
      }
    }
    let isAfter = item.due.offset > 0
    if isAfter, item.phase != .after {
      faults.add(Self.pointer(index, "due"), "an item that is due after the launch has phase: after")
    }
    if isAfter, item.gate == .blocking {
      let pointer = Self.pointer(index, "gate")
      faults.add(pointer, "an item that is due after the launch cannot block it; write gate: advisory")
    }
  }

  /// Each cycle once, from its first item in the template's order.
  private func cycles(_ positions: [ItemKey: Int]) -> [[ItemKey]] {
    var finished: Set<ItemKey> = []
    var found: [[ItemKey]] = []
    func visit(_ key: ItemKey, _ path: [ItemKey]) {
      if let start = path.firstIndex(of: key) {
        found.append(Array(path[start...]))
        return
      }
      guard !finished.contains(key), let position = positions[key] else { return }
      for next in items[position].dependencies { visit(next, path + [key]) }
      finished.insert(key)
    }
    for item in items { visit(item.key, []) }
    return found
  }

  private static func pointer(_ index: Int, _ field: String) -> JSONPointer {
    JSONPointer(tokens: ["items", "\(index)", field])
  }
}
