import ChecklistService
import Contract
import Digests
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("Signed statements about decisions and verdicts") struct StatementServiceTests {
  /// Runs the body with a launch whose gate is open.
  private static func withOpenGate(_ body: @Sendable (Stage) async throws -> Void) async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin") {
        $0.evidence = Evidence(kind: .text, value: "run 4711 passed")
      }
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      try await body(stage)
    }
  }

  private static func export(
    _ stage: Stage, verdicts: Bool? = nil, as person: PersonID = "erin"
  ) async throws -> SignedEnvelope {
    try await stage.harness.settle()
    let request = ExportDecision(launch: Stage.launch, verdicts: verdicts)
    return try await stage.harness.call(ChecklistRoutes.exportDecision, request, as: person)
  }

  private static func payload(_ envelope: SignedEnvelope) throws -> [UInt8] {
    try #require(Base64.decoded(envelope.payload))
  }

  private static func statement<Predicate>(
    _ envelope: SignedEnvelope, _ predicate: Predicate.Type
  ) throws -> Statement<Predicate> {
    try JSONCoding.decode(Statement<Predicate>.self, from: try payload(envelope))
  }

  private static func keys(_ stage: Stage) async throws -> [SigningKeyList.Key] {
    try await stage.harness.call(ChecklistRoutes.signingKeys, NoParameters(), as: "erin").keys
  }

  /// Whether the envelope is signed by a key that its list names.
  private static func isSigned(_ envelope: SignedEnvelope, by key: SigningKeyList.Key) throws -> Bool {
    let signature = try #require(envelope.signatures.first)
    let verification = try #require(VerificationKey.all(in: key.publicKey).first)
    guard signature.keyid == key.keyid, verification.id == key.keyid else { return false }
    return verification.verifies(
      try #require(Base64.decoded(signature.sig)), of: try payload(envelope), type: envelope.payloadType)
  }

  @Test("A GO is signed with its basis as canonical JSON, and is identical when exported again")
  func decision() async throws {
    try await Self.withOpenGate { stage in
      let envelope = try await Self.export(stage)
      #expect(envelope.payloadType == "application/vnd.in-toto+json")
      let key = try #require(try await Self.keys(stage).first)
      #expect(try Self.isSigned(envelope, by: key))
      let payload = try Self.payload(envelope)
      #expect(try JSONValue(parsing: payload).canonical() == payload)
      let statement = try Self.statement(envelope, DecisionPredicate.self)
      let digest = try #require(try await stage.gate().digest)
      #expect(statement.type == "https://in-toto.io/Statement/v1")
      #expect(statement.predicateType == "urn:gonogo:decision:v1")
      #expect(statement.subject.map(\.name) == ["smart-routing/decision"])
      #expect(statement.subject.map(\.digest) == [["sha256": digest]])
      let predicate = statement.predicate
      #expect(predicate.decision.by == "dana" && predicate.decision.kind == .go)
      #expect(predicate.metricSeal == "d1" && predicate.validity.state == "in-force")
      #expect(predicate.issuedAt == Stage.at("2027-03-02T14:00:00Z"))
      let qa = try #require(predicate.items.first { $0.item == "qa" })
      // SHA-256 of ["text run 4711 passed"], by sha256sum.
      #expect(
        qa.evidenceDigest == "8db96b49aee82fd372d1bc9e0376086cb6c2e9c0f7e5bc2313edc42eeb2afc8c" && qa.evidence == 1)
      #expect(predicate.chains["checklist"]?.length ?? 0 > 0)
      stage.set("2027-03-02T15:00:00Z")
      #expect(try await Self.export(stage) == envelope)
    }
  }

  @Test("The statement about a GO for an artifact has the artifact as its subject")
  func artifact() async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      let digest = String(repeating: "ab", count: 32)
      let request = DecisionRequest(launch: Stage.launch, decision: .go, artifact: "sha256:\(digest)")
      try await stage.harness.call(ChecklistRoutes.makeDecision, request, as: "dana")
      let statement = try Self.statement(try await Self.export(stage), DecisionPredicate.self)
      #expect(statement.subject.map(\.name) == ["smart-routing"])
      #expect(statement.subject.map(\.digest) == [["sha256": digest]])
      #expect(statement.predicate.artifact == "sha256:\(digest)")
    }
  }

  @Test("Votes are included, and exports before and after the confirmation of a GO are two statements")
  func confirmation() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.makeReady()
      try await stage.decide()
      let early = try Self.statement(try await Self.export(stage), DecisionPredicate.self).predicate
      #expect(early.validity.state == "provisional" && early.validity.opensAt == nil)
      #expect(early.votes.contains(DecisionPredicate.Vote(function: .engineering, answer: .go)))
      stage.set("2027-03-02T14:00:00Z")
      try await stage.harness.call(
        ChecklistRoutes.confirmDecision, LaunchAction(launch: Stage.launch), as: "dana")
      let confirmed = try Self.statement(try await Self.export(stage), DecisionPredicate.self).predicate
      #expect(confirmed.validity.state == "in-force")
      #expect(confirmed.validity.opensAt == Stage.at("2027-03-02T14:00:00Z"))
      #expect(confirmed.decision.confirmedBy == "dana")
    }
  }

  @Test("Nothing is signed unless there is a valid GO")
  func refused() async throws {
    try await Stage.with { stage in
      #expect(await problem { _ = try await Self.export(stage) }?.code == "no-decision")
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide(.hold)
      #expect(await problem { _ = try await Self.export(stage) }?.code == "no-go-stands")
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.makeReady()
      try await stage.decide()
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      let stale = await problem { _ = try await Self.export(stage) }
      #expect(stale?.code == "no-go-stands" && stale?.detail.contains("qa") == true)
      stage.setOwner(Stage.record(version: 2))
      #expect(await problem { _ = try await Self.export(stage) }?.code == "lagging")
    }
  }

  @Test("After a rotation the new key signs; earlier statements remain verifiable")
  func rotation() async throws {
    try await Self.withOpenGate { stage in
      let before = try await Self.export(stage)
      let old = try #require(try await Self.keys(stage).first)
      #expect(old.retiredAt == nil && old.madeBy == "gonogo-checklist")
      let rotate = RotateSigningKey(reason: "yearly")
      let forbidden = await problem {
        try await stage.harness.call(ChecklistRoutes.rotateSigningKey, rotate, as: "erin")
      }
      #expect(forbidden?.kind == .forbidden)
      let silent = await problem {
        try await stage.harness.call(ChecklistRoutes.rotateSigningKey, RotateSigningKey(reason: " "), as: "dana")
      }
      #expect(silent?.errors.map(\.pointer) == ["/reason"])
      let keys = try await stage.harness.call(ChecklistRoutes.rotateSigningKey, rotate, as: "dana").keys
      #expect(keys.map(\.retiredAt) == [nil, Stage.at("2027-03-02T14:00:00Z")])
      #expect(keys.last?.keyid == old.keyid && keys.first?.madeBy == "dana")
      #expect(try Self.isSigned(before, by: try #require(keys.last)))
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.decide()
      let after = try await Self.export(stage)
      #expect(try Self.isSigned(after, by: try #require(keys.first)))
      let secrets = try await stage.harness.environment.database.read { db in
        try db.query("SELECT keyid FROM signing_keys WHERE secret IS NOT NULL").map { try $0.text("keyid") }
      }
      #expect(secrets == keys.prefix(1).map(\.keyid), "the secret of a retired key is forgotten")
    }
  }

  private static func answer(_ verdicts: [Verdict], _ stage: Stage) {
    stage.harness.peers.answer(MetricsRoutes.verdicts) { _ in
      MetricsView(
        launch: Stage.launch, sealed: true, digest: "d1", asOf: stage.harness.clock.now(), offset: 1,
        metrics: verdicts.enumerated().map { MetricView(key: "m\($0)", kind: "custom", verdict: $1, value: 0.25) },
        attempt: 1)
    }
  }

  private static func ship(_ stage: Stage) async throws {
    try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
    try await stage.harness.settle()
  }

  @Test("After day 30 the verdicts are signed, and cite the statement about the GO by its digest")
  func verdicts() async throws {
    try await Self.withOpenGate { stage in
      let first = try await Self.export(stage)
      try await Self.ship(stage)
      Self.answer([.met, .missed], stage)
      #expect(await problem { _ = try await Self.export(stage, verdicts: true) }?.code == "too-early")
      stage.set("2027-04-02T14:00:00Z")
      let envelope = try await Self.export(stage, verdicts: true)
      let key = try #require(try await Self.keys(stage).first)
      #expect(try Self.isSigned(envelope, by: key))
      let statement = try Self.statement(envelope, VerdictsPredicate.self)
      #expect(statement.predicateType == "urn:gonogo:verdicts:v1")
      let cited = try Self.statement(first, DecisionPredicate.self)
      #expect(statement.subject == cited.subject)
      let digest = SHA256Digest.hex(of: try Self.payload(first))
      #expect(statement.predicate.statement == digest)
      #expect(statement.predicate.metrics.map(\.verdict) == [.met, .missed])
      #expect(statement.predicate.exposedAt == Stage.at("2027-03-02T14:00:00Z"))
      stage.set("2027-04-03T14:00:00Z")
      #expect(try await Self.export(stage, verdicts: true) == envelope, "what did not change is not signed again")
      Self.answer([.met, .met], stage)
      let restated = try Self.statement(try await Self.export(stage, verdicts: true), VerdictsPredicate.self)
      #expect(restated.predicate.metrics.map(\.verdict) == [.met, .met])
    }
  }

  @Test("If the GO was never exported, it is signed together with the verdicts, which must cite it")
  func neverExported() async throws {
    try await Self.withOpenGate { stage in
      try await Self.ship(stage)
      Self.answer([.met], stage)
      stage.set("2027-04-02T14:00:00Z")
      let cited = try Self.statement(try await Self.export(stage, verdicts: true), VerdictsPredicate.self).predicate
      let stored = try await stage.harness.environment.database.read { db in
        try db.query("SELECT type, digest FROM statements ORDER BY statement").map {
          [try $0.text("type"), try $0.text("digest")]
        }
      }
      #expect(stored.map(\.first) == [DecisionPredicate.type, VerdictsPredicate.type])
      #expect(stored.first?.last == cited.statement)
    }
  }

  @Test("Verdicts are not signed if the launch shipped without a GO, or if metrics cannot provide them")
  func unsigned() async throws {
    try await Stage.with { stage in
      stage.set("2027-03-02T14:00:00Z")
      try await Self.ship(stage)
      stage.set("2027-04-02T14:00:00Z")
      #expect(await problem { _ = try await Self.export(stage, verdicts: true) }?.code == "owner-unreachable")
      Self.answer([.met], stage)
      #expect(await problem { _ = try await Self.export(stage, verdicts: true) }?.code == "no-decision")
    }
  }
}
