import LaunchModel
import ReviewCore

/// Who may do what in a review (product.md, section 6): closing is Product Ops'; what is said in it is also its
/// participants', which are the invited functions and the launch's owner.
enum ReviewRights {
  static func requireParticipant(_ actor: Actor, in launch: LaunchRecord) throws(Problem) {
    try Rights.require(
      actor, anyOf: [.ownLaunch(owner: launch.plan.owner)] + ReviewSchedule.invited.map { .memberOf($0) })
  }

  static func requireProductOps(_ actor: Actor) throws(Problem) { try Rights.require(actor, .productOps) }

  /// An action's owner, or those who may add one.
  static func requireOwner(_ actor: Actor, of action: ActionRow, in launch: LaunchRecord) throws(Problem) {
    if Rights.allows(actor, .onRoster), actor.person == action.owner { return }
    try requireParticipant(actor, in: launch)
  }
}
