import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Conflict and blackout calls") struct ConflictCallTests {
  private typealias Harness = ServiceHarness<TieringService>

  private static func id(_ text: String) throws -> LaunchID { try #require(LaunchID(text)) }
  private static func date(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }

  private static func summaries(_ record: LaunchRecord) -> [String] {
    record.conflicts.map(summary)
  }

  private static func summary(_ conflict: LaunchConflict) -> String {
    "\(conflict.kind.rawValue) \(conflict.other)\(conflict.accepted == nil ? "" : " accepted")"
  }

  @Test("The later launch has the conflict, when proposed or rescheduled, until the other one leaves the week")
  func sameWeek() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      harness.clock.advance(days: 1)
      let other = try await harness.propose([
        "launch": "fast-search", "name": "Fast search", "date": "2027-03-04", "owner": "sam",
      ])
      #expect(Self.summaries(other) == ["same-week smart-routing"])
      let file = try TieringStage.document(["launch": "third", "date": "2027-03-03", "owner": "ibrahim"])
      let asked = try await harness.call(TieringRoutes.classify, ClassifyLaunch(document: file), as: "sam")
      #expect(asked.conflicts.map(\.kind) == [.sameWeek, .sameWeek, .sameOwner], "even before it is proposed")
      harness.clock.advance(days: 1)
      let move = RescheduleLaunch(launch: try smartRouting(), date: try Self.date("2027-03-05"))
      let moved = try await harness.call(TieringRoutes.reschedule, move, as: "ibrahim")
      #expect(Self.summaries(moved) == ["same-week fast-search"])
      let freed = try await harness.show(try Self.id("fast-search"))
      #expect(freed.conflicts.isEmpty)
      #expect(freed.version == 1 && freed.conflictsVersion == 1, "another launch is no reason for a new version")
      let cancel = LaunchAction(launch: try Self.id("fast-search"), reason: "given up")
      try await harness.call(TieringRoutes.cancel, cancel, as: "sam")
      let alone = try await harness.show(try smartRouting())
      #expect(alone.conflicts.isEmpty)
      let announced = try await harness.announced(Announcements.launchFactsChanged)
      #expect(announced.map(\.changed) == [["conflicts"], ["conflicts"]])
    }
  }

  @Test("A conflict is accepted by Product Ops with a reason, and only for its dates") func accept() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      harness.clock.advance(days: 1)
      try await harness.propose(["launch": "fast-search", "date": "2027-03-04", "owner": "sam"])
      let accept = AcceptConflict(
        launch: try Self.id("fast-search"), kind: .sameWeek, other: "smart-routing", reason: "two audiences")
      let forbidden = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.acceptConflict, accept, as: "sam")
      }
      #expect(forbidden?.kind == .forbidden)
      let unexplained = AcceptConflict(launch: accept.launch, kind: .sameWeek, other: "smart-routing", reason: " ")
      let missing = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.acceptConflict, unexplained, as: "dana")
      }
      #expect(missing?.errors.first?.pointer == "/reason")
      let record = try await harness.call(TieringRoutes.acceptConflict, accept, as: "dana")
      #expect(Self.summaries(record) == ["same-week smart-routing accepted"])
      let again = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.acceptConflict, accept, as: "dana")
      }
      #expect(again?.code == "nothing-to-accept")
      let open = try await harness.call(TieringRoutes.conflicts, ConflictFilter(accepted: false), as: "sam")
      #expect(open.total == 0)
      harness.clock.advance(days: 1)
      let move = RescheduleLaunch(launch: try Self.id("fast-search"), date: try Self.date("2027-03-05"))
      #expect(
        Self.summaries(try await harness.call(TieringRoutes.reschedule, move, as: "sam")) == ["same-week smart-routing"]
      )
      let list = try await harness.call(TieringRoutes.conflicts, ConflictFilter(), as: "sam")
      #expect(list.conflicts.map(\.conflict.accepted) == [nil])
      let unknown = AcceptConflict(launch: try smartRouting(), kind: .sameWeek, other: "fast-search", reason: "r")
      let notThere = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.acceptConflict, unknown, as: "dana")
      }
      #expect(notThere?.kind == .notFound)
    }
  }

  @Test(
    "Every call shows the same conflicts of a launch at any moment, and only these can be accepted",
    arguments: 0..<6 as Range<UInt64>)
  func agreement(seed: UInt64) async throws {
    try await TieringStage.with { harness async throws in
      var random = SeededGenerator(seed: seed)
      let ids = try (1...4).map { try Self.id("launch-\($0)") }
      func day() throws -> LocalDate { try Self.date("2027-03-0\(Int.random(in: 1...9, using: &random))") }
      func owner() -> JSONValue { Bool.random(using: &random) ? "sam" : "ibrahim" }
      for id in ids {
        harness.clock.advance(days: 1)
        try await harness.propose([
          "launch": .string(id.rawValue), "date": .string(try day().description), "owner": owner(),
        ])
      }
      var shownAtAll = 0
      for _ in 1...6 {
        let id = ids[Int.random(in: 0..<ids.count, using: &random)]
        harness.clock.advance(days: 1)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
          let from = try day()
          let blackout = SetBlackout(key: try Self.id("freeze"), from: from, to: from.adding(days: 1), reason: "r")
          try await harness.call(TieringRoutes.setBlackout, blackout, as: "dana")
        case 1:
          let other: JSONValue = try await harness.show(id).plan.owner == "sam" ? "ibrahim" : "sam"
          let set = SetLaunch(launch: id, set: ["owner": other], reason: "r")
          try await harness.call(TieringRoutes.set, set, as: "dana")
        default:
          let (planned, other) = (try await harness.show(id).plan.date, try day())
          let date = other == planned ? planned.adding(days: 1) : other
          let move = RescheduleLaunch(launch: id, date: date, reason: "r")
          try await harness.call(TieringRoutes.reschedule, move, as: "dana")
        }
        let all = try await harness.call(TieringRoutes.conflicts, ConflictFilter(), as: "sam").conflicts
        for id in ids {
          let record = try await harness.show(id)
          let shown = Self.summaries(record)
          shownAtAll += shown.count
          func listed(_ list: [DatedConflict]) -> Set<String> {
            Set(list.map(\.conflict).filter { $0.launch == id }.map(Self.summary))
          }
          #expect(listed(all) == Set(shown), "\(id)")
          let own = try await harness.call(TieringRoutes.conflicts, ConflictFilter(launch: id), as: "sam").conflicts
          #expect(listed(own) == Set(shown), "\(id)")
          let look = PreviewLaunch(launch: id, set: ["name": "Another name"])
          let preview = try await harness.call(TieringRoutes.preview, look, as: "sam")
          #expect(Set(preview.conflicts.map(Self.summary)) == Set(shown), "\(id)")
        }
      }
      #expect(shownAtAll > 0)
      for id in ids {
        for conflict in try await harness.show(id).openConflicts {
          let accept = AcceptConflict(launch: id, kind: conflict.kind, other: conflict.other, reason: "r")
          try await harness.call(TieringRoutes.acceptConflict, accept, as: "dana")
        }
        #expect(try await harness.show(id).openConflicts.isEmpty)
        let open = try await harness.call(
          TieringRoutes.conflicts, ConflictFilter(launch: id, accepted: false), as: "sam")
        #expect(!open.conflicts.contains { $0.conflict.launch == id })
        let none = AcceptConflict(launch: id, kind: .sameWeek, other: "nobody", reason: "r")
        let refused = await #expect(throws: Problem.self) {
          try await harness.call(TieringRoutes.acceptConflict, none, as: "dana")
        }
        #expect(refused?.kind == .notFound)
      }
    }
  }

  @Test("A blackout stops its launches and postpones earliest dates, may have exceptions, and can be removed")
  func blackout() async throws {
    try await TieringStage.with { harness async throws in
      let before = try await harness.propose()
      #expect(before.earliestDate.description == "2027-03-01")
      let freeze = SetBlackout(
        key: try Self.id("freeze"), from: try Self.date("2027-02-28"), to: try Self.date("2027-03-03"), reason: "audit")
      let forbidden = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.setBlackout, freeze, as: "ibrahim")
      }
      #expect(forbidden?.kind == .forbidden)
      let set = try await harness.call(TieringRoutes.setBlackout, freeze, as: "dana")
      #expect(set.stopped == [try smartRouting()])
      let stopped = try await harness.show(try smartRouting())
      #expect(Self.summaries(stopped) == ["blackout freeze"])
      #expect(stopped.earliestDate.description == "2027-03-04")
      #expect(stopped.version == 2)
      let except = ExceptBlackout(blackout: try Self.id("freeze"), launch: try smartRouting(), reason: "a legal date")
      let excepted = try await harness.call(TieringRoutes.exceptBlackout, except, as: "dana")
      #expect(excepted.stopped.isEmpty)
      let free = try await harness.show(try smartRouting())
      #expect(Self.summaries(free) == ["blackout freeze accepted"])
      #expect(free.earliestDate == before.earliestDate)
      let again = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.exceptBlackout, except, as: "dana")
      }
      #expect(again?.kind == .conflict)
      let removal = SetBlackout(key: try Self.id("freeze"), reason: "the audit is over", remove: true)
      let removed = try await harness.call(TieringRoutes.setBlackout, removal, as: "dana")
      #expect(removed.stopped.isEmpty, "it no longer stops anything")
      #expect(try await harness.show(try smartRouting()).conflicts.isEmpty)
      #expect(try await harness.call(TieringRoutes.blackouts, NoParameters(), as: "sam").blackouts.isEmpty)
      let changes = try await harness.announced(Announcements.calendarChanged)
      #expect(changes.map(\.removed) == [false, false, true])
      #expect(changes.map(\.blackout?.exceptions.count) == [0, 1, 1])
    }
  }

  /// Runs the body with a launch that has a GO, and a checklist that answers previews.
  private static func withGo(
    stale: [ReadinessReason]?, _ body: @Sendable (Harness) async throws -> Void
  ) async throws {
    let peers = StubPeers()
    if let stale {
      peers.answer(ChecklistRoutes.preview) { request in
        ChecklistPreview(
          version: request.record.version - 1, added: [], removed: [], kept: 0, moved: [], impossible: [], stale: [],
          approvalsStanding: [], approvalsFalling: [], votesFalling: [],
          decisionStale: request.record.openConflicts.contains { $0.kind == .blackout } ? stale : [])
      }
    }
    try await TieringStage.with(peers: peers) { harness async throws in
      try await harness.propose()
      try await harness.receive(
        Announcements.checklistInstantiated, from: .checklist, launch: "smart-routing",
        ChecklistInstantiated(templateVersion: 1, items: []))
      try await harness.decide(.go)
      try await body(harness)
    }
  }

  @Test("A preview of a blackout names the launches that it stops and the GOs that it ends, and changes nothing")
  func blackoutPreview() async throws {
    try await Self.withGo(stale: [ReadinessReason(code: "conflict", detail: "a new conflict")]) { harness in
      harness.clock.advance(days: 1)
      try await harness.propose(["launch": "fast-search", "name": "Fast search", "date": "2027-03-04", "owner": "sam"])
      let freeze = SetBlackout(
        key: try Self.id("freeze"), from: try Self.date("2027-02-28"), to: try Self.date("2027-03-05"))
      let preview = try await harness.call(TieringRoutes.previewBlackout, freeze, as: "sam")
      #expect(preview.stops.map(\.launch.rawValue) == ["smart-routing", "fast-search"])
      #expect(preview.stops.map(\.endsGo) == [true, false], "only one has a GO")
      #expect(preview.version == 0 && preview.releases.isEmpty)
      #expect(try await harness.call(TieringRoutes.blackouts, NoParameters(), as: "sam").blackouts.isEmpty)
      #expect(!Self.summaries(try await harness.show(try smartRouting())).contains("blackout freeze"))
      var reasoned = freeze
      reasoned.reason = "audit"
      try await harness.call(TieringRoutes.setBlackout, reasoned, as: "dana")
      let shorter = SetBlackout(key: freeze.key, to: try Self.date("2027-03-03"))
      let change = try await harness.call(TieringRoutes.previewBlackout, shorter, as: "sam")
      #expect(change.stops.isEmpty && change.releases.map(\.rawValue) == ["fast-search"])
      #expect(change.version == 1)
      let removal = SetBlackout(key: freeze.key, remove: true)
      let removed = try await harness.call(TieringRoutes.previewBlackout, removal, as: "sam")
      #expect(removed.releases.map(\.rawValue) == ["smart-routing", "fast-search"])
    }
  }

  @Test("A preview of a revoked exemption names the GO that it ends, and changes nothing")
  func exemptionPreview() async throws {
    try await Self.withGo(stale: [ReadinessReason(code: "conflict", detail: "a new conflict")]) { harness in
      let freeze = SetBlackout(
        key: try Self.id("freeze"), from: try Self.date("2027-02-28"), to: try Self.date("2027-03-05"), reason: "audit")
      try await harness.call(TieringRoutes.setBlackout, freeze, as: "dana")
      let except = ExceptBlackout(blackout: freeze.key, launch: try smartRouting(), reason: "a legal date")
      let granted = try await harness.call(TieringRoutes.previewExemption, except, as: "sam")
      #expect(granted.stops.isEmpty && granted.releases.map(\.rawValue) == ["smart-routing"])
      try await harness.call(TieringRoutes.exceptBlackout, except, as: "dana")
      let revoke = ExceptBlackout(blackout: freeze.key, launch: try smartRouting(), remove: true)
      let revoked = try await harness.call(TieringRoutes.previewExemption, revoke, as: "sam")
      #expect(revoked.stops.map(\.launch.rawValue) == ["smart-routing"])
      #expect(revoked.stops.map(\.endsGo) == [true] && revoked.releases.isEmpty)
      #expect(revoked.version == 2)
      let blackouts = try await harness.call(TieringRoutes.blackouts, NoParameters(), as: "sam").blackouts
      #expect(blackouts.map(\.blackout.exceptions.count) == [1])
      let again = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.previewExemption, except, as: "sam")
      }
      #expect(again?.code == "nothing-to-change")
    }
  }

  @Test("If the checklist does not answer, it is unknown whether a blackout ends a GO")
  func unknownPreview() async throws {
    try await Self.withGo(stale: nil) { harness in
      let freeze = SetBlackout(
        key: try Self.id("freeze"), from: try Self.date("2027-02-28"), to: try Self.date("2027-03-05"))
      let preview = try await harness.call(TieringRoutes.previewBlackout, freeze, as: "sam")
      #expect(preview.stops.map(\.launch.rawValue) == ["smart-routing"])
      #expect(preview.stops.map(\.endsGo) == [nil])
    }
  }

  @Test("Of two concurrent changes to a blackout, the second conflicts") func blackoutAtOnce() async throws {
    try await TieringStage.with { harness async throws in
      let set = SetBlackout(
        key: try Self.id("freeze"), from: try Self.date("2027-02-01"), to: try Self.date("2027-02-09"), reason: "r")
      let unseen = CallMeta(expectedVersion: 0)
      let first = try await harness.call(TieringRoutes.setBlackout, set, as: "dana", meta: unseen)
      #expect(first.blackout.version == 1)
      let second = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.setBlackout, set, as: "dana", meta: unseen)
      }
      #expect(second?.code == "version-conflict")
      let seen = CallMeta(expectedVersion: 1)
      #expect(try await harness.call(TieringRoutes.setBlackout, set, as: "dana", meta: seen).blackout.version == 2)
    }
  }

  @Test(
    "An invalid blackout is refused with its field", arguments: ["from", "to", "order", "tiers", "unknown"])
  func errors(_ what: String) async throws {
    try await TieringStage.with { harness async throws in
      let (early, late) = (try Self.date("2027-02-01"), try Self.date("2027-02-09"))
      var set = SetBlackout(key: try Self.id("freeze"), from: early, to: late, reason: "r")
      switch what {
      case "from": set.from = nil
      case "to": set.to = nil
      case "order": (set.from, set.to) = (late, early)
      case "tiers": set.tiers = []
      default: set.remove = true
      }
      let request = set
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.setBlackout, request, as: "dana")
      }
      let pointers = ["from": "/from", "to": "/to", "order": "/to", "tiers": "/tiers"]
      #expect(problem?.errors.first?.pointer == pointers[what])
      if what == "unknown" { #expect(problem?.kind == .notFound) }
      #expect(try await harness.call(TieringRoutes.blackouts, NoParameters(), as: "sam").blackouts.isEmpty)
    }
  }
}
