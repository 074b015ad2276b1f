import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// The checks that every change of a launch begins with.
struct LaunchChange {
  let row: LaunchRow
  let call: CallContext

  /// Finds the launch; refuses a command that makes no sense now and a caller who saw an earlier version.
  init(of launch: LaunchID, by command: LaunchCommand, _ call: CallContext, _ tx: ServiceTransaction) throws {
    row = try LaunchRepository(db: tx.db).required(launch)
    self.call = call
    try Self.requireVersion(row.record, call, tx.db)
    try command.require(row.record.status)
  }

  /// The owner's right before GO; after it Product Ops', with a reason.
  func requireOwner(reason: String?) throws {
    guard row.progress.isOwnersNoMore else {
      return try Rights.require(call.actor, .ownLaunch(owner: row.record.plan.owner))
    }
    guard Rights.allows(call.actor, .productOps) || call.actor.entry == nil else {
      throw Problem.forbidden(
        "\(call.actor.person) may not do this; Product Ops may, for there was a GO: from then on changes need a reason")
    }
    try requireProductOps(reason: reason, "after GO a change needs a reason")
  }

  /// Product Ops' right, with a reason, which is given.
  @discardableResult
  func requireProductOps(reason: String?, _ why: String) throws -> String {
    try call.requireProductOps(reason: reason, why)
  }

  /// A caller who names the version they saw is told what has changed since.
  static func requireVersion(_ record: LaunchRecord, _ call: CallContext, _ db: any Transaction) throws {
    guard let expected = call.meta.expectedVersion, expected != record.version else { return }
    let versions = try VersionRepository(db: db).from(expected, of: record.plan.launch)
    let since = versions.filter { $0.version > expected }
    let told = since.map { version in
      let before = versions.last { $0.version < version.version }
      let what = before.map { ChangeText.told(version.changed, from: $0.record, to: version.record) } ?? version.changed
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
      "version-conflict", title: "somebody else changed it meanwhile",
      "you saw version \(expected), and it now is version \(record.version)"
        + (told.isEmpty ? "" : ": \(told.joined(separator: "; "))") + "; look again and repeat the change",
      extra: [
        "expected": .integer(Int64(expected)), "current": .integer(Int64(record.version)), "changes": .array(changes),
      ])
  }
}

extension CallContext {
  /// Product Ops' right, with a reason, which is given.
  ///
  /// - Throws: `forbidden`, or `reason-missing`.
  @discardableResult
  func requireProductOps(reason: String?, _ why: String) throws -> String {
    try Rights.require(actor, .productOps)
    guard let reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason", "\(why); give one with --reason")
    }
    return reason
  }
}

extension LaunchRecord {
  /// A launch that is proposed.
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

  /// What was said of its facts when it was tiered last.
  var answer: TierAnswer {
    TierAnswer(
      tier: tierComputed, policyVersion: policyVersion, reasons: tierReasons, assumed: assumed,
      openQuestions: openQuestions,
      alternatives: alternatives)
  }

  /// Takes over what was computed.
  mutating func take(_ assessment: LaunchAssessment) {
    let answer = assessment.answer
    tier = assessment.tier
    tierComputed = answer.tier
    policyVersion = answer.policyVersion
    tierReasons = answer.reasons
    assumed = answer.assumed
    openQuestions = answer.openQuestions
    alternatives = answer.alternatives
    reachedOn = assessment.reachedOn
    take(assessment.feasibility)
  }

  /// Takes over what the date was found to leave; a waived shortfall stays waived unless it has grown.
  mutating func take(_ feasibility: Feasibility) {
    earliestDate = feasibility.earliestDate
    earliestBecause = feasibility.because
    notes = feasibility.notes
    let before = shortfall
    shortfall = feasibility.shortfall
    if let before, let now = shortfall, now.days <= before.days { shortfall?.waived = before.waived }
  }
}

/// The checklist's answer to a change that may lower a launch's tier: lowering it over a failing item needs Product Ops
/// and a reason (product.md, section 1, "Re-tiering").
enum TierDowngradeCheck: Sendable {
  /// The change lowers nothing, or the launch has no checklist yet.
  case unneeded
  case answered(ChecklistPreview)
  /// The checklist did not reach the bus's head in time; why.
  case lagging(String)
  /// The checklist did not answer, or refused to; why.
  case unreachable(String)

  /// How long to wait for the checklist.
  private static let patience = Duration.seconds(2)
  /// How long to wait for the bus to report its head.
  private static let busPatience = Duration.milliseconds(250)

  /// Asks the checklist if the change would lower the tier.
  ///
  /// - Throws: `CancellationError`.
  static func ask(_ change: PlannedChange, _ environment: ServiceEnvironment) async throws -> TierDowngradeCheck {
    change.isLowering ? try await preview(change, environment) : .unneeded
  }

  /// Asks the checklist what a change would do, whatever it is.
  ///
  /// - Throws: `CancellationError`.
  static func preview(_ change: PlannedChange, _ environment: ServiceEnvironment) async throws -> TierDowngradeCheck {
    guard change.row.progress.isInstantiated else { return .unneeded }
    // The answer has to cover the latest announcements. Without the bus's head, `require` compares the versions.
    let head = try await environment.bus.headIfReachable(within: busPatience)
    do {
      return .answered(
        try await environment.clients(for: .checklist)
          .call(
            ChecklistRoutes.preview, PreviewChecklist(record: change.next), meta: CallMeta(after: head),
            timeout: patience))
    } catch let problem as Problem {
      return problem.code == "lagging" ? .lagging(problem.detail) : .unreachable("\(problem)")
    }
  }

  /// Throws unless the caller may make the change.
  func require(_ change: PlannedChange, reason: String?, _ call: CallContext) throws {
    guard change.isLowering, change.row.progress.isInstantiated else { return }
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
        "changed-meanwhile", title: "somebody else changed it meanwhile",
        "the launch changed before the checklist could be asked about this change; try again")
    case .unreachable(let why):
      throw Problem.unavailable(
        "owner-unreachable", title: "it cannot be known now",
        "the checklist could not be asked whether a failing item would vanish (\(why)); try again")
    }
  }

  private static func lagging(_ why: String) -> Problem {
    .unavailable("lagging", title: "the checklist has not caught up", "\(why); try again", retryAfterMs: 200)
  }

  /// Why a change needs Product Ops; nil where no failing item would vanish.
  static func failing(_ preview: ChecklistPreview) -> String? {
    let failing = preview.removed.filter(\.failing).map { item in
      ItemReference(key: item.key, instance: item.instance).told
    }
    guard !failing.isEmpty else { return nil }
    return "a lower tier would drop what is failing (\(failing.joined(separator: ", "))), which takes a reason"
  }
}

extension ItemReference {
  /// `key`, or `key/instance`.
  fileprivate var told: String { instance.map { "\(key)/\($0)" } ?? key }
}
