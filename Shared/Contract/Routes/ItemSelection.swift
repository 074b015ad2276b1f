public import LaunchModel

/// Which items a call is about: one by `key` and `instance`, or several by `keys`.
public enum ItemSelection: Sendable, Hashable {
  /// The item with that key and instance; an instance may be left out if the key has only one.
  case one(ItemReference)
  /// The items with these names, in this order, each once. A name is a key, such as `kb-article`, or a key and an
  /// instance, such as `kb-article/en`.
  case several([String], allInstances: Bool)

  /// How many names a call may give, and how many items they may stand for.
  public static let maximum = 500

  /// Reads the four parameters that name items.
  ///
  /// - Throws: a `Problem` of kind `invalidParams` unless they name one item, or at least one and at most `maximum` names;
  ///   of kind `tooLarge` for more names.
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

  /// Throws `too-many-items` if a call names more items than it may.
  public static func requireFew(_ count: Int) throws(Problem) {
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
  /// Which items to show.
  public var selection: ItemSelection {
    get throws(Problem) {
      try ItemSelection(key: key, instance: instance, keys: keys, allInstances: allInstances)
    }
  }
}

extension ItemAction {
  /// Which items to change.
  public var selection: ItemSelection {
    get throws(Problem) {
      try ItemSelection(key: key, instance: instance, keys: keys, allInstances: allInstances)
    }
  }
}

extension ItemReference {
  /// Reads a name: everything after the first `/` is the instance.
  public init(name: String) {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(key: String(parts[0]), instance: parts.count == 2 ? String(parts[1]) : nil)
  }

  /// The name that commands, messages and `keys` use: `key`, or `key/instance`.
  public var name: String { instance.map { "\(key)/\($0)" } ?? key }
}
