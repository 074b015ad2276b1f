public import LaunchModel

extension LaunchChecklist {
  /// The functions whose leads are polled: those with items, but Product Ops, who asks and then decides.
  public var polled: [LaunchFunction] {
    Set(items.filter { $0.state != .voided }.map(\.definition.function)).subtracting([.productOps]).sorted()
  }

  /// Records a lead's answer, which replaces the function's earlier one; throws where there is nothing to answer.
  public mutating func answer(_ answer: PollAnswer, by actor: Actor, at now: Timestamp) throws(Problem) {
    try requireNotCancelled()
    guard record.tier.hasPoll else {
      throw Problem.conflict("no-poll", "tier \(record.tier.rawValue) has no poll")
    }
    let function = try function(of: answer, by: actor)
    try Rights.require(actor, .leads(function))
    votes.removeAll { $0.function == function }
    votes.append(
      PollVote(
        function: function, answer: answer.answer, by: actor.description, at: now, note: answer.note?.trimmedOrNil))
    votes.sort { $0.function < $1.function }
  }

  /// The poll as it stands.
  public var poll: PollView {
    let answered = Set(votes.map(\.function))
    return PollView(
      launch: launch, required: record.tier.hasPoll, votes: votes,
      silent: record.tier.hasPoll ? polled.filter { !answered.contains($0) } : [])
  }

  private func function(of answer: PollAnswer, by actor: Actor) throws(Problem) -> LaunchFunction {
    if let function = answer.function {
      guard polled.contains(function) else {
        let names = polled.map(\.rawValue).joined(separator: ", ")
        throw Problem.unfit("function", "\(function.rawValue) is not polled for this launch; polled are: \(names)")
      }
      return function
    }
    let led = polled.filter { actor.entry?.lead.contains($0) ?? false }
    if led.count == 1 { return led[0] }
    let choice = (led.isEmpty ? polled : led).map(\.rawValue).joined(separator: ", ")
    guard !led.isEmpty || Rights.allows(actor, .productOps) else {
      throw Problem.forbidden(code: "not-a-lead", "\(actor.person) leads none of \(choice)")
    }
    throw Problem.missing("function", "say for which function: \(choice)")
  }
}
