import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Calls that propose, classify and show launches.
struct LaunchHandlers: Sendable {
  let documents: TieringDocuments

  func register(on router: inout ServiceRouter) {
    router.change(TieringRoutes.propose) { try propose($0, $1, $2) }
    router.change(TieringRoutes.importLaunches) { try importAll($0, $1, $2) }
    router.read(TieringRoutes.classify) { try await classify($0, $1) }
    router.read(TieringRoutes.list) { filter, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { try LaunchRepository(db: $0).list(filter) }
    }
    router.read(TieringRoutes.show) { try await show($0, $1) }
    router.read(TieringRoutes.history) { try await history($0, $1) }
  }

  private func propose(_ proposal: ProposeLaunch, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord
  {
    try Rights.require(call.actor, .propose)
    return try propose(proposal.document, by: documents.assessor(tx.db), call, tx).noted(tx.db)
  }

  /// Proposes all launches or none. If any is invalid, reports the errors of all, each under its index in the list.
  private func importAll(_ request: ImportLaunches, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchList
  {
    try Rights.require(call.actor, .propose)
    guard request.documents.count <= ImportLaunches.maximum else {
      throw Problem.tooLarge(
        "\(request.documents.count) launches are too many for one call; the limit is \(ImportLaunches.maximum)")
    }
    let assessor = try documents.assessor(tx.db)
    var (records, faults): ([LaunchRecord], [FieldError]) = ([], [])
    for (index, document) in request.documents.enumerated() {
      do {
        // Makes the order of the list the order of placement, although all are proposed at the same moment.
        let placedAt = Timestamp(microseconds: tx.now.microseconds + Int64(index))
        records.append(try propose(document, by: assessor, placedAt: placedAt, call, tx))
      } catch let problem as Problem where problem.kind == .invalid || problem.kind == .conflict {
        faults += problem.placed(at: index)
      }
    }
    guard faults.isEmpty else {
      throw Problem.invalid("invalid-launches", title: "some launches are invalid", errors: faults)
    }
    return LaunchList(launches: records.map(LaunchSummary.init))
  }

  private func propose(
    _ document: JSONValue, by assessor: LaunchAssessor, placedAt: Timestamp? = nil, _ call: CallContext,
    _ tx: ServiceTransaction
  ) throws -> LaunchRecord {
    let plan = try plan(of: document, call, tx.db)
    let assessment = try assessor.assess(plan, now: tx.now)
    var record = LaunchRecord(plan, assessment, proposedAt: tx.now, proposedBy: tx.actor.description)
    record.placedAt = placedAt ?? tx.now
    record.confirmation = DateConfirmation(
      at: tx.now, by: tx.actor.description, rule: assessor.policy.reconfirmation)
    return try LaunchWriter(tx).propose(record)
  }

  /// The plan in a launch file, checked as for a proposal: its id must be new.
  private func plan(of document: JSONValue, _ call: CallContext, _ db: any Transaction) throws -> LaunchPlan {
    let plan = try LaunchPlan(
      reading: document, calendars: try documents.calendars.all(db),
      people: call.environment.roster?.people.keys.sorted())
    guard try LaunchRepository(db: db).find(plan.launch) == nil else {
      throw Problem.conflict(
        "launch-exists", title: "the launch already exists",
        "the launch \(plan.launch) already exists; change it with launch set, or choose another id")
    }
    return plan
  }

  private func classify(_ request: ClassifyLaunch, _ call: CallContext) async throws -> Classification {
    try Rights.require(call.actor, request.asProposal == true ? .propose : .read)
    return try await call.environment.database.read { db in
      let plan =
        request.asProposal == true
        ? try plan(of: request.document, call, db)
        : try LaunchPlan(
          outlineReading: request.document, missingDate: ZoneRules.utc.localDate(at: call.now),
          calendars: try documents.calendars.all(db))
      let assessment = try documents.assessor(db).assess(plan, now: call.now)
      let record = LaunchRecord(plan, assessment, proposedAt: call.now, proposedBy: call.actor.description)
      // Without a date there is no shortfall, conflict or note.
      let isDated = request.document["date"] != nil
      return Classification(
        tier: record.tier, tierReasons: record.tierReasons, assumed: record.assumed,
        openQuestions: record.openQuestions, alternatives: record.alternatives, earliestDate: record.earliestDate,
        earliestBecause: record.earliestBecause, shortfall: isDated ? record.shortfall : nil,
        conflicts: isDated ? try LaunchConflicts(db: db).conflicts(of: record) : [],
        notes: isDated ? try record.noted(db).notes : [])
    }
  }

  private func show(_ reference: LaunchReference, _ call: CallContext) async throws -> LaunchRecord {
    try Rights.require(call.actor, .read)
    let audit = call.environment.audit
    return try await call.environment.database.read { db in
      let row = try LaunchRepository(db: db).required(reference.launch)
      var record = row.record
      if let moment = reference.asOf {
        guard let earlier = try VersionRepository(db: db).record(of: reference.launch, asOf: moment) else {
          throw Problem.notFound(
            "launch-not-found", title: "no such launch",
            "the launch \(reference.launch) had not been proposed yet at \(moment)")
        }
        record = earlier
        record.status = try status(of: reference.launch, asOf: moment, audit, db) ?? earlier.status
        record.confirmation = try confirmation(of: earlier, asOf: moment, audit, db)
      }
      // The current conflicts. A date that is no longer ahead has none, because nobody could move it or accept them.
      if reference.asOf == nil { record.conflicts = try LaunchConflicts(db: db).conflicts(of: record) }
      let assessor = try documents.assessor(db, templateVersion: row.progress.templateVersion)
      try plan(&record, by: assessor, asOf: reference.asOf, now: call.now)
      return record
    }
  }

  /// The last status announced up to a moment; nil if none was. Versions do not record status changes.
  private func status(
    of launch: LaunchID, asOf moment: Timestamp, _ audit: AuditChain, _ db: any Transaction
  ) throws -> LaunchStatus? {
    let announced = try audit.links(launch: launch.rawValue, db).last {
      $0.at <= moment && $0.action == Announcements.launchStatus.name
    }
    return announced?.detail["status"]?.stringValue.flatMap(LaunchStatus.init)
  }

  /// The last confirmation of the date up to a moment. Versions record only confirmations that another change included.
  private func confirmation(
    of record: LaunchRecord, asOf moment: Timestamp, _ audit: AuditChain, _ db: any Transaction
  ) throws -> DateConfirmation? {
    let announced = try audit.links(launch: record.plan.launch.rawValue, db).last {
      $0.at <= moment && $0.action == Announcements.launchReconfirmed.name
    }
    guard let content = announced?.detail["confirmation"] else { return record.confirmation }
    let later = try JSONCoding.decode(DateConfirmation.self, from: content)
    return record.confirmation.map { $0.at > later.at ? $0 : later } ?? later
  }

  /// Updates the notes and the earliest date, which change without a change of the launch: dates pass, and blackouts
  /// are set. Notes are as of `moment`. If `moment` is given, the stored earliest date is kept.
  private func plan(
    _ record: inout LaunchRecord, by assessor: LaunchAssessor, asOf moment: Timestamp?, now: Timestamp
  ) throws {
    record.notes = []
    guard LaunchCommand.reschedule.allowed.contains(record.status) else { return }
    let today = try ZoneRules(record.plan.timeZone).localDate(at: moment ?? now)
    let feasibility = assessor.feasibility(
      of: record.plan, tier: record.tier, reachedOn: record.reachedOn, today: today)
    record.notes = feasibility.notes
    guard moment == nil else { return }
    record.earliestDate = feasibility.earliestDate
    record.earliestBecause = feasibility.because
  }

  private func history(_ reference: LaunchReference, _ call: CallContext) async throws -> LaunchHistory {
    try Rights.require(call.actor, .read)
    let audit = call.environment.audit
    return try await call.environment.database.read { db in
      _ = try LaunchRepository(db: db).required(reference.launch)
      let links = try audit.links(launch: reference.launch.rawValue, db)
      let seen = links.filter { link in
        !AuditChain.isBookkeeping(link.action) && reference.asOf.map { link.at <= $0 } ?? true
      }
      return LaunchHistory(launch: reference.launch, entries: HistoryText.entries(seen))
    }
  }
}

extension Problem {
  /// The problem's errors, with pointers to the document at this index of the list.
  fileprivate func placed(at index: Int) -> [FieldError] {
    guard !errors.isEmpty else { return [FieldError(pointer: "/documents/\(index)", detail: detail)] }
    return errors.map { FieldError(pointer: "/documents/\(index)\($0.pointer)", line: $0.line, detail: $0.detail) }
  }
}

extension LaunchRecord {
  /// The record with the notes about its flag, for callers who propose, change or preview the launch. These notes
  /// depend on other launches and are therefore not stored.
  func noted(_ db: any Transaction) throws -> LaunchRecord {
    var record = self
    record.notes += try LaunchRepository(db: db).flagNotes(of: plan)
    return record
  }
}

extension LaunchSummary {
  fileprivate init(_ record: LaunchRecord) {
    self.init(
      id: record.plan.launch, name: record.plan.name, tier: record.tier, date: record.plan.date, status: record.status,
      owner: record.plan.owner, shortfallDays: record.shortfall?.days ?? 0,
      shortfallWaived: record.shortfall?.waived != nil,
      conflicts: record.conflictCount?.total ?? record.conflicts.count, version: record.version)
  }
}

/// Converts links of the audit chain into history entries that describe what changed.
enum HistoryText {
  /// - Parameter links: the links of one launch, starting with its proposal.
  static func entries(_ links: [AuditLink]) -> [HistoryEntry] {
    var before: JSONValue?
    return links.map { link in
      let record = link.detail["record"]
      let detail = detail(link, before: before)
      before = record ?? before
      return HistoryEntry(at: link.at, by: link.by, action: action(link.action), detail: detail)
    }
  }

  /// The action of an event type, for example `rescheduled` for `dev.gonogo.launch.rescheduled.v1`.
  private static func action(_ type: String) -> String {
    let words = type.split(separator: ".")
    return words.count > 2 && words.last == "v1" ? String(words[words.count - 2]) : type
  }

  private static func detail(_ link: AuditLink, before: JSONValue?) -> String? {
    var parts: [String] = []
    if let from = link.detail["from"]?.stringValue, let to = link.detail["status"]?.stringValue {
      parts.append("\(from) → \(to)")
    }
    if let record = link.detail["record"] {
      let changed = (link.detail["changed"]?.arrayValue ?? []).compactMap(\.stringValue)
      parts +=
        before.map { ChangeText.describe(changed, from: $0, to: record) }
        ?? ["tier \(record["tier"].plainText)", record["date"].plainText]
    }
    if let reason = link.detail["reason"]?.stringValue { parts.append(reason) }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
