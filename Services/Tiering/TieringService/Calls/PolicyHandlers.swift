import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Calls that show, check, propose and adopt the tier policy.
struct PolicyHandlers: Sendable {
  func register(on router: inout ServiceRouter) {
    router.read(TieringRoutes.showPolicy) { reference, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read { db in
        let policy = try DocumentRepository(db: db).policy(version: reference.version)
        return PolicyView(
          documentVersion: policy.documentVersion, digest: policy.digest, document: policy.document,
          rules: try RuleRepository(db: db).records())
      }
    }
    router.read(TieringRoutes.lintPolicy) { request, call in
      PolicyLint.report(try await policy(request.document, call))
    }
    router.read(TieringRoutes.testPolicy) { request, call in
      guard request.cases.count <= TestPolicy.maximum else {
        throw Problem.tooLarge(
          "\(request.cases.count) cases are too many for one call; the limit is \(TestPolicy.maximum)")
      }
      let cases = try PolicyCase.all(reading: request.cases)
      return try await policy(request.document, call).report(on: cases)
    }
    router.read(TieringRoutes.policyProposals) { _, call in
      try Rights.require(call.actor, .read)
      return try await call.environment.database.read {
        PolicyProposalList(proposals: try PolicyProposalRepository(db: $0).all())
      }
    }
    router.change(TieringRoutes.proposePolicy) { try propose($0, $1, $2) }
    router.change(TieringRoutes.adoptPolicy) { try adopt($0, $1, $2) }
  }

  /// The policy in a document; without a document, the adopted policy.
  private func policy(_ document: JSONValue?, _ call: CallContext) async throws -> TierPolicy {
    try Rights.require(call.actor, .read)
    if let document { return try TierPolicy(reading: document) }
    return try await call.environment.database.read { db in
      try TierPolicy(reading: try DocumentRepository(db: db).policy(version: nil).document)
    }
  }

  private func propose(_ request: ProposePolicy, _ call: CallContext, _ tx: ServiceTransaction) throws -> PolicyProposal
  {
    try Rights.require(call.actor, .onRoster)
    guard let reason = request.reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason",
        "proposing a policy requires a reason; give one with --reason")
    }
    let policy = try TierPolicy(reading: request.document)
    let current = try DocumentRepository(db: tx.db).policy(version: nil)
    try requireChange(from: current, to: policy)
    let repository = PolicyProposalRepository(db: tx.db)
    let proposal = PolicyProposal(
      id: try repository.nextID(), reason: reason, document: request.document, baseVersion: current.documentVersion,
      findings: PolicyLint.report(policy).findings, proposedAt: tx.now, proposedBy: tx.actor.description)
    try repository.save(proposal)
    try tx.record(launch: DocumentRepository.policySubject, action: "policy.propose", detail: proposal, reason: reason)
    return proposal
  }

  private func adopt(_ request: AdoptPolicy, _ call: CallContext, _ tx: ServiceTransaction) throws -> PolicyAdoption {
    try Rights.require(call.actor, .productOps)
    switch (request.proposal, request.document) {
    case (let id?, nil):
      var proposal = try PolicyProposalRepository(db: tx.db).required(id)
      try requireOpen(proposal, tx)
      let adoption = try adopt(
        proposal.document, reason: request.reason ?? proposal.reason, learning: proposal.learning, tx)
      proposal.adoptedAs = adoption.documentVersion
      try PolicyProposalRepository(db: tx.db).save(proposal)
      return adoption
    case (nil, let document?): return try adopt(document, reason: request.reason, tx)
    default:
      throw Problem.invalid(
        "one-policy", title: "one policy at a time", pointer: "", "adopt either a proposal or a document, not both")
    }
  }

  /// Requires that the proposal was not adopted and that its base is still the adopted policy. A proposal is a complete
  /// policy: adopting it after another one would revert the other's changes.
  private func requireOpen(_ proposal: PolicyProposal, _ tx: ServiceTransaction) throws {
    if let version = proposal.adoptedAs {
      throw Problem.conflict("already-adopted", "\(proposal.id) was already adopted as version \(version)")
    }
    let current = try DocumentRepository(db: tx.db).policy(version: nil).documentVersion
    guard proposal.baseVersion != current else { return }
    throw Problem.conflict(
      "proposal-outdated", title: "another policy has been adopted since",
      "\(proposal.id) is based on version \(proposal.baseVersion), but version \(current) is adopted now: "
        + "adopting it would revert the changes since; update its file "
        + "(gonogo policy export --proposal \(proposal.id)) and propose it again")
  }

  private func adopt(
    _ document: JSONValue, reason: String?, learning: String? = nil, _ tx: ServiceTransaction
  ) throws -> PolicyAdoption {
    let repository = DocumentRepository(db: tx.db)
    let current = try repository.policy(version: nil)
    let policy = try TierPolicy(reading: document)
    let findings = try PolicyLint.requireDecided(policy)
    try requireChange(from: current, to: policy)
    var members = document.objectValue ?? [:]
    members["version"] = .integer(Int64(current.documentVersion + 1))
    try repository.adoptPolicy(.object(members), reason: reason, learning: learning, tx)
    let adopted = try repository.policy(version: nil)
    return PolicyAdoption(documentVersion: adopted.documentVersion, digest: adopted.digest, findings: findings)
  }

  private func requireChange(from current: DocumentAdopted, to policy: TierPolicy) throws {
    var (before, after) = (try TierPolicy(reading: current.document), policy)
    (before.version, after.version) = (0, 0)
    guard before != after else {
      throw Problem.conflict(
        "nothing-changes", title: "nothing to change", "version \(current.documentVersion) already has these rules")
    }
  }
}
