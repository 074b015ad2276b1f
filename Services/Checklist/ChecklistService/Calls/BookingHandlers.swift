import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls about people and functions with work on several launches in one week.
struct BookingHandlers {
  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.bookingConflicts) { filter, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { try conflicts(filter, $0) }
    }
    router.change(ChecklistRoutes.acceptBooking) { try accept($0, $1, $2) }
  }

  private func conflicts(_ filter: ConflictFilter, _ db: any Transaction) throws -> ConflictList {
    let bookings = BookingRepository(db: db)
    let accepted = try bookings.accepted()
    return try BookingFinder(try bookings.all(), with: filter.launch).list(filter) { launch, kind, other in
      accepted[[launch.rawValue, kind.rawValue, other.rawValue]]
    }
  }

  private func accept(_ request: AcceptConflict, _ call: CallContext, _ tx: ServiceTransaction) throws -> ConflictList {
    try Rights.require(call.actor, .productOps)
    guard let reason = request.reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason",
        "accepting a conflict needs a reason (--reason TEXT)")
    }
    let own = try conflicts(ConflictFilter(launch: request.launch), tx.db).conflicts.map(\.conflict)
    let exists = own.contains { conflict in
      conflict.launch == request.launch && conflict.kind == request.kind && conflict.other == request.other
    }
    guard exists else {
      throw Problem.notFound(
        "conflict-not-found", title: "no such conflict",
        "\(request.launch) has no \(request.kind.rawValue) conflict with \(request.other); "
          + "see gonogo calendar conflicts"
      )
    }
    let acceptance = Acceptance(reason: reason, by: call.actor.description, at: tx.now)
    try BookingRepository(db: tx.db).accept(request, acceptance)
    try tx.record(launch: request.launch.rawValue, action: "booking.accept", detail: request, reason: reason)
    return try conflicts(ConflictFilter(launch: request.launch), tx.db)
  }
}
