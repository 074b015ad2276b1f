import JSON
public import LaunchModel

extension LaunchChecklist {
  /// Does what a person asks of an item, rights included; throws why not, with nothing changed.
  public mutating func perform(
    _ verb: ItemVerb, _ action: ItemAction, by actor: Actor, at moment: LaunchMoment, expectedVersion: Int? = nil
  ) throws(Problem) -> ItemEvent {
    let index = try index(of: ItemReference(key: action.key, instance: action.instance))
    let item = items[index]
    try verb.requireRight(of: actor, on: item, action)
    if verb != .comment { try requireNotCancelled() }
    if let expectedVersion, expectedVersion != item.version {
      throw Problem(
        .conflict, code: "version-conflict", title: "somebody else changed it",
        detail: "\(item.name) is at version \(item.version), not \(expectedVersion)",
        extra: ["current": .integer(Int64(item.version)), "state": .string(item.state.rawValue)])
    }
    let standing = standing(of: item, at: moment)
    let context = ItemContext(
      actor: actor, now: moment.now, today: moment.today, roster: moment.roster,
      awaited: awaited(by: item, at: moment), isFailing: standing.level != .satisfied)
    let step = try items[index].apply(verb, action, in: context)
    return ItemEvent(item: item.reference, step: step)
  }
}
