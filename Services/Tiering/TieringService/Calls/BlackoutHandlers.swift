import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Calls about blackouts and exemptions from them.
struct BlackoutHandlers: Sendable {
  func register(on router: inout ServiceRouter) {
    router.read(TieringRoutes.blackouts) { _, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { db in
        let blackouts = try BlackoutRepository(db: db).all().sorted { ($0.from, $0.key) < ($1.from, $1.key) }
        return BlackoutList(blackouts: try blackouts.map { try $0.view(db) })
      }
    }
    router.read(TieringRoutes.previewBlackout) { try await preview($0, $1) }
    router.read(TieringRoutes.previewExemption) { try await previewExemption($0, $1) }
    router.change(TieringRoutes.setBlackout) { try set($0, $1, $2) }
    router.change(TieringRoutes.exceptBlackout) { try except($0, $1, $2) }
  }

  private func set(_ request: SetBlackout, _ call: CallContext, _ tx: ServiceTransaction) throws -> BlackoutView {
    let reason = try call.requireProductOps(reason: request.reason, "setting or removing a blackout requires a reason")
    let known = try BlackoutRepository(db: tx.db).find(request.key)
    try call.requireVersion(known?.version ?? 0)
    if request.remove == true {
      guard let known else { return try BlackoutRepository(db: tx.db).required(request.key).view(tx.db) }
      return try BlackoutChange(tx).remove(known, reason: reason)
    }
    return try BlackoutChange(tx).set(
      try blackout(request, known, reason: reason, by: tx.actor, at: tx.now), before: known, reason: reason)
  }

  private func preview(_ request: SetBlackout, _ call: CallContext) async throws -> BlackoutPreview {
    try Rights.require(call.actor, .read)
    let plan = try await call.environment.database.read { db in
      let known = try BlackoutRepository(db: db).find(request.key)
      try call.requireVersion(known?.version ?? 0)
      guard request.remove != true else {
        return BlackoutPlan(before: try BlackoutRepository(db: db).required(request.key), after: nil)
      }
      let after = try blackout(
        request, known, reason: request.reason ?? "no reason given yet", by: call.actor, at: call.now)
      return BlackoutPlan(before: known, after: after)
    }
    return try await plan.preview(call.environment)
  }

  private func blackout(
    _ request: SetBlackout, _ known: Blackout?, reason: String, by actor: Actor, at now: Timestamp
  ) throws -> Blackout {
    guard let from = request.from ?? known?.from else { throw Self.missing("from", "the first day") }
    guard let to = request.to ?? known?.to else { throw Self.missing("to", "the last day") }
    guard from <= to else {
      throw Problem.invalid("invalid-blackout", pointer: "/to", "the last day \(to) is before the first day \(from)")
    }
    if request.tiers?.isEmpty == true {
      throw Problem.invalid("invalid-blackout", pointer: "/tiers", "a blackout must apply to at least one tier")
    }
    let tiers = request.tiers.map { Set($0).sorted() } ?? known?.tiers ?? Tier.allCases
    return Blackout(
      key: request.key, from: from, to: to, tiers: tiers, reason: reason, by: actor.description, at: now,
      exceptions: known?.exceptions ?? [], version: (known?.version ?? 0) + 1)
  }

  private static func missing(_ field: String, _ what: String) -> Problem {
    .invalid("invalid-blackout", pointer: "/\(field)", "a new blackout needs \(what); give it in the form 2026-12-20")
  }

  private func except(_ request: ExceptBlackout, _ call: CallContext, _ tx: ServiceTransaction) throws -> BlackoutView {
    let reason = try call.requireProductOps(reason: request.reason, "an exemption requires a reason")
    _ = try exemptible(request, call, tx.db)
    let acceptance = Acceptance(reason: reason, by: tx.actor.description, at: tx.now)
    try BlackoutChange(tx).except(
      request.blackout, request.launch, request.remove == true ? nil : acceptance, reason: reason)
    return try BlackoutRepository(db: tx.db).required(request.blackout).view(tx.db)
  }

  private func previewExemption(_ request: ExceptBlackout, _ call: CallContext) async throws -> BlackoutPreview {
    try Rights.require(call.actor, .read)
    let plan = try await call.environment.database.read { db in
      let before = try exemptible(request, call, db)
      let acceptance = Acceptance(
        reason: request.reason ?? "no reason given yet", by: call.actor.description, at: call.now)
      return BlackoutPlan(
        before: before, after: before.excepting(request.launch, request.remove == true ? nil : acceptance))
    }
    return try await plan.preview(call.environment)
  }

  /// The blackout whose exemptions change.
  ///
  /// - Throws: not found if there is no such blackout or launch; a conflict if the caller saw another version, or the
  ///   launch is exempt already, or is not.
  private func exemptible(
    _ request: ExceptBlackout, _ call: CallContext, _ db: any Transaction
  ) throws -> Blackout {
    let blackout = try BlackoutRepository(db: db).required(request.blackout)
    try call.requireVersion(blackout.version)
    _ = try LaunchRepository(db: db).required(request.launch)
    let hasOne = blackout.exception(of: request.launch) != nil
    guard hasOne == (request.remove ?? false) else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change",
        "\(request.launch) is \(hasOne ? "already" : "not") exempt from the blackout \(request.blackout)")
    }
    return blackout
  }
}

extension Blackout {
  /// The next version, with a launch exempted; nil revokes the exemption.
  fileprivate func excepting(_ launch: LaunchID, _ acceptance: Acceptance?) -> Blackout {
    var blackout = self
    blackout.version += 1
    blackout.exceptions.removeAll { $0.launch == launch }
    if let acceptance { blackout.exceptions.append(Blackout.Exception(launch: launch, accepted: acceptance)) }
    return blackout
  }

  /// The view of the blackout with the launches it stops.
  func view(_ db: any Transaction) throws -> BlackoutView {
    BlackoutView(blackout: self, stopped: try stopped(db).map(\.launch))
  }

  /// The upcoming launches that the blackout stops: planned on its dates, with one of its tiers, and not exempted.
  fileprivate func stopped(_ db: any Transaction) throws -> [PlannedLaunch] {
    try LaunchRepository(db: db).planned(from: from, to: to).filter { launch in
      launch.status.isAhead && tiers.contains(launch.tier) && exception(of: launch.launch) == nil
    }
  }
}

/// A blackout before and after a change, to show what the change would do.
private struct BlackoutPlan: Sendable {
  /// The blackout before the change; nil if the change creates it.
  let before: Blackout?
  /// The blackout after the change; nil if the change removes it.
  let after: Blackout?

  /// The launches that the change would stop or release, with the GOs that it would make stale.
  ///
  /// - Throws: `CancellationError`.
  func preview(_ environment: ServiceEnvironment) async throws -> BlackoutPreview {
    let (stops, releases) = try await environment.database.read { db in try affected(db) }
    var launches: [BlackoutPreview.Launch] = []
    var checklistAnswers = true
    for stop in stops {
      var endsGo: Bool? = false
      if stop.change.row.progress.hasGo {
        endsGo = checklistAnswers ? try await Self.endsGo(stop.change, environment) : nil
        checklistAnswers = endsGo != nil
      }
      let launch = stop.launch
      launches.append(
        BlackoutPreview.Launch(
          launch: launch.launch, name: launch.name, tier: launch.tier, date: launch.date, owner: launch.owner,
          endsGo: endsGo))
    }
    guard let blackout = after ?? before else { throw Problem.internalError("a blackout has neither version") }
    return BlackoutPreview(
      blackout: blackout, version: before?.version ?? 0, stops: launches, releases: releases)
  }

  /// A launch that the blackout would stop, with the resulting change of the launch.
  private struct Stop: Sendable {
    var launch: PlannedLaunch
    var change: PlannedChange
  }

  private func affected(_ db: any Transaction) throws -> ([Stop], [LaunchID]) {
    let stoppedNow = try before?.stopped(db) ?? []
    let stoppedThen = try after?.stopped(db) ?? []
    let blackouts = try BlackoutRepository(db: db).all().filter { $0.key != before?.key } + [after].compactMap(\.self)
    let known = Set(stoppedNow.map(\.launch))
    let stops = try stoppedThen.filter { !known.contains($0.launch) }.map { launch in
      let row = try LaunchRepository(db: db).required(launch.launch)
      var change = PlannedChange(row: row, changed: ["conflicts"], before: row.record)
      change.row.record.setConflicts(try LaunchConflicts(db: db).conflicts(of: row.record, blackouts: blackouts))
      return Stop(launch: launch, change: change)
    }
    let remaining = Set(stoppedThen.map(\.launch))
    return (stops, stoppedNow.map(\.launch).filter { !remaining.contains($0) })
  }

  /// Whether the change would make the launch's GO stale; nil if the checklist cannot answer.
  private static func endsGo(_ change: PlannedChange, _ environment: ServiceEnvironment) async throws -> Bool? {
    switch try await TierDowngradeCheck.preview(change, environment) {
    case .answered(let preview): !preview.decisionStale.isEmpty
    case .unneeded: false
    case .lagging, .unreachable: nil
    }
  }
}

/// Changes a blackout and the conflicts of the launches that it stops or no longer stops, in one transaction.
///
/// Earliest dates are not updated: no decision depends on them, and every launch has one. They are recomputed when
/// read.
struct BlackoutChange {
  let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  func set(_ blackout: Blackout, before: Blackout?, reason: String) throws -> BlackoutView {
    try BlackoutRepository(db: tx.db).save(blackout)
    try announce(blackout, isRemoved: false, reason: reason)
    return try refresh(blackout, before: before, reason: reason)
  }

  func remove(_ blackout: Blackout, reason: String) throws -> BlackoutView {
    try BlackoutRepository(db: tx.db).remove(blackout.key)
    try announce(blackout, isRemoved: true, reason: reason)
    var view = try refresh(blackout, before: nil, reason: reason)
    view.stopped = []
    return view
  }

  /// Exempts a launch from a blackout; nil revokes the exemption.
  func except(_ key: LaunchID, _ launch: LaunchID, _ acceptance: Acceptance?, reason: String) throws {
    let blackout = try BlackoutRepository(db: tx.db).required(key).excepting(launch, acceptance)
    try BlackoutRepository(db: tx.db).save(blackout)
    try announce(blackout, isRemoved: false, reason: reason)
    try ConflictUpdater(tx).refresh([launch], reason: reason)
  }

  private func announce(_ blackout: Blackout, isRemoved: Bool, reason: String) throws {
    try tx.announce(
      Announcements.calendarChanged, launch: CalendarChanged.subject, version: 1, reason: reason,
      CalendarChanged(blackout: blackout, isRemoved: isRemoved))
  }

  /// Updates the conflicts of launches planned within the blackout's new or previous dates, and returns its view.
  private func refresh(_ blackout: Blackout, before: Blackout?, reason: String) throws -> BlackoutView {
    let launches = try [before, blackout].compactMap(\.self).flatMap { span in
      try LaunchRepository(db: tx.db).planned(from: span.from, to: span.to)
    }
    try ConflictUpdater(tx).refresh(Set(launches.map(\.launch)).sorted(), reason: reason)
    return try blackout.view(tx.db)
  }
}
