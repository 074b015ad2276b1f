import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Blackouts and the exceptions from them.
struct BlackoutCalls: Sendable {
  func register(on router: inout ServiceRouter) {
    router.read(TieringRoutes.blackouts) { _, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { db in
        let blackouts = try BlackoutTable(db: db).all().sorted { ($0.from, $0.key) < ($1.from, $1.key) }
        return BlackoutList(blackouts: try blackouts.map { try $0.view(db) })
      }
    }
    router.change(TieringRoutes.setBlackout) { try set($0, $1, $2) }
    router.change(TieringRoutes.exceptBlackout) { try except($0, $1, $2) }
  }

  private func set(_ request: SetBlackout, _ call: CallContext, _ tx: ServiceTransaction) throws -> BlackoutView {
    let reason = try call.requireProductOps(reason: request.reason, "a blackout is set and taken back with a reason")
    let known = try BlackoutTable(db: tx.db).find(request.key)
    try call.requireVersion(known?.version ?? 0)
    if request.remove == true {
      guard let known else { return try BlackoutTable(db: tx.db).required(request.key).view(tx.db) }
      return try BlackoutChange(tx).remove(known, reason: reason)
    }
    return try BlackoutChange(tx).set(
      try blackout(request, known, reason: reason, tx), before: known, reason: reason)
  }

  private func blackout(
    _ request: SetBlackout, _ known: Blackout?, reason: String, _ tx: ServiceTransaction
  ) throws -> Blackout {
    guard let from = request.from ?? known?.from else { throw Self.missing("from", "the first day") }
    guard let to = request.to ?? known?.to else { throw Self.missing("to", "the last day") }
    guard from <= to else {
      throw Problem.invalid("invalid-blackout", pointer: "/to", "the last day, \(to), is before the first, \(from)")
    }
    if request.tiers?.isEmpty == true {
      throw Problem.invalid("invalid-blackout", pointer: "/tiers", "a blackout holds for at least one tier")
    }
    let tiers = request.tiers.map { Set($0).sorted() } ?? known?.tiers ?? Tier.allCases
    return Blackout(
      key: request.key, from: from, to: to, tiers: tiers, reason: reason, by: tx.actor.description, at: tx.now,
      exceptions: known?.exceptions ?? [], version: (known?.version ?? 0) + 1)
  }

  private static func missing(_ field: String, _ what: String) -> Problem {
    .invalid("invalid-blackout", pointer: "/\(field)", "a new blackout needs \(what); write it as 2026-12-20")
  }

  private func except(_ request: ExceptBlackout, _ call: CallContext, _ tx: ServiceTransaction) throws -> BlackoutView {
    let reason = try call.requireProductOps(reason: request.reason, "an exception is on record with its reason")
    let blackout = try BlackoutTable(db: tx.db).required(request.blackout)
    try call.requireVersion(blackout.version)
    _ = try LaunchTable(db: tx.db).required(request.launch)
    let hasOne = blackout.exception(of: request.launch) != nil
    guard hasOne == (request.remove ?? false) else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change",
        "\(request.launch) \(hasOne ? "is excepted" : "is not excepted") from \(request.blackout) already")
    }
    let acceptance = Acceptance(reason: reason, by: tx.actor.description, at: tx.now)
    try BlackoutChange(tx).except(
      request.blackout, request.launch, request.remove == true ? nil : acceptance, reason: reason)
    return try BlackoutTable(db: tx.db).required(request.blackout).view(tx.db)
  }
}

extension Blackout {
  /// With the launches that it stops.
  func view(_ db: any Transaction) throws -> BlackoutView {
    let stopped = try LaunchTable(db: db).planned(from: from, to: to).filter { launch in
      launch.status.isAhead && tiers.contains(launch.tier) && exception(of: launch.launch) == nil
    }
    return BlackoutView(blackout: self, stopped: stopped.map(\.launch))
  }
}
