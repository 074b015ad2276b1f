public import LaunchModel

/// The result of an item method: the item if the call names one by `key`, or a result for each item if it names several
/// by `keys`.
public enum ItemResponse: Codable, Sendable, Hashable {
  /// The answer to a call by `key`.
  case item(ItemDetail)
  /// The answer to a call by `keys`.
  case results(ItemResults)

  /// The item; nil in the response to a call by `keys`.
  public var detail: ItemDetail? { if case .item(let detail) = self { detail } else { nil } }

  /// The results; nil in the response to a call by `key`.
  public var results: ItemResults? { if case .results(let results) = self { results } else { nil } }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ItemResults.CodingKeys.self)
    self =
      container.contains(.results) ? .results(try ItemResults(from: decoder)) : .item(try ItemDetail(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .item(let detail): try detail.encode(to: encoder)
    case .results(let results): try results.encode(to: encoder)
    }
  }
}

/// The results of a call for several items.
public struct ItemResults: Codable, Sendable, Hashable {
  /// The launch that the items belong to.
  public var launch: LaunchID
  /// One result per item, in the order of the names; an item that was named twice appears once.
  public var results: [ItemResult]

  enum CodingKeys: CodingKey {
    case launch, results
  }

  public init(launch: LaunchID, results: [ItemResult]) {
    self.launch = launch
    self.results = results
  }
}

/// The outcome of a call for one of several items.
///
/// A success has `state` and `version` and, unless the answer would be too large, `item` and `history`. A failure has
/// `error`.
public struct ItemResult: Sendable, Hashable {
  /// The item's key in the template, such as `kb-article`.
  public var key: ItemKey
  /// The instance it was expanded to, such as `de` for a locale; nil if it was not expanded.
  public var instance: String?
  /// The new state of the item; nil if the call failed for it.
  public var state: ItemState?
  /// The new version of the item; nil if the call failed for it.
  public var version: Int?
  /// The item in its new state; nil if the call failed for it, or if the answer would be too large.
  public var item: ItemView?
  /// Everything that was done to the item, oldest first; nil if the call failed for it, or if the answer would be too
  /// large.
  public var history: [HistoryEntry]?
  /// Why the call failed for this item; nil if it did not.
  public var error: Problem?
  /// True if older evidence and older entries of `history` are left out to keep the answer within its size limit;
  /// otherwise nil.
  public var short: Bool?

  /// Creates the result for an item that was changed or is shown.
  public init(_ detail: ItemDetail) {
    key = detail.item.key
    instance = detail.item.instance
    state = detail.item.state
    version = detail.item.version
    item = detail.item
    history = detail.history
    short = detail.short
  }

  /// Creates the result for an item for which the call failed.
  public init(_ item: ItemReference, error: Problem) {
    key = item.key
    instance = item.instance
    self.error = error
  }

  /// The item's key and instance.
  public var reference: ItemReference { ItemReference(key: key, instance: instance) }
}

extension ItemResult: Codable {
  private enum CodingKeys: CodingKey {
    case key, instance, state, version, item, history, error, short
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    key = try container.decode(ItemKey.self, forKey: .key)
    instance = try container.decodeIfPresent(String.self, forKey: .instance)
    state = try container.decodeIfPresent(ItemState.self, forKey: .state)
    version = try container.decodeIfPresent(Int.self, forKey: .version)
    item = try container.decodeIfPresent(ItemView.self, forKey: .item)
    history = try container.decodeIfPresent([HistoryEntry].self, forKey: .history)
    error = try container.decodeIfPresent(ProblemData.self, forKey: .error)?.problem
    short = try container.decodeIfPresent(Bool.self, forKey: .short)
  }

  /// Encodes `instance` even if it is nil, and the error as an RFC 9457 problem with its code, like the `data` of a
  /// JSON-RPC error.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(key, forKey: .key)
    try container.encode(instance, forKey: .instance)
    try container.encodeIfPresent(state, forKey: .state)
    try container.encodeIfPresent(version, forKey: .version)
    try container.encodeIfPresent(item, forKey: .item)
    try container.encodeIfPresent(history, forKey: .history)
    try container.encodeIfPresent(error.map { ProblemData($0) }, forKey: .error)
    try container.encodeIfPresent(short, forKey: .short)
  }
}
