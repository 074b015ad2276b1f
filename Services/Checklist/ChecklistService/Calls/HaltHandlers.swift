import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls that stop the line and lift the halt.
///
/// A halt closes every gate as soon as its transaction commits, because the gate is read in the same transaction as the
/// decision. It changes no launch, and no GO becomes stale.
struct HaltHandlers {
  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.showHalt) { _, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { HaltView(try HaltRepository(db: $0).latest()) }
    }
    router.change(ChecklistRoutes.setHalt) { try set($0, $1, $2) }
    router.change(ChecklistRoutes.liftHalt) { try lift($0, $1, $2) }
  }

  private func set(_ request: SetHalt, _ call: CallContext, _ tx: ServiceTransaction) throws -> HaltView {
    try Rights.require(call.actor, .granted(.halt))
    let known = try LaunchRepository(db: tx.db).all()
    for launch in request.except ?? [] where !known.contains(launch) {
      throw Problem.noLaunch(launch, among: known.map(\.rawValue))
    }
    let halts = HaltRepository(db: tx.db)
    let halt = try Halt.setting(request, after: try halts.latest(), by: call.actor, at: tx.now)
    return try save(halt, Announcements.haltSet, reason: request.reason, tx)
  }

  private func lift(_ request: LiftHalt, _ call: CallContext, _ tx: ServiceTransaction) throws -> HaltView {
    try Rights.require(call.actor, .granted(.halt))
    let halts = HaltRepository(db: tx.db)
    let halt = try Halt.lifting(try halts.latest(), request, by: call.actor, at: tx.now)
    return try save(halt, Announcements.haltLifted, reason: request.reason, tx)
  }

  /// Stores the halt before announcing it, so that the announcement's audit link covers it.
  private func save(
    _ halt: Halt, _ type: EventType<HaltAnnounced>, reason: String?, _ tx: ServiceTransaction
  ) throws -> HaltView {
    try HaltRepository(db: tx.db).save(halt)
    try tx.announce(
      type, launch: HaltAnnounced.subject, version: halt.number, reason: reason, HaltAnnounced(halt))
    return HaltView(halt)
  }
}
