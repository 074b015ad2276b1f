import Contract
import JSON
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// Calls that show, check, propose and adopt the metric defaults.
struct DefaultsHandlers {
  func register(on router: inout ServiceRouter) {
    router.read(MetricsRoutes.showDefaults, show)
    router.read(MetricsRoutes.checkDefaults, check)
    router.change(MetricsRoutes.proposeDefaults, propose)
    router.change(MetricsRoutes.adoptDefaults, adopt)
  }

  @Sendable
  private func show(_ params: VersionReference, _ call: CallContext) async throws -> MetricDefaultsView {
    try Rights.require(call.actor, .read)
    return try await call.environment.database.read { db in
      let repository = DefaultsRepository(db)
      let shown = try repository.adopted(version: params.version)
      return MetricDefaultsView(
        documentVersion: shown.documentVersion, digest: shown.digest, document: shown.document,
        proposals: try repository.proposals(toReplace: shown.documentVersion))
    }
  }

  @Sendable
  private func check(_ params: CheckMetricDefaults, _ call: CallContext) async throws -> MetricDefaultsCheck {
    try Rights.require(call.actor, .read)
    return try await call.environment.database.read { try changes(params.document, DefaultsRepository($0)) }
  }

  /// The changes that a file of defaults would make.
  ///
  /// - Throws: if the file is invalid, is based on a version other than the adopted one, or changes nothing.
  private func changes(_ document: JSONValue, _ repository: DefaultsRepository) throws -> MetricDefaultsCheck {
    let proposed = try MetricDefaults(reading: document)
    let current = try repository.adopted()
    try requireCurrent(proposed.version ?? current.documentVersion, current, "the file")
    let changes = proposed.changes(from: try MetricDefaults(reading: current.document))
    guard !changes.isEmpty else {
      throw Problem.conflict(
        "nothing-changes", title: "nothing to change", "version \(current.documentVersion) already has these defaults")
    }
    return MetricDefaultsCheck(baseVersion: current.documentVersion, changes: changes)
  }

  @Sendable
  private func propose(
    _ params: ProposeMetricDefaults, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> MetricDefaultsProposal {
    try Rights.require(call.actor, .onRoster)
    guard let reason = params.reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason",
        "proposing metric defaults requires a reason; give one with --reason")
    }
    let repository = DefaultsRepository(tx.db)
    let checked = try changes(params.document, repository)
    let proposal = MetricDefaultsProposal(
      id: try repository.nextProposalID(), reason: reason, document: params.document, baseVersion: checked.baseVersion,
      changes: checked.changes, proposedAt: tx.now, proposedBy: tx.actor.description)
    try repository.save(proposal)
    try tx.record(launch: DefaultsRepository.chain, action: "defaults.propose", detail: proposal, reason: reason)
    return proposal
  }

  @Sendable
  private func adopt(
    _ params: AdoptMetricDefaults, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> MetricDefaultsAdoption {
    try Rights.require(call.actor, .productOps)
    let repository = DefaultsRepository(tx.db)
    var proposal = try repository.proposal(params.proposal)
    if let version = proposal.adoptedAs {
      throw Problem.conflict("already-adopted", "\(proposal.id) was already adopted as version \(version)")
    }
    let current = try repository.adopted()
    try requireCurrent(proposal.baseVersion, current, proposal.id)
    let adopted = try repository.adopt(
      try MetricDefaults(reading: proposal.document), as: current.documentVersion + 1,
      reason: params.reason ?? proposal.reason, learning: proposal.learning, tx)
    proposal.adoptedAs = adopted.documentVersion
    try repository.save(proposal)
    return MetricDefaultsAdoption(
      documentVersion: adopted.documentVersion, digest: adopted.digest, changes: proposal.changes)
  }

  /// Requires that a file is based on the adopted version. A file contains all defaults, so adopting it after another
  /// one would revert the other's changes.
  private func requireCurrent(_ base: Int, _ current: DocumentAdopted, _ name: String) throws {
    guard base != current.documentVersion else { return }
    throw Problem.conflict(
      "proposal-outdated", title: "other metric defaults are adopted",
      "\(name) is based on version \(base), but version \(current.documentVersion) is adopted now, and its changes would "
        + "be reverted; edit what gonogo metric defaults show --output yaml prints, and propose that")
  }
}
