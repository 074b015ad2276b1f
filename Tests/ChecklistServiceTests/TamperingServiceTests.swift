import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("A store that was changed outside gonogo")
struct TamperingServiceTests {
  /// Runs the body with a launch of tier 1 whose gate is open.
  private static func withOpenGate(_ body: @Sendable (Stage) async throws -> Void) async throws {
    try await Stage.with(Stage.record(tier: .major), isTampered: true) { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin") {
        $0.evidence = Evidence(kind: .text, value: "run 4711 passed")
      }
      try await stage.act(ChecklistRoutes.submit, "launch-copy", as: "max")
      try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "petra")
      try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "lena")
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      let request = ExposureRequest(launch: Stage.launch)
      try await stage.harness.call(ChecklistRoutes.ship, request, as: "petra")
      let gate = try await stage.gate()
      #expect(gate.open, "\(gate.reasons)")
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

  private static func replace(_ table: String, _ old: String, _ new: String, _ condition: String = "1 = 1") -> String {
    "UPDATE \(table) SET document = replace(document, '\(old)', '\(new)') WHERE \(condition)"
  }

  @Test(
    "The audit reports each such change, and the gate that depends on it is closed",
    arguments: [
      (replace("items", #""state":"done""#, #""state":"open""#, "item = 'qa'"), "item:qa"),
      (replace("items", #""person":"lena""#, #""person":"mia""#, "item = 'launch-copy'"), "item:launch-copy"),
      (
        replace("items", #""endsWithLaunch":true"#, #""endsWithLaunch":false"#, "item = 'rollout-plan'"),
        "item:rollout-plan"
      ),
      ("UPDATE item_evidence SET value = 'run 4712 passed' WHERE item = 'qa'", "evidence:qa/1"),
      ("UPDATE item_evidence SET contrary = 1 WHERE item = 'qa'", "evidence:qa/1"),
      ("DELETE FROM item_evidence WHERE item = 'qa'", "evidence:qa/1"),
      (
        """
        INSERT INTO item_evidence (launch, item, instance, piece, kind, value)
        VALUES ('smart-routing', 'qa', '', 2, 'link', 'https://ci.example/1')
        """, "evidence:qa/2"
      ),
      (replace("items", #""reason":"because""#, #""reason":"approved""#, "item = 'social-posts'"), "item:social-posts"),
      ("DELETE FROM items WHERE item = 'social-posts'", "item:social-posts"),
      (replace("launches", #""answer":"go""#, #""answer":"no-go""#), "launch-votes"),
      (replace("launches", #""tier":1"#, #""tier":2"#), "launch"),
      (replace("launches", "2027-03-02", "2027-03-03"), "launch"),
      (replace("launches", #""digest":"d1""#, #""digest":"d2""#), "launch-seal"),
      ("UPDATE launches SET flag = 'zzz'", "launch-lookup"), ("UPDATE launches SET flag = NULL", "launch-lookup"),
      ("UPDATE launches SET feature = 'other'", "launch-lookup"), ("UPDATE launches SET running = 0", "launch-lookup"),
      (replace("decisions", #""override":false"#, #""override":true"#), "decision:1"),
      (replace("exposure_steps", #""percentage":5"#, #""percentage":50"#), "exposure:1"),
      (
        "INSERT INTO exposure_steps (launch, step, document) SELECT launch, 2, document FROM exposure_steps",
        "exposure:2"
      ),
    ])
  func named(_ sql: String, _ key: String) async throws {
    try await Self.withOpenGate { stage in
      #expect(try await Self.verified(stage) == nil)
      try await Self.tamper(sql, stage)
      let broken = try #require(try await Self.verified(stage))
      #expect(broken.key == key, "\(broken.detail)")
      let gate = try await stage.gate()
      #expect(!gate.open && !gate.inForce)
      #expect(gate.reasons.first?.code == Problem.contradictsChain)
      #expect(gate.reasons.first?.detail.contains("\(key) was changed in the store outside gonogo") == true)
      let refused = await problem { try await stage.decide(override: true) }
      #expect(refused?.code == Problem.contradictsChain)
    }
  }

  @Test(
    "The audit reports a changed, deleted or added history entry or revision; no decision depends on it",
    arguments: [
      ("UPDATE item_history SET actor = 'max' WHERE item = 'qa'", "history:qa/1"),
      ("UPDATE item_history SET detail = 'nothing' WHERE item = 'launch-copy' AND entry = 2", "history:launch-copy/2"),
      ("DELETE FROM item_history WHERE item = 'launch-copy' AND entry = 3", "history:launch-copy/3"),
      (
        """
        INSERT INTO item_history (launch, item, instance, entry, at, actor, action, item_version)
        VALUES ('smart-routing', 'qa', '', 9, 0, 'max', 'comment', 1)
        """, "history:qa/9"
      ),
      (replace("revisions", #""state":"done""#, #""state":"open""#, "part = 'qa' AND revision = 2"), "revision:qa/2"),
      ("UPDATE revisions SET at = 0 WHERE part = '' AND revision = 1", "revision:1"),
      ("DELETE FROM revisions WHERE part = 'qa' AND revision = 1", "revision:qa/1"),
      (
        "INSERT INTO reminders_sent (launch, notice) VALUES ('smart-routing', 'overdue/smart-routing/qa')",
        "reminder:overdue/smart-routing/qa"
      ),
    ])
  func records(_ sql: String, _ key: String) async throws {
    try await Self.withOpenGate { stage in
      try await Self.tamper(sql, stage)
      let broken = try #require(try await Self.verified(stage))
      #expect(broken.key == key, "\(broken.detail)")
      #expect(try await stage.gate().open)
    }
  }

  @Test("Deleting a history's last entry stays detectable after the next entry reuses its number")
  func lastEntry() async throws {
    try await Self.withOpenGate { stage in
      try await Self.tamper("DELETE FROM item_history WHERE item = 'launch-copy' AND entry = 3", stage)
      try await stage.act(ChecklistRoutes.comment, "launch-copy", as: "max") { $0.text = "instead" }
      let broken = try #require(try await Self.verified(stage))
      #expect(broken.key == "history:launch-copy/3")
      #expect(broken.detail.contains("it is missing from the store when link"), "\(broken.detail)")
    }
  }

  @Test("Votes are announced, so that one whose audit link was cut off is noticed")
  func cutOffVote() async throws {
    try await Self.withOpenGate { stage in
      let vote = PollAnswer(launch: Stage.launch, answer: .noGo, function: .sales, note: "not yet")
      try await stage.harness.call(ChecklistRoutes.answerPoll, vote, as: "sol")
      let event = try #require(try await stage.harness.announcements(of: Announcements.checklistVote.name).last)
      let header = try JSONCoding.decode(AnnouncementHeader.self, from: event.data ?? .null)
      #expect(header.reason == "not yet")
      let cast = try JSONCoding.decode(VoteCast.self, from: event.data ?? .null)
      #expect(cast == VoteCast(function: .sales, answer: .noGo))
      let length = header.chain.length
      try await Self.tamper("DELETE FROM audit_links WHERE launch = 'smart-routing' AND length >= \(length)", stage)
      let verification = try await stage.harness.call(
        ServiceRoutes.auditVerify(.checklist),
        AuditVerifyParameters(launch: Stage.launch.rawValue, announced: [header.chain]), as: "erin")
      let detail = try #require(verification.chains.first?.broken?.detail)
      #expect(detail == "cut off after link \(length - 1): the bus has seen \(length)")
    }
  }

  @Test("If a chain no longer contains the head that the current decision cites, the gate is closed")
  func citedHeads() async throws {
    try await Self.withOpenGate { stage in
      let head = ChainHead(length: 7, hash: String(repeating: "a", count: 64))
      let peers = stage.harness.peers
      for service in [ServiceName.tiering, .metrics] {
        peers.answer(ServiceRoutes.auditCheck(service)) { _ in AuditCheck(head: head) }
      }
      try await stage.decide()
      for service in [ServiceName.tiering, .metrics] {
        // As the owner answers whose chain was cut off.
        peers.answer(ServiceRoutes.auditCheck(service)) { question in
          let isCited = question.cited == [head]
          let broken = BrokenLink(length: 6, detail: "cut off after link 5: a decision cites 7")
          return AuditCheck(head: ChainHead(length: 5, hash: "b"), broken: isCited ? broken : nil)
        }
        let gate = try await stage.gate()
        #expect(!gate.open && !gate.inForce)
        #expect(gate.reasons.first?.code == Problem.contradictsChain)
        let detail = try #require(gate.reasons.first?.detail)
        #expect(detail.hasPrefix("\(service.rawValue), link 6: cut off after link 5: a decision cites 7"), "\(detail)")
        #expect(detail.contains("gonogo decide smart-routing hold"), "\(detail)")
        #expect(await problem { try await stage.decide(override: true) }?.code == Problem.contradictsChain)
        peers.answer(ServiceRoutes.auditCheck(service)) { _ in AuditCheck(head: head) }
      }
      #expect(try await stage.gate().open)
    }
  }

  @Test("After a chain was cut off, a hold cites the chains as they are now, and a GO is possible again")
  func citedAnew() async throws {
    try await Self.withOpenGate { stage in
      let cut = ChainHead(length: 5, hash: String(repeating: "b", count: 64))
      let peers = stage.harness.peers
      peers.answer(ServiceRoutes.auditCheck(.tiering)) { _ in
        AuditCheck(head: ChainHead(length: 7, hash: String(repeating: "a", count: 64)))
      }
      try await stage.decide()
      peers.answer(ServiceRoutes.auditCheck(.tiering)) { question in
        let isHeld = question.cited.map { $0 == [cut] } ?? true
        return AuditCheck(head: cut, broken: isHeld ? nil : BrokenLink(length: 6, detail: "cut off after link 5"))
      }
      #expect(try await !stage.gate().open)
      try await stage.decide(.hold)
      try await stage.decide()
      #expect(try await stage.gate().open)
    }
  }

  @Test("The checklist's own chain must contain the head that the current decision cites, too")
  func ownHead() async throws {
    try await Self.withOpenGate { stage in
      let chains = try #require(try await stage.harness.announced(Announcements.decisionMade).last?.chains)
      let head = try #require(chains["checklist"])
      try await Self.tamper(Self.replace("decisions", head.hash, String(repeating: "c", count: 64)), stage)
      let detail = try #require(try await stage.gate().reasons.first?.detail)
      #expect(detail.contains("link \(head.length): rewritten: it is not the link that a decision cites"), "\(detail)")
    }
  }

  @Test(
    "Deleting a hold, or rewriting it as the earlier GO, does not reopen the gate",
    arguments: [
      "DELETE FROM decisions WHERE decision = 2",
      """
      UPDATE decisions SET document = (SELECT document FROM decisions WHERE decision = 1),
        snapshot = (SELECT snapshot FROM decisions WHERE decision = 1) WHERE decision = 2
      """,
    ])
  func hold(_ sql: String) async throws {
    try await Self.withOpenGate { stage in
      try await stage.decide(.hold)
      #expect(try await !stage.gate().open)
      try await Self.tamper(sql, stage)
      #expect(try await Self.verified(stage)?.key == "decision:2")
      let gate = try await stage.gate()
      #expect(!gate.open)
      #expect(gate.reasons.first?.code == Problem.contradictsChain)
      #expect(gate.reasons.first?.detail.contains(#"says "hold, by dana""#) == true, "\(gate.reasons)")
    }
  }

  @Test("An item set back to done in the store stays reported, even after it is overwritten")
  func overwritten() async throws {
    try await Self.withOpenGate { stage in
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      try await Self.tamper(Self.replace("items", #""state":"open""#, #""state":"done""#, "item = 'qa'"), stage)
      try await stage.act(ChecklistRoutes.attach, "qa", as: "erin") {
        $0.evidence = Evidence(kind: .text, value: "run 4713 passed")
      }
      let broken = try #require(try await Self.verified(stage))
      #expect(broken.key == "item:qa")
      #expect(broken.detail.contains(#"but the store held "done"#), "\(broken.detail)")
      #expect(try await stage.gate().reasons.first?.code == Problem.contradictsChain)

      let accept = AuditAcceptParameters(launch: Stage.launch.rawValue, reason: "looked at, ticket 4711")
      let refused = await problem {
        try await stage.harness.call(ServiceRoutes.auditAccept(.checklist), accept, as: "erin")
      }
      #expect(refused?.kind == .forbidden)
      let accepted = try await stage.harness.call(ServiceRoutes.auditAccept(.checklist), accept, as: "dana")
      #expect(accepted.keys == ["item:qa"])
      #expect(try await Self.verified(stage) == nil)
      #expect(try await stage.gate().reasons.first?.code != Problem.contradictsChain)
    }
  }

  @Test("Changes to the roster, its adopted copy and the template are reported under their own chains")
  func documents() async throws {
    for (sql, subject, key) in [
      (Self.replace("rosters", "Lena", "Lina"), "roster", "roster:1"),
      ("UPDATE adopted_roster SET roster = replace(roster, 'Lena', 'Lina')", "roster", "adopted-roster"),
      (Self.replace("templates", "launch-copy", "launch-copies"), "templates", "template:1"),
    ] {
      try await Self.withOpenGate { stage in
        try await Self.tamper(sql, stage)
        #expect(try await Self.verified(stage, subject)?.key == key)
        #expect(try await stage.gate().open == (key != "adopted-roster"), "rights are checked by the adopted copy")
      }
    }
  }

  @Test("The choice of double bookings that count is audited, and nothing is decided if it was changed")
  func bookingReasons() async throws {
    try await Self.withOpenGate { stage in
      try await stage.harness.receive(
        Announcements.policyAdopted, from: .tiering, launch: "policy", version: 2, by: "dana",
        DocumentAdopted(documentVersion: 2, digest: "d", document: ["bookings": ["same-person": "reason"]]))
      #expect(try await stage.gate().open)
      try await Self.tamper("DELETE FROM booking_reasons", stage)
      #expect(try await Self.verified(stage, "booking-reasons")?.key == "booking-reason:same-person")
      let gate = try await stage.gate()
      #expect(!gate.open && gate.reasons.first?.code == Problem.contradictsChain)
    }
  }

  @Test("If an owner's store contradicts its chain, the gate is closed; if an owner does not answer, unknown")
  func owners() async throws {
    try await Self.withOpenGate { stage in
      let peers = stage.harness.peers
      for service in [ServiceName.tiering, .metrics] {
        peers.answer(ServiceRoutes.auditCheck(service)) { _ in
          AuditCheck(head: nil, broken: BrokenLink(length: 3, detail: "launch was changed", key: "launch"))
        }
        let gate = try await stage.gate()
        #expect(!gate.open)
        #expect(gate.reasons.first?.detail.hasPrefix("\(service.rawValue), link 3: launch was changed") == true)
        #expect(await problem { try await stage.decide() }?.code == Problem.contradictsChain)
        peers.answer(ServiceRoutes.auditCheck(service)) { _ in throw Problem.unavailable("unreachable", "down") }
        #expect(await problem { _ = try await stage.gate() }?.code == "owner-unreachable")
        peers.removeAnswer(ServiceRoutes.auditCheck(service))
      }
      #expect(try await stage.gate().open)
    }
  }

  @Test("A decision cites the heads of all chains that it depends on")
  func cites() async throws {
    try await Self.withOpenGate { stage in
      let head = ChainHead(length: 7, hash: String(repeating: "a", count: 64))
      for service in [ServiceName.tiering, .metrics] {
        stage.harness.peers.answer(ServiceRoutes.auditCheck(service)) { _ in AuditCheck(head: head) }
      }
      try await stage.decide(.hold)
      let chains = try #require(try await stage.harness.announced(Announcements.decisionMade).last?.chains)
      #expect(chains["tiering"] == head && chains["metrics"] == head)
      let verification = try await stage.harness.call(
        ServiceRoutes.auditVerify(.checklist), AuditVerifyParameters(launch: Stage.launch.rawValue), as: "erin")
      let cites = try #require(verification.chains.first?.cites)
      #expect(cites["tiering"] == [head])
      #expect(try #require(cites["checklist"]).contains(try #require(chains["checklist"])))
    }
  }

  @Test("If an announcement never arrives, that is given as the reason for an unknown gate")
  func missingAnnouncement() async throws {
    try await Self.withOpenGate { stage in
      for service in [ServiceName.tiering, .metrics] {
        stage.harness.peers.answer(ServiceRoutes.stats(service)) { _ in
          ServiceStats(
            build: "1", startedAt: stage.harness.clock.now(), methods: [:], outbox: OutboxStats(unsent: 0, rejected: 0))
        }
      }
      stage.setOwner(Stage.record(tier: .major, version: 2))
      let unknown = await problem { _ = try await stage.gate() }
      #expect(unknown?.kind == .unavailable)
      #expect(unknown?.code == "announcement-missing")
      #expect(unknown?.detail.contains("gonogo audit verify smart-routing") == true)
      stage.harness.peers.answer(ServiceRoutes.stats(.tiering)) { _ in
        ServiceStats(
          build: "1", startedAt: stage.harness.clock.now(), methods: [:], outbox: OutboxStats(unsent: 1, rejected: 0))
      }
      #expect(await problem { _ = try await stage.gate() }?.code == "lagging")
    }
  }

  @Test("Announcements that are neither on the bus nor in the outbox are counted")
  func counted() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.comment, "qa", as: "erin") { $0.text = "soon" }
      let announced = try await stage.harness.announcements().compactMap { event -> ChainHead? in
        guard event.subject == Stage.launch.rawValue, let data = event.data else { return nil }
        return try JSONCoding.decode(AnnouncementHeader.self, from: data).chain
      }
      let head = try #require(announced.last)
      func missing(_ announced: [ChainHead]) async throws -> [Int]? {
        let question = AuditVerifyParameters(
          launch: Stage.launch.rawValue, announced: announced, counted: AnnouncedRange(from: 1, to: head.length))
        return try await stage.harness.call(ServiceRoutes.auditVerify(.checklist), question, as: "erin")
          .chains.first?.missing
      }
      #expect(try await missing(announced) == nil)
      #expect(try await missing(Array(announced.dropLast())) == [head.length])
    }
  }

  @Test("An upgrade accepts the store as it is, with one checkpoint link for each chain")
  func upgrade() async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withServiceHarness(ChecklistService.self, in: folder, isTampered: true) { harness in
        try await harness.settle()
        try await harness.environment.database.write { db in
          // As an earlier version left it: links without state, sealed without.
          let chain = AuditChain(service: .checklist)
          for subject in try chain.launches(db) {
            let links = try chain.links(launch: subject, db)
            try db.execute("DELETE FROM audit_links WHERE launch = ?", [subject])
            for link in links where link.action != AuditChain.stateAction {
              _ = try chain.append(
                launch: subject, at: link.at, by: link.by, action: link.action, detail: link.detail, db)
            }
          }
        }
      }
      for _ in 1...2 {
        try await withServiceHarness(ChecklistService.self, in: folder) { harness in
          let trail = try await harness.call(
            ServiceRoutes.auditShow(.checklist), AuditShowParameters(launch: "templates"))
          #expect(trail.links.map(\.action) == [Announcements.templateAdopted.name, AuditChain.checkpointAction])
        }
      }
    }
  }
}
