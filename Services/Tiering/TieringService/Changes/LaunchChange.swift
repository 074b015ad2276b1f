import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// The checks common to all changes of a launch.
struct LaunchChange {
  let row: LaunchRow
  let call: CallContext

  /// Why an override without a reason is rejected, whether it is applied or previewed.
  static let overrideNeedsReason = "an override requires a reason"

  /// Finds the launch and checks that the caller saw its current version and that its status allows the command.
  init(of launch: LaunchID, by command: LaunchCommand, _ call: CallContext, _ tx: ServiceTransaction) throws {
    row = try LaunchRepository(db: tx.db).required(launch)
    self.call = call
    try Self.requireVersion(row.record, call, tx.db)
    try command.require(row.record.status)
    try call.actor.requireDelegation(on: try ZoneRules(row.record.plan.timeZone).localDate(at: call.now))
  }

  /// Requires the owner before GO; after a GO or exposure, Product Ops with a reason.
  func requireOwner(reason: String?) throws {
    guard let protection = row.progress.protection else {
      return try Rights.require(call.actor, .ownLaunch(owner: row.record.plan.owner))
    }
    guard Rights.allows(call.actor, .productOps) || call.actor.entry == nil else {
      throw Problem.forbidden(
        "\(call.actor.person) may not do this; \(protection), so only Product Ops may, with a reason")
    }
    try requireProductOps(
      reason: reason,
      row.progress.wasGivenGo ? "a change after GO requires a reason" : "\(protection), so a change requires a reason")
  }

  /// Requires Product Ops and a reason, and returns the reason.
  @discardableResult
  func requireProductOps(reason: String?, _ why: String) throws -> String {
    try call.requireProductOps(reason: reason, why)
  }

  /// Requires that the caller saw the current version, if the call names one.
  /// The error describes what has changed since.
  static func requireVersion(_ record: LaunchRecord, _ call: CallContext, _ db: any Transaction) throws {
    guard let expected = call.meta.expectedVersion, expected != record.version else { return }
    let versions = try VersionRepository(db: db).from(expected, of: record.plan.launch)
    let since = versions.filter { $0.version > expected }
    let descriptions = since.map { version in
      let before = versions.last { $0.version < version.version }
      let what =
        before.map { ChangeText.describe(version.changed, from: $0.record, to: version.record) } ?? version.changed
      return version.version == 1
        ? "\(version.by) proposed it at \(version.at)"
        : "\(version.by) changed \(what.joined(separator: ", ")) at \(version.at)"
    }
    let changes = since.map { version -> JSONValue in
      [
        "version": .integer(Int64(version.version)), "at": .string(version.at.description), "by": .string(version.by),
        "changed": .array(version.changed.map { .string($0) }),
      ]
    }
    throw Problem.conflict(
      "version-conflict", title: "the launch has changed",
      "you saw version \(expected), but the launch is now at version \(record.version)"
        + (descriptions.isEmpty ? "" : ": \(descriptions.joined(separator: "; "))")
        + "; review it and repeat the change",
      extra: [
        "expected": .integer(Int64(expected)), "current": .integer(Int64(record.version)), "changes": .array(changes),
      ])
  }
}

extension CallContext {
  /// Requires Product Ops and a reason, and returns the reason.
  ///
  /// - Throws: `forbidden`, or `reason-missing`.
  @discardableResult
  func requireProductOps(reason: String?, _ why: String) throws -> String {
    try Rights.require(actor, .productOps)
    return try Self.requireReason(reason, why)
  }

  /// Returns the reason if it is not blank.
  ///
  /// - Throws: `reason-missing` if it is nil or blank.
  static func requireReason(_ reason: String?, _ why: String) throws -> String {
    guard let reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason", "\(why); give one with --reason")
    }
    return reason
  }
}

extension LaunchRecord {
  /// Creates the record of a newly proposed launch.
  init(_ plan: LaunchPlan, _ assessment: LaunchAssessment, proposedAt: Timestamp, proposedBy: String) {
    let (answer, feasibility) = (assessment.answer, assessment.feasibility)
    self.init(
      plan: plan, tier: assessment.tier, tierComputed: answer.tier, policyVersion: answer.policyVersion,
      tierReasons: answer.reasons,
      assumed: answer.assumed, openQuestions: answer.openQuestions, alternatives: answer.alternatives,
      reachedOn: assessment.reachedOn, earliestDate: feasibility.earliestDate,
      earliestBecause: feasibility.because, shortfall: feasibility.shortfall,
      notes: feasibility.notes, proposedAt: proposedAt, proposedBy: proposedBy)
  }

  /// The existing classification of its facts.
  var answer: TierAnswer {
    TierAnswer(
      tier: tierComputed, policyVersion: policyVersion, reasons: tierReasons, assumed: assumed,
      openQuestions: openQuestions,
      alternatives: alternatives)
  }

  /// Stores computed values in the record.
  mutating func apply(_ assessment: LaunchAssessment) {
    let answer = assessment.answer
    tier = assessment.tier
    tierComputed = answer.tier
    policyVersion = answer.policyVersion
    tierReasons = answer.reasons
    assumed = answer.assumed
    openQuestions = answer.openQuestions
    alternatives = answer.alternatives
    reachedOn = assessment.reachedOn
    apply(assessment.feasibility)
  }

  /// Stores the feasibility of the date. A waiver of the shortfall remains in force unless the shortfall has grown.
  mutating func apply(_ feasibility: Feasibility) {
    earliestDate = feasibility.earliestDate
    earliestBecause = feasibility.because
    notes = feasibility.notes
    let before = shortfall
    shortfall = feasibility.shortfall
    if let before, let now = shortfall, now.days <= before.days { shortfall?.waived = before.waived }
  }
}

/// The checklist's answer about a change that may lower a launch's tier. If the lower tier would remove a failing item,
/// Product Ops must make the change, with a reason (product.md, section 1, "Re-tiering").
enum TierDowngradeCheck: Sendable {
  /// The change does not lower the tier, or the launch has no checklist yet.
  case unneeded
  case answered(ChecklistPreview)
  /// The checklist had not processed all events on the bus in time; the value explains it.
  case lagging(String)
  /// The checklist did not answer or returned an error; the value explains it.
  case unreachable(String)

  /// How long to wait for the checklist service.
  private static let timeout = Duration.seconds(2)
  /// How long to wait for the bus to report its latest offset.
  private static let busTimeout = Duration.milliseconds(250)

  /// Asks the checklist service for the effect of a change that lowers the tier; other changes need no check.
  ///
  /// - Throws: `CancellationError`.
  static func check(_ change: PlannedChange, _ environment: ServiceEnvironment) async throws -> TierDowngradeCheck {
    change.lowersTier ? try await preview(change, environment) : .unneeded
  }

  /// Asks the checklist service for the effect of a change, even if it does not lower the tier.
  ///
  /// - Throws: `CancellationError`.
  static func preview(_ change: PlannedChange, _ environment: ServiceEnvironment) async throws -> TierDowngradeCheck {
    guard change.row.progress.isInstantiated else { return .unneeded }
    // The checklist must first process all events on the bus. If the bus is
    // unreachable, `require` compares versions instead.
    let head = try await environment.bus.headIfReachable(within: busTimeout)
    do {
      return .answered(
        try await environment.clients(for: .checklist)
          .call(
            ChecklistRoutes.preview, PreviewChecklist(record: change.next), meta: CallMeta(after: head),
            timeout: timeout))
    } catch let problem as Problem {
      let why = problem.detail.isEmpty ? problem.title : problem.detail
      return problem.code == "lagging" ? .lagging(problem.detail) : .unreachable(why)
    }
  }

  /// Checks that the caller may make the change.
  ///
  /// - Throws: `forbidden` or `reason-missing` if the change requires Product Ops and a reason; `unavailable` if the
  ///   checklist's answer is missing or out of date.
  func require(_ change: PlannedChange, reason: String?, _ call: CallContext) throws {
    guard change.lowersTier, change.row.progress.isInstantiated else { return }
    let isExplained = reason?.contains { !$0.isWhitespace } ?? false
    if isExplained, Rights.allows(call.actor, .productOps) { return }
    switch self {
    case .answered(let preview) where preview.version == change.before.version:
      guard let why = Self.failing(preview) else { return }
      try call.requireProductOps(reason: reason, why)
    case .answered(let preview):
      throw Self.lagging("the checklist has version \(preview.version) of the launch, not \(change.before.version)")
    case .lagging(let why):
      throw Self.lagging(why)
    case .unneeded:
      throw Problem.unavailable(
        "changed-meanwhile", title: "the launch was changed in the meantime",
        "the launch changed before the checklist could be asked about this change; try again")
    case .unreachable(let why):
      throw Problem.unavailable(
        "owner-unreachable", title: "the checklist cannot be reached",
        "lowering the tier needs the checklist to confirm that it removes no failing item (\(why)); try again"
      )
    }
  }

  private static func lagging(_ why: String) -> Problem {
    .unavailable("lagging", title: "the checklist has not caught up", "\(why); try again", retryAfterMs: 200)
  }

  /// Why a change requires Product Ops; nil if it removes no failing item.
  static func failing(_ preview: ChecklistPreview) -> String? {
    let failing = preview.removed.filter(\.failing).map { item in
      ItemReference(key: item.key, instance: item.instance).path
    }
    guard !failing.isEmpty else { return nil }
    return "lowering the tier would remove failing items (\(failing.joined(separator: ", "))), which requires a reason"
  }
}

extension ItemReference {
  /// `key`, or `key/instance`.
  fileprivate var path: String { instance.map { "\(key)/\($0)" } ?? key }
}
