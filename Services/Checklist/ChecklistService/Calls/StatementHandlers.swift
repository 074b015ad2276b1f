import ChecklistCore
import Contract
import Digests
import JSON
import LaunchModel
import ServiceKit
import Storage

/// The calls that sign statements about decisions and verdicts, and the calls about the signing keys.
struct StatementHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.change(
      ChecklistRoutes.exportDecision,
      prepare: { [context] params, call in try await StatementBasis.ask(params, call, context) },
      apply: { [context] params, basis, _, tx in
        let signing = StatementSigning(tx: tx, context: context, basis: basis)
        if params.verdicts == true { return try signing.verdicts(of: params.launch) }
        return try signing.decision(on: params.launch)
      })
    router.read(ChecklistRoutes.signingKeys) { [context] _, call in
      try Rights.require(call.actor, .read)
      return try await context.environment.database.read {
        SigningKeyList(keys: try SigningKeyRepository(db: $0).all())
      }
    }
    router.change(ChecklistRoutes.rotateSigningKey) { params, call, tx in
      try Rights.require(call.actor, .productOps)
      guard let reason = params.reason, reason.contains(where: { !$0.isWhitespace }) else {
        throw Problem.invalid(
          "missing-reason", title: "missing reason", pointer: "/reason",
          "rotating the signing key needs a reason (--reason TEXT)")
      }
      return try SigningKeyChange(tx: tx).replace(reason: reason)
    }
  }
}

/// Creates the signing keys.
struct SigningKeyChange {
  let tx: ServiceTransaction

  /// Creates the first key if there is none.
  func makeFirst() throws {
    guard try SigningKeyRepository(db: tx.db).all().isEmpty else { return }
    _ = try replace(reason: "the first key")
  }

  /// Creates a new key that signs from now on.
  func replace(reason: String) throws -> SigningKeyList {
    let keys = SigningKeyRepository(db: tx.db)
    try keys.replace(by: SigningKey(), madeBy: tx.actor.description, at: tx.now)
    let list = SigningKeyList(keys: try keys.all())
    try tx.record(
      launch: SigningKeyRepository.subject, action: "key.rotate", detail: ["keyid": list.keys.first?.keyid ?? ""],
      reason: reason)
    return list
  }
}

/// The owners' state at the time when a statement was requested.
private struct StatementBasis: Sendable {
  let authoritative: AuthoritativeState
  /// The verdicts; nil if a GO is to be signed.
  let verdicts: MetricsView?

  static func ask(
    _ request: ExportDecision, _ call: CallContext, _ context: ChecklistContext
  ) async throws -> StatementBasis {
    try Rights.require(call.actor, .read)
    let authoritative = try await AuthoritativeState.ask(request.launch, context, until: call.deadline)
    let verdicts =
      request.verdicts == true ? try await AuthoritativeState.verdicts(of: request.launch, context.environment) : nil
    return StatementBasis(authoritative: authoritative, verdicts: verdicts)
  }
}

/// Signs and stores statements about a launch.
private struct StatementSigning {
  let tx: ServiceTransaction
  let context: ChecklistContext
  let basis: StatementBasis

  /// Signs the current GO.
  func decision(on launch: LaunchID) throws -> SignedEnvelope {
    let (state, moment) = try load(launch)
    guard let decision = state.decisions.decisions.last else {
      throw Problem.conflict("no-decision", "no GO to export: no decision has been made on \(launch) yet")
    }
    let worsened = decision.kind == .go ? decision.basis.worsenings(in: state.checklist, at: moment) : []
    try decision.requireStanding(at: moment, exposure: state.exposure, worsened: worsened)
    return try statement(about: decision, state, moment).envelope
  }

  /// Signs the verdicts, citing the latest statement about the GO that the launch was shipped with.
  func verdicts(of launch: LaunchID) throws -> SignedEnvelope {
    let (state, moment) = try load(launch)
    guard let verdicts = basis.verdicts else {
      throw Problem.internalError("the verdicts were not requested from metrics")
    }
    let attempt = try VerdictStatement.attempt(of: verdicts, exposure: state.exposure, at: tx.now)
    guard let decision = state.decisions.standing(at: attempt.startedAt), decision.kind == .go else {
      throw Problem.conflict(
        "no-decision", "\(launch) was shipped without a GO, so its verdicts have no statement to cite")
    }
    let cited =
      try StatementRepository(db: tx.db)
      .latest(of: launch, type: DecisionPredicate.type, decision: decision.sequence)
      ?? statement(about: decision, state, moment)
    var chains = basis.authoritative.chains
    chains[ServiceName.checklist.rawValue] = try context.environment.audit.head(launch: launch.rawValue, tx.db)
    let predicate = VerdictsPredicate(
      launch: launch, name: state.checklist.record.plan.name, decision: decision.digest, statement: cited.digest,
      exposure: attempt, verdicts: verdicts, chains: chains, issuedAt: tx.now)
    let latest = try StatementRepository(db: tx.db).latest(
      of: launch, type: VerdictsPredicate.type, decision: decision.sequence)
    if let latest {
      let signed = try Statement<VerdictsPredicate>(of: latest.envelope).predicate
      var same = predicate
      // Every export lengthens the audit chain, so chain heads and issue times always differ and are not compared.
      (same.chains, same.issuedAt) = (signed.chains, signed.issuedAt)
      if same == signed { return latest.envelope }
    }
    let artifact = try Statement<DecisionPredicate>(of: cited.envelope).predicate.artifact
    let subject = StatementSubject(of: launch, artifact: artifact, decision: decision.digest)
    return try sign(
      Statement(about: subject, predicateType: VerdictsPredicate.type, predicate), decision.sequence, launch
    ).envelope
  }

  /// Returns the launch; throws if the checklist's store and the owners do not agree on it.
  private func load(_ launch: LaunchID) throws -> (LaunchState, LaunchMoment) {
    let launches = LaunchRepository(db: tx.db)
    guard let state = try launches.load(launch) else {
      throw Problem.noLaunch(launch, among: try launches.all().map(\.rawValue))
    }
    try basis.authoritative.requireUntampered(launch, context.environment.state, tx.db)
    try basis.authoritative.requireSame(as: state.checklist)
    return (state, try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db))
  }

  private func statement(
    about decision: Decision, _ state: LaunchState, _ moment: LaunchMoment
  ) throws -> StoredStatement {
    let record = state.checklist.record
    let (launch, artifact) = (record.plan.launch, decision.artifact)
    let predicate = DecisionPredicate(
      of: decision, on: record, artifact: artifact, exposure: state.exposure,
      halt: try HaltRepository(db: tx.db).standing(for: launch), at: moment, digest: SHA256Digest.hex(ofCanonical:))
    // If the same statement was signed before, that one is returned.
    let latest = try StatementRepository(db: tx.db).latest(
      of: launch, type: DecisionPredicate.type, decision: decision.sequence)
    if let latest {
      let signed = try Statement<DecisionPredicate>(of: latest.envelope).predicate
      var same = predicate
      same.issuedAt = signed.issuedAt
      if same == signed { return latest }
    }
    let subject = StatementSubject(of: launch, artifact: artifact, decision: decision.digest)
    return try sign(
      Statement(about: subject, predicateType: DecisionPredicate.type, predicate), decision.sequence, launch)
  }

  private func sign<Predicate>(
    _ statement: Statement<Predicate>, _ decision: Int, _ launch: LaunchID
  ) throws -> StoredStatement {
    let broken = try context.environment.state.contradiction(
      of: SigningKeyRepository.subject, in: [SigningKeyRepository.table], tx.db)
    if let broken {
      throw Problem.contradictsChain(.checklist, launch, broken, of: SigningKeyRepository.subject)
    }
    guard let key = try SigningKeyRepository(db: tx.db).current() else {
      throw Problem.internalError("the installation has no signing key; restart the checklist, which creates one")
    }
    let payload = try JSONCoding.value(statement).canonical()
    let signature = try key.sign(payload, type: SignedEnvelope.statementType)
    let stored = StoredStatement(
      type: statement.predicateType, decision: decision, digest: SHA256Digest.hex(of: payload),
      envelope: SignedEnvelope(
        payloadType: SignedEnvelope.statementType, payload: Base64.encoded(payload),
        signatures: [SignedEnvelope.Signature(keyid: key.verificationKey.id, sig: Base64.encoded(signature))]))
    try StatementRepository(db: tx.db).add(stored, of: launch)
    try tx.record(
      launch: launch.rawValue, action: "decision.export", detail: ["type": stored.type, "digest": stored.digest])
    return stored
  }
}

extension Statement {
  /// Decodes the payload of a stored envelope.
  fileprivate init(of envelope: SignedEnvelope) throws {
    guard let payload = Base64.decoded(envelope.payload) else {
      throw StorageError(.unreadable, "the payload of a stored statement is not base64")
    }
    self = try JSONCoding.decode(Self.self, from: try JSONValue(parsing: payload))
  }
}
