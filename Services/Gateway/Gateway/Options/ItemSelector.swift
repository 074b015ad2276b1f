import ArgumentParser
import Contract
import LaunchModel

/// How a command line names an item: `key`, or `key/instance` where the template expanded it.
struct ItemSelector: ExpressibleByArgument, Sendable, Hashable, CustomStringConvertible {
  var key: ItemKey
  var instance: String?

  init(key: ItemKey, instance: String?) {
    self.key = key
    self.instance = instance
  }

  init?(argument: String) {
    let parts = argument.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let key = parts.first, !key.isEmpty, parts.last?.isEmpty == false else { return nil }
    self.init(key: String(key), instance: parts.count == 2 ? String(parts[1]) : nil)
  }

  var description: String { instance.map { "\(key)/\($0)" } ?? key }
}

extension ItemSelector {
  init(_ item: ItemView) { self.init(key: item.key, instance: item.instance) }

  /// The items of a launch that the selectors name, in their order, each once.
  ///
  /// - Parameter takesAllInstances: whether a key that was expanded, given without instance, stands for all of them.
  /// - Throws: `GatewayError` naming every selector that fits none, and the instances of every key that needs one.
  static func resolve(
    _ selectors: [ItemSelector], among items: [ItemView], of launch: LaunchID, takesAllInstances: Bool
  ) throws(GatewayError) -> [ItemSelector] {
    var resolved: [ItemSelector] = []
    var faults: [String] = []
    for selector in selectors {
      let family = items.filter { $0.key == selector.key }.map(ItemSelector.init)
      if family.contains(selector) {
        resolved.append(selector)
      } else if family.isEmpty {
        faults.append("\(launch) has no item \(selector.key)\(suggestion(for: selector.key, among: items))")
      } else if selector.instance != nil {
        faults.append("\(launch) has no item \(selector); there is \(list(family))")
      } else if takesAllInstances {
        resolved += family
      } else {
        faults.append("\(selector.key) has several instances: name one of \(list(family)), or give --all-instances")
      }
    }
    guard faults.isEmpty else {
      if selectors.count > 1 { faults.append("nothing was changed: name items that are there") }
      throw GatewayError(.badInput, faults)
    }
    var seen: Set<ItemSelector> = []
    return resolved.filter { seen.insert($0).inserted }
  }

  private static func list(_ selectors: [ItemSelector]) -> String {
    selectors.map(\.description).joined(separator: ", ")
  }

  private static func suggestion(for key: ItemKey, among items: [ItemView]) -> String {
    let text = Suggestion.text(for: key, among: Set(items.map(\.key)))
    return text.isEmpty ? "; see gonogo item list" : text
  }
}
