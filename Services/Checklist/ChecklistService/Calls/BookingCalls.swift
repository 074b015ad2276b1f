import ChecklistCore
import LaunchModel
import ServiceKit
import Storage

/// Persons and functions that are booked on items of several launches in one week.
struct BookingCalls {
  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.bookingConflicts) { filter, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { ConflictList(try conflicts($0), filter) }
    }
    router.change(ChecklistRoutes.acceptBooking) { try accept($0, $1, $2) }
  }

  private func conflicts(_ db: any Transaction) throws -> [DatedConflict] {
    let table = BookingTable(db: db)
    let accepted = try table.accepted()
    return BookingFinder(try table.launches()).conflicts(of: try table.work()).map { dated in
      var dated = dated
      let conflict = dated.conflict
      dated.conflict.accepted = accepted[[conflict.launch.rawValue, conflict.kind.rawValue, conflict.other]]
      return dated
    }
  }

  private func accept(_ request: AcceptConflict, _ call: CallContext, _ tx: ServiceTransaction) throws -> ConflictList {
    try Rights.require(call.actor, .productOps)
    guard let reason = request.reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason",
        "a conflict is accepted with a reason; give one with --reason")
    }
    let own = try conflicts(tx.db).filter { $0.conflict.launch == request.launch }
    guard own.contains(where: { $0.conflict.kind == request.kind && $0.conflict.other == request.other }) else {
      throw Problem.notFound(
        "conflict-not-found", title: "no such conflict",
        "\(request.launch) has no conflict \(request.kind.rawValue) \(request.other) charged to it")
    }
    let acceptance = Acceptance(reason: reason, by: call.actor.description, at: tx.now)
    try BookingTable(db: tx.db).accept(request, acceptance)
    try tx.record(launch: request.launch.rawValue, action: "booking.accept", detail: request, reason: reason)
    return ConflictList(try conflicts(tx.db), ConflictFilter(launch: request.launch))
  }
}
