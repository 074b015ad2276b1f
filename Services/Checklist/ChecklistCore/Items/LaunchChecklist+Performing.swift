public import Contract
import JSON
public import LaunchModel

extension LaunchChecklist {
  /// Applies a verb to an item on behalf of an actor or, if that is forbidden, of the first of those whom the actor stands in for
  /// who may.
  ///
  /// - Throws: if the item does not exist, the actor lacks the right, the launch is cancelled, the item is not at
  ///   `expectedVersion`, or the verb does not apply; nothing is changed then.
  public mutating func perform(
    _ verb: ItemVerb, _ action: ItemAction, on reference: ItemReference, by actor: Actor, at moment: LaunchMoment,
    expectedVersion: Int? = nil
  ) throws(Problem) -> ItemEvent {
    let index = try index(of: reference)
    try actor.requireDelegation(on: moment.today)
    var identities = actor.identities(on: moment.today)
    // Whoever may waive as a stand-in waives, and does not merely ask for it.
    let item = items[index]
    if verb == .waive, action.waiver == nil, let giver = identities.firstIndex(where: { item.isWaivable(by: $0) }) {
      identities.swapAt(0, giver)
    }
    var refusal: Problem?
    for identity in identities {
      do throws(Problem) {
        return try perform(verb, action, at: index, as: identity, at: moment, expectedVersion: expectedVersion)
      } catch {
        guard error.kind == .forbidden else { throw error }
        refusal = error
      }
    }
    throw refusal ?? .forbidden("\(actor.person) may not do this")
  }

  private mutating func perform(
    _ verb: ItemVerb, _ action: ItemAction, at index: Int, as actor: Actor, at moment: LaunchMoment,
    expectedVersion: Int?
  ) throws(Problem) -> ItemEvent {
    let item = items[index]
    try verb.requireRight(of: actor, on: item, action)
    if verb != .comment { try requireNotCancelled() }
    if let expectedVersion, expectedVersion != item.version {
      throw Problem(
        .conflict, code: "version-conflict", title: "changed by someone else",
        detail: "\(item.name) is now at version \(item.version), not \(expectedVersion)",
        extra: ["current": .integer(Int64(item.version)), "state": .string(item.state.rawValue)])
    }
    let standing = standing(of: item, at: moment)
    let context = ItemContext(
      actor: actor, now: moment.now, launch: situation(at: moment), awaited: awaited(by: item, at: moment),
      isFailing: standing.level != .satisfied)
    let step = try items[index].apply(verb, action, in: context)
    return ItemEvent(item: item.reference, step: step, actor: actor)
  }
}
