import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("Statements and keys that were changed outside gonogo")
struct StatementTamperingTests {
  /// Runs the body with a launch whose gate is open.
  private static func withOpenGate(_ body: @Sendable (Stage) async throws -> Void) async throws {
    try await Stage.with(isTampered: true) { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin") {
        $0.evidence = Evidence(kind: .text, value: "run 4711 passed")
      }
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      try await body(stage)
    }
  }

  private static func tamper(_ sql: String, _ stage: Stage) async throws {
    let count = try await stage.harness.environment.database.write { try $0.execute(sql) }
    #expect(count > 0, "\(sql) changed nothing")
  }

  private static func verified(_ stage: Stage, _ subject: String = Stage.launch.rawValue) async throws -> BrokenLink? {
    let verification = try await stage.harness.call(
      ServiceRoutes.auditVerify(.checklist), AuditVerifyParameters(), as: "erin")
    return verification.chains.first { $0.launch == subject }?.broken
  }

  @Test("A signing key changed in the store is reported, and signs nothing")
  func signingKeys() async throws {
    try await Self.withOpenGate { stage in
      let key = try await stage.harness.call(ChecklistRoutes.signingKeys, NoParameters(), as: "erin").keys[0].keyid
      try await Self.tamper("UPDATE signing_keys SET public_key = 'another'", stage)
      #expect(try await Self.verified(stage, "signing-keys")?.key == "signing-key:\(key)")
      let export = ExportDecision(launch: Stage.launch)
      let refused = await problem {
        try await stage.harness.call(ChecklistRoutes.exportDecision, export, as: "erin")
      }
      #expect(refused?.code == Problem.contradictsChain)
      #expect(try await stage.gate().open, "the gate rests on no signature")
    }
  }

  @Test("A secret that does not belong to its public key signs nothing")
  func swappedSecret() async throws {
    try await Self.withOpenGate { stage in
      let other = String(repeating: "A", count: 43) + "="
      try await Self.tamper("UPDATE signing_keys SET secret = '\(other)'", stage)
      let export = ExportDecision(launch: Stage.launch)
      let refused = await problem {
        try await stage.harness.call(ChecklistRoutes.exportDecision, export, as: "erin")
      }
      #expect(refused?.kind == .internalError)
    }
  }

  @Test("A signed statement changed, added or deleted in the store is reported")
  func statements() async throws {
    for (sql, key) in [
      ("UPDATE statements SET digest = 'x'", "statement:1"), ("DELETE FROM statements", "statement:1"),
      (
        "INSERT INTO statements SELECT launch, 2, type, decision, digest, envelope FROM statements", "statement:2"
      ),
    ] {
      try await Self.withOpenGate { stage in
        try await stage.harness.call(
          ChecklistRoutes.exportDecision, ExportDecision(launch: Stage.launch), as: "erin")
        #expect(try await Self.verified(stage) == nil)
        try await Self.tamper(sql, stage)
        #expect(try await Self.verified(stage)?.key == key)
        #expect(try await stage.gate().open, "a statement is no gate")
      }
    }
  }
}
