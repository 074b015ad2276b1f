public import Contract
public import LaunchModel

/// The items that a call is about: one by `key` and `instance`, or several by `keys`.
public enum ItemSelection: Sendable, Hashable {
  /// The item with that key and instance; an instance may be left out if the key has only one.
  case one(ItemReference)
  /// The items with these names, in this order, each once. A name is a key, such as `kb-article`, or a key and an
  /// instance, such as `kb-article/en`.
  case several([String], allInstances: Bool)

  /// The maximum number of names in a call, and of items that the names may match.
  private static let maximum = 500

  /// Reads the four parameters that name items.
  ///
  /// - Throws: a `Problem` of kind `invalidParams` unless they name one item, or at least one and at most `maximum`
  ///   names; of kind `tooLarge` for more names.
  public init(
    key: ItemKey?, instance: String?, keys: [String]?, allInstances: Bool?
  ) throws(Problem) {
    switch (key, keys) {
    case (let key?, nil):
      guard allInstances == nil else {
        throw Self.problem("/allInstances", "allInstances applies to keys; pass \"keys\": [\"\(key)\"] instead of key")
      }
      self = .one(ItemReference(key: key, instance: instance))
    case (nil, let keys?):
      guard instance == nil else {
        throw Self.problem("/instance", "instance applies to key; with keys, write it into the name: kb-article/en")
      }
      guard !keys.isEmpty else { throw Self.problem("/keys", "keys is empty; name at least one item") }
      try Self.requireFew(keys.count)
      self = .several(keys, allInstances: allInstances ?? false)
    case (nil, nil): throw Self.problem("/key", "no item is named; pass key for one item, or keys for several")
    case (_?, _?): throw Self.problem("/keys", "both key and keys are given; pass one of them")
    }
  }

  /// Throws `too-many-items` if a call names or matches more items than allowed.
  fileprivate static func requireFew(_ count: Int) throws(Problem) {
    guard count > maximum else { return }
    throw Problem.tooLarge(
      code: "too-many-items", title: "too many items",
      "\(count) items are named, and one call accepts at most \(maximum); split them over several calls")
  }

  private static func problem(_ pointer: String, _ detail: String) -> Problem {
    Problem(
      .invalidParams, code: "invalid-params", title: "invalid parameters", detail: detail,
      errors: [FieldError(pointer: pointer, detail: detail)])
  }
}

extension ItemTarget {
  /// The items to show.
  public var selection: ItemSelection {
    get throws(Problem) {
      try ItemSelection(key: key, instance: instance, keys: keys, allInstances: allInstances)
    }
  }
}

extension ItemAction {
  /// The items to change.
  public var selection: ItemSelection {
    get throws(Problem) {
      try ItemSelection(key: key, instance: instance, keys: keys, allInstances: allInstances)
    }
  }
}

extension LaunchChecklist {
  /// The maximum number of unresolved names in an error, and of instances listed for each; both bound the error's size.
  private static let (mostErrors, mostInstances) = (50, 20)

  /// The items that a call is about, in the order of their names, each once.
  ///
  /// A key without an instance matches its only instance or, with `allInstances`, all of them. Voided instances count
  /// only if the key has no others.
  ///
  /// - Throws: a `Problem` with an error for each name that matches no item or is ambiguous: of kind `invalid` if any
  ///   name is ambiguous, else `notFound`. A `Problem` of kind `tooLarge` if the names match more items than a call may
  ///   change.
  public func resolve(_ selection: ItemSelection) throws(Problem) -> [ItemReference] {
    switch selection {
    case .one(let item): [items[try index(of: item)].reference]
    case .several(let names, let allInstances): try resolve(names, allInstances: allInstances)
    }
  }

  /// Returns the item's index in `items`; throws if there is no such item, or if the key has several instances and none
  /// is given.
  public func index(of item: ItemReference) throws(Problem) -> Int {
    do throws(UnresolvedItem) {
      return try indices(of: item, allInstances: false)[0]
    } catch {
      switch error {
      case .unknown(let detail): throw .notFound("item-not-found", title: "no such item", detail)
      case .ambiguous(let detail): throw .missing("instance", "\(detail) Pass the instance.")
      }
    }
  }

  private func resolve(_ names: [String], allInstances: Bool) throws(Problem) -> [ItemReference] {
    var found: [ItemReference] = []
    var seen: Set<ItemReference> = []
    var errors: [FieldError] = []
    var isAmbiguous = false
    for (place, name) in names.enumerated() where errors.count < Self.mostErrors {
      do throws(UnresolvedItem) {
        let references = try indices(of: ItemReference(name: name), allInstances: allInstances).map {
          items[$0].reference
        }
        found += references.filter { seen.insert($0).inserted }
      } catch {
        let detail: String
        switch error {
        case .unknown(let why): detail = why
        case .ambiguous(let why):
          detail = "\(why) Name one, or pass --all-instances."
          isAmbiguous = true
        }
        errors.append(FieldError(pointer: "/keys/\(place)", detail: detail))
      }
    }
    if let first = errors.first {
      throw Problem(
        isAmbiguous ? .invalid : .notFound, code: isAmbiguous ? "item-ambiguous" : "item-not-found",
        title: isAmbiguous ? "ambiguous item" : "no such item",
        detail: first.detail + (errors.count > 1 ? " (and \(errors.count - 1) more)" : ""), errors: errors)
    }
    try ItemSelection.requireFew(found.count)
    return found
  }

  /// Returns the indices of the items that a key, or a key and an instance, match; at least one.
  private func indices(of item: ItemReference, allInstances: Bool) throws(UnresolvedItem) -> [Int] {
    let family = items.indices.filter { items[$0].definition.key == item.key }
    let exact = family.filter { items[$0].instance == item.instance }
    guard item.instance == nil else {
      guard exact.isEmpty else { return exact }
      throw .unknown(detail: unknown(item, besides: family))
    }
    let live = family.filter { items[$0].state != .voided }
    let candidates = live.isEmpty ? family : live
    guard !candidates.isEmpty else { throw .unknown(detail: unknown(item, besides: [])) }
    if candidates.count == 1 || allInstances { return candidates }
    guard exact.isEmpty else { return exact }
    throw .ambiguous(detail: "\(item.key) is ambiguous: \(list(candidates)).")
  }

  private func unknown(_ item: ItemReference, besides family: [Int]) -> String {
    let missing = "no item \"\(item.name)\" in \(launch)"
    guard family.isEmpty else { return "\(missing); \(item.key) has \(list(family))" }
    let names = Set(items.map(\.definition.key)).union(items.map(\.name))
    return "\(missing)\(Suggestion.text(for: item.name, among: names)); see gonogo item list \(launch)"
  }

  private func list(_ indices: [Int]) -> String {
    let names = indices.prefix(Self.mostInstances).map { items[$0].name }.joined(separator: ", ")
    return indices.count > Self.mostInstances ? "\(names) and \(indices.count - Self.mostInstances) more" : names
  }
}

/// Why a name does not resolve to an item.
private enum UnresolvedItem: Error {
  /// The launch has no such item.
  case unknown(detail: String)
  /// The name has no instance, and the key has several.
  case ambiguous(detail: String)
}
