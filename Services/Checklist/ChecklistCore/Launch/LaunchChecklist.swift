public import LaunchModel

/// Everything the checklist knows of one launch that its readiness is computed from.
public struct LaunchChecklist: Sendable, Hashable {
  /// The launch as tiering last announced it.
  public var record: LaunchRecord
  /// The template version it was instantiated from.
  public var templateVersion: Int
  /// In the template's order.
  public var items: [ChecklistItem]
  /// At most one a function.
  public var votes: [PollVote]
  /// Nil while the metrics are not sealed.
  public var seal: Seal?

  public init(
    record: LaunchRecord, templateVersion: Int, items: [ChecklistItem], votes: [PollVote] = [], seal: Seal? = nil
  ) {
    self.record = record
    self.templateVersion = templateVersion
    self.items = items
    self.votes = votes
    self.seal = seal
  }

  /// The launch's id.
  public var launch: LaunchID { record.plan.launch }

  /// Where an item stands in `items`; throws not found, naming the instances where one is needed.
  public func index(of reference: ItemReference) throws(Problem) -> Int {
    if let index = items.firstIndex(where: { $0.reference == reference }) { return index }
    let instances = items.filter { $0.definition.key == reference.key }
    guard !instances.isEmpty else {
      throw Problem(
        .notFound, code: "item-not-found", title: "no such item",
        detail: "\(launch) has no item \(reference.key)")
    }
    if reference.instance == nil, instances.count == 1, let only = items.firstIndex(of: instances[0]) { return only }
    let names = instances.compactMap(\.instance).joined(separator: ", ")
    guard reference.instance == nil else {
      throw Problem(
        .notFound, code: "item-not-found", title: "no such item",
        detail: "\(launch) has no item \(reference.name)" + (names.isEmpty ? "" : "; there are: \(names)"))
    }
    throw Problem.missing("instance", "\(reference.key) is there for each of \(names): say which")
  }

  /// The names of the items that one depends on and that are not satisfied.
  public func awaited(by item: ChecklistItem, at moment: LaunchMoment) -> [String] {
    items.filter { other in
      item.definition.dependencies.contains(other.definition.key) && other.state != .voided
        && standing(of: other, at: moment).level != .satisfied
    }.map(\.name)
  }
}

/// The seal of a launch's metric plan, as metrics announced it.
public struct Seal: Sendable, Hashable, Codable {
  /// The SHA-256 of the canonical definition.
  public var digest: String
  /// When it was first sealed; an amendment leaves it.
  public var sealedAt: Timestamp

  public init(digest: String, sealedAt: Timestamp) {
    self.digest = digest
    self.sealedAt = sealedAt
  }
}
