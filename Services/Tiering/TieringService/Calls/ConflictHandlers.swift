import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Calls that list and accept date conflicts.
struct ConflictHandlers: Sendable {
  func register(on router: inout ServiceRouter) {
    router.read(TieringRoutes.conflicts) { filter, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { try list(filter, $0) }
    }
    router.change(TieringRoutes.acceptConflict) { try accept($0, $1, $2) }
  }

  /// Finds conflicts from the columns of the launches, without reading records.
  private func list(_ filter: ConflictFilter, _ db: any Transaction) throws -> ConflictList {
    var (first, last) = (filter.from ?? .distantPast, filter.to ?? .distantFuture)
    if let launch = filter.launch {
      // A launch can conflict only with launches of the same week.
      let date = try LaunchRepository(db: db).required(launch).record.plan.date
      (first, last) = (max(first, date.monday), min(last, date.monday.adding(days: 6)))
    }
    guard first <= last else { return ConflictList(conflicts: [], total: 0) }
    let blackouts = try BlackoutRepository(db: db).all()
    // Minor launches conflict only with blackouts, so they are read only if a blackout stops them.
    let isMinorStopped = blackouts.contains { $0.tiers.contains(.minor) }
    let launches = try LaunchRepository(db: db).planned(
      from: first.monday, to: last.monday.adding(days: 6), tier: isMinorStopped ? .minor : .moderate)
    let finder = ConflictFinder(launches, blackouts: blackouts, accepted: try AcceptanceRepository(db: db).all())
    return try finder.list(filter)
  }

  private func accept(_ request: AcceptConflict, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .accept, call, tx)
    let reason = try change.requireProductOps(reason: request.reason, "accepting a conflict requires a reason")
    let conflicts = try LaunchConflicts(db: tx.db).conflicts(of: change.row.record)
    guard let conflict = conflicts.first(where: { $0.is(request) }) else {
      throw Problem.notFound("conflict-not-found", title: "no such conflict", Self.notFound(request, conflicts))
    }
    guard conflict.accepted == nil else {
      throw Problem.conflict("nothing-to-accept", title: "nothing to accept", "the conflict is already accepted")
    }
    let acceptance = Acceptance(reason: reason, by: tx.actor.description, at: tx.now)
    if request.kind == .blackout {
      guard let key = LaunchID(request.other) else {
        throw Problem.internalError("the conflict names \"\(request.other)\", which is not a blackout's key")
      }
      try BlackoutChange(tx).except(key, request.launch, acceptance, reason: reason)
    } else {
      try save(request, acceptance, of: change.row, tx)
    }
    return try LaunchRepository(db: tx.db).required(request.launch).record
  }

  private func save(
    _ request: AcceptConflict, _ acceptance: Acceptance, of row: LaunchRow, _ tx: ServiceTransaction
  ) throws {
    guard let other = LaunchID(request.other) else {
      throw Problem.internalError("the conflict names \"\(request.other)\", which is not a launch id")
    }
    let dates = [row.record.plan.date, try LaunchRepository(db: tx.db).required(other).record.plan.date]
    let key = AcceptedConflicts.Key(launch: request.launch, kind: request.kind, other: request.other, dates: dates)
    try AcceptanceRepository(db: tx.db).save(key, acceptance)
    _ = try LaunchWriter(tx).changeConflicts(row, reason: acceptance.reason)
  }

  private static func notFound(_ request: AcceptConflict, _ conflicts: [LaunchConflict]) -> String {
    let charged = conflicts.map { "\($0.kind.rawValue) \($0.other)" }.joined(separator: ", ")
    return "\(request.launch) has no \(request.kind.rawValue) conflict with \(request.other); "
      + (charged.isEmpty ? "it has no conflicts" : "its conflicts are: \(charged)")
  }
}

extension LaunchConflict {
  fileprivate func `is`(_ request: AcceptConflict) -> Bool { kind == request.kind && other == request.other }
}

extension LocalDate {
  /// A date earlier than any launch date.
  static let distantPast = LocalDate(year: 1, month: 1, day: 1) ?? LocalDate(ordinal: 0)
  /// A date later than any launch date.
  static let distantFuture = LocalDate(year: 9998, month: 12, day: 31) ?? LocalDate(ordinal: 0)
}
