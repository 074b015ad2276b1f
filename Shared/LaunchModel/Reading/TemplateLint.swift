internal import JSON

/// Looks at the items of a template together: the same key twice, unknown dependencies, cycles, due dates out of order.
struct TemplateLint {
  /// An item as far as it could be read.
  struct Entry {
    /// As it was written, so that others may name an item that has faults.
    var key: ItemKey?
    /// Nil for one with faults of its own that leave no item.
    var item: TemplateItem?
  }

  private let entries: [Entry]
  /// The first place of each key.
  private let positions: [ItemKey: Int]

  /// Takes the items in the document's order.
  init(_ entries: [Entry]) {
    self.entries = entries
    let places = entries.enumerated().compactMap { place, entry in entry.key.map { ($0, place) } }
    positions = Dictionary(places, uniquingKeysWith: { first, _ in first })
  }

  /// Notes what makes the template unable to work.
  func check(_ faults: DocumentFaults) {
    for (index, entry) in entries.enumerated() {
      guard let key = entry.key, let first = positions[key], first != index else { continue }
      faults.add(Self.pointer(index, "key"), "the key \"\(key)\" stands twice; it is that of item \(first + 1) too")
    }
    for (index, entry) in entries.enumerated() {
      if let item = entry.item { check(item, index, faults) }
    }
    checkMinor(faults)
    for cycle in cycles() {
      let path = (cycle + [cycle[0]]).joined(separator: " → ")
      faults.add(Self.pointer(positions[cycle[0]] ?? 0, "dependencies"), "these items wait for one another: \(path)")
    }
  }

  private func check(_ item: TemplateItem, _ index: Int, _ faults: DocumentFaults) {
    for (place, key) in item.dependencies.enumerated() {
      let pointer = Self.pointer(index, "dependencies").appending("\(place)")
      guard let position = positions[key] else {
        faults.add(pointer, "there is no item \"\(key)\"\(Suggestion.text(for: key, among: positions.keys))")
        continue
      }
      guard let other = entries[position].item, other.due.nominalDays > item.due.nominalDays else { continue }
      faults.add(pointer, "\(key) is due \(other.due), after \(item.key), which waits for it and is due \(item.due)")
    }
    let isAfter = item.due.offset > 0
    if isAfter, item.phase != .after {
      faults.add(Self.pointer(index, "due"), "an item that is due after the launch has phase: after")
    }
    if item.due.offset < 0, item.phase == .after {
      faults.add(
        Self.pointer(index, "due"), "an item of phase: after is due after the launch, and this one \(item.due) it")
    }
    if isAfter, item.gate == .blocking {
      let pointer = Self.pointer(index, "gate")
      faults.add(pointer, "an item that is due after the launch cannot block it; write gate: advisory")
    }
  }

  /// Tier 3 gets its GO by itself once its blocking items are done: with items, but none that is to be done before, that
  /// would be at the proposal. Items with faults of their own may be what is asked for.
  private func checkMinor(_ faults: DocumentFaults) {
    let own = entries.indices.filter { entries[$0].item?.tiers.contains(.minor) ?? false }
    guard let first = own.first, entries.allSatisfy({ $0.item != nil }),
      own.allSatisfy({ entries[$0].item?.gate == .advisory || entries[$0].item?.phase == .after })
    else { return }
    faults.add(
      Self.pointer(first, entries[first].item?.phase == .after ? "phase" : "gate"),
      "tier 3 has no blocking item to be done before the launch, and would get its GO with nothing done")
  }

  /// Each cycle once, from its first item in the template's order.
  private func cycles() -> [[ItemKey]] {
    var finished: Set<ItemKey> = []
    var found: [[ItemKey]] = []
    func visit(_ key: ItemKey, _ path: [ItemKey]) {
      if let start = path.firstIndex(of: key) {
        found.append(Array(path[start...]))
        return
      }
      guard !finished.contains(key), let position = positions[key], let item = entries[position].item else { return }
      for next in item.dependencies { visit(next, path + [key]) }
      finished.insert(key)
    }
    for key in entries.compactMap(\.key) { visit(key, []) }
    return found
  }

  private static func pointer(_ index: Int, _ field: String) -> JSONPointer {
    JSONPointer(tokens: ["items", "\(index)", field])
  }
}
