import LaunchModel

extension ItemVerb {
  /// Throws forbidden where product.md, section 6, does not give this person the verb on this item.
  ///
  /// Approving, rejecting and withdrawing ask for the group's membership instead, when they are done.
  func requireRight(of actor: Actor, on item: ChecklistItem, _ action: ItemAction) throws(Problem) {
    let function = item.definition.function
    switch self {
    case .start, .done, .reopen, .block, .unblock, .submit, .attach:
      try Rights.require(actor, .memberOf(function))
    case .waive:
      try Rights.require(actor, item.definition.gate == .advisory ? .leads(function) : .productOps)
    case .markNotApplicable:
      try Rights.require(actor, .leads(function))
    case .assign:
      let takesItOn = action.to == actor.person
      try Rights.require(actor, takesItOn ? .memberOf(function) : .leads(function))
    case .comment, .approve, .reject, .withdraw:
      try Rights.require(actor, .onRoster)
    }
  }
}
