import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Changing launches") struct LaunchChangeTests {
  @Test("Fields are set, facts are merged, null omits a fact, and the changes are announced") func set() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let change: JSONValue = ["name": "Smarter routing", "facts": ["pricing": true, "addsServerCompute": nil]]
      let record = try await harness.call(
        TieringRoutes.set, SetLaunch(launch: try smartRouting(), set: change), as: "ibrahim")
      #expect(record.version == 2)
      #expect(record.plan.name == "Smarter routing")
      #expect(record.plan.facts.flags == [.changesWorkflow: .known(true), .pricing: .known(true)])
      let announced = try await harness.announced(Announcements.launchFactsChanged)
      #expect(announced.map(\.changed) == [["name", "facts.addsServerCompute", "facts.pricing"]])
      #expect(announced.first?.record == record)
    }
  }

  @Test("An All-Hands date that no longer fits a new launch date is removed") func allHands()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      func reschedule(_ date: String) async throws -> LaunchRecord {
        let day = try #require(LocalDate(date))
        return try await harness.call(
          TieringRoutes.reschedule, RescheduleLaunch(launch: try smartRouting(), date: day, reason: "r"), as: "ibrahim")
      }
      #expect(try await reschedule("2027-03-09").plan.allHands?.description == "2027-02-25")
      #expect(try await reschedule("2027-02-24").plan.allHands == nil)
      let rescheduled = try await harness.announced(Announcements.launchRescheduled)
      #expect(rescheduled.map(\.changed) == [["date"], ["date", "allHands"]])
    }
  }

  @Test("A change of facts that changes the tier is a re-tiering; changing back preserves the day the tier was reached")
  func retier()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      harness.clock.advance(days: 3)
      let lower = SetLaunch(launch: try smartRouting(), set: ["facts": ["kinds": ["new-feature"]]])
      let moderate = try await harness.call(TieringRoutes.set, lower, as: "ibrahim")
      #expect(moderate.tier == .moderate)
      #expect(moderate.reachedOn["2"]?.description == "2027-02-01")
      harness.clock.advance(days: 3)
      let raise = SetLaunch(launch: try smartRouting(), set: ["facts": ["kinds": ["new-surface"]]])
      let major = try await harness.call(TieringRoutes.set, raise, as: "ibrahim")
      #expect(major.earliestDate.description == "2027-03-01")
      #expect(try await harness.announced(Announcements.launchRetiered).map(\.changed.last) == ["tier", "tier"])
    }
  }

  @Test("A change without effect creates no version") func noChange() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let same = SetLaunch(launch: try smartRouting(), set: ["name": "Smart routing"])
      #expect(try await harness.call(TieringRoutes.set, same, as: "ibrahim").version == 1)
    }
  }

  @Test("Neither id nor date can be set", arguments: ["launch", "date"]) func fixedFields(_ field: String) async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let change = SetLaunch(launch: try smartRouting(), set: [field: "2027-04-01"])
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.set, change, as: "ibrahim")
      }
      #expect(problem?.errors.first?.pointer == "/\(field)")
    }
  }

  @Test("Only Product Ops overrides a tier, with a reason; the computed tier is shown, and the override can be removed")
  func override() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let lower = OverrideTier(launch: try smartRouting(), tier: .moderate, reason: "a pilot with three customers")
      let forbidden = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.override, lower, as: "ibrahim")
      }
      #expect(forbidden?.kind == .forbidden)
      let unexplained = await #expect(throws: Problem.self) {
        let request = OverrideTier(launch: try smartRouting(), tier: .moderate, reason: " ")
        return try await harness.call(TieringRoutes.override, request, as: "dana")
      }
      #expect(unexplained?.errors.first?.pointer == "/reason")
      let record = try await harness.call(TieringRoutes.override, lower, as: "dana")
      #expect(record.tier == .moderate)
      #expect(record.tierComputed == .major)
      #expect(record.override?.by == "dana")
      let back = OverrideTier(launch: try smartRouting(), tier: nil, reason: "it grew")
      #expect(try await harness.call(TieringRoutes.override, back, as: "dana").tier == .major)
    }
  }

  @Test("A shortfall is waived with a reason, and a new date removes the waiver") func waiver() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose(["date": "2027-02-10"])
      let waive = LaunchAction(launch: try smartRouting(), reason: "promised at the summit")
      let waived = try await harness.call(TieringRoutes.waiveShortfall, waive, as: "dana")
      #expect(waived.shortfall?.waived?.reason == "promised at the summit")
      let again = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.waiveShortfall, waive, as: "dana")
      }
      #expect(again?.code == "nothing-to-waive")
      let date = try #require(LocalDate("2027-02-12"))
      let moved = try await harness.call(
        TieringRoutes.reschedule, RescheduleLaunch(launch: try smartRouting(), date: date), as: "ibrahim")
      #expect(moved.shortfall?.days == 17)
      #expect(moved.shortfall?.waived == nil)
      #expect(try await harness.announced(Announcements.launchRescheduled).map(\.changed) == [["date"]])
    }
  }

  @Test("History shows old and new values, a waiver, an override and its removal") func words()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose(["date": "2027-02-20"])
      let launch = try smartRouting()
      let waive = LaunchAction(launch: launch, reason: "small")
      try await harness.call(TieringRoutes.waiveShortfall, waive, as: "dana")
      let set: JSONValue = ["owner": "sam", "facts": ["audience": "most", "pricing": true]]
      try await harness.call(TieringRoutes.set, SetLaunch(launch: launch, set: set), as: "ibrahim")
      try await harness.call(
        TieringRoutes.override, OverrideTier(launch: launch, tier: .moderate, reason: "known"), as: "dana")
      try await harness.call(
        TieringRoutes.override, OverrideTier(launch: launch, tier: nil, reason: "after all"), as: "dana")
      let policy: JSONValue = [
        "version": 1, "otherwise": 3, "rules": [["key": "all", "tier": 0, "when": "pricing", "because": "x"]],
      ]
      try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(document: policy), as: "dana")
      try await harness.call(TieringRoutes.retier, RetierLaunch(launch: launch, facts: nil), as: "sam")
      let history = try await harness.call(TieringRoutes.history, LaunchReference(launch: launch), as: "sam")
      #expect(
        history.entries.map(\.detail) == [
          "tier 1; 2027-02-20", "shortfall of 9 days waived; small",
          "owner ibrahim → sam; audience subset → most; pricing - → true",
          "overridden to tier 2; tier 1 → 2; shortfall resolved; known",
          "override removed; tier 2 → 1; short by 9 days; after all",
          "computed tier 1 → 0; different rules fire; assumed companyWide: false, publicMoment: false, "
            + "personalData: false, breaking: false → -; different alternatives; tier 1 → 0; policy version 1 → 2",
        ])
    }
  }

  @Test("History shows new and accepted conflicts, and a waiver that lapses when the date moves")
  func conflictsInWords() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose(["launch": "first", "date": "2027-02-22"])
      try await harness.propose(["date": "2027-02-20"])
      let launch = try smartRouting()
      try await harness.call(
        TieringRoutes.waiveShortfall, LaunchAction(launch: launch, reason: "small"), as: "dana")
      let date = try #require(LocalDate("2027-02-23"))
      try await harness.call(TieringRoutes.reschedule, RescheduleLaunch(launch: launch, date: date), as: "ibrahim")
      let accept = AcceptConflict(launch: launch, kind: .sameWeek, other: "first", reason: "two audiences")
      try await harness.call(TieringRoutes.acceptConflict, accept, as: "dana")
      let history = try await harness.call(TieringRoutes.history, LaunchReference(launch: launch), as: "sam")
      #expect(
        history.entries.suffix(2).map(\.detail) == [
          "date 2027-02-20 → 2027-02-23; new conflict: same-owner first; new conflict: same-week first; "
            + "short by 6 days, the waiver no longer applies",
          "conflict accepted: same-week first; two audiences",
        ])
      let list = try await harness.call(TieringRoutes.list, LaunchFilter(), as: "sam").launches
      #expect(list.map(\.shortfallWaived) == [false, false])
    }
  }

  @Test("A function's calendar and a part of the rollout are set separately, and null removes them") func parts()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let set: JSONValue = ["calendars": ["engineering": "DE"], "rollout": ["stages": [10, 100]]]
      let record = try await harness.call(
        TieringRoutes.set, SetLaunch(launch: try smartRouting(), set: set), as: "ibrahim")
      #expect(record.plan.calendars == ["support": "PL", "engineering": "DE"])
      #expect(record.plan.rollout == Rollout(kind: .gradual, flag: "smart-routing", stages: [10, 100]))
      let back: JSONValue = ["calendars": ["engineering": nil, "support": nil], "rollout": nil]
      let without = try await harness.call(
        TieringRoutes.set, SetLaunch(launch: try smartRouting(), set: back), as: "ibrahim")
      #expect(without.plan.calendars.isEmpty)
      #expect(without.plan.rollout == nil)
    }
  }

  @Test("A launch is shown with its status at an earlier time, although status changes create no version")
  func statusAsOf()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      harness.clock.advance(days: 1)
      try await harness.decide(.go)
      let decided = harness.clock.now()
      harness.clock.advance(days: 1)
      try await harness.decide(.go, stale: true)
      func status(_ moment: Timestamp?) async throws -> LaunchStatus {
        let reference = LaunchReference(launch: try smartRouting(), asOf: moment)
        return try await harness.call(TieringRoutes.show, reference, as: "sam").status
      }
      #expect(try await status(TieringStage.start) == .proposed)
      #expect(try await status(decided) == .decided)
      #expect(try await status(nil) == .proposed)
    }
  }

  @Test("A change of an outdated version is refused with the later changes") func expectedVersion() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let rename = SetLaunch(launch: try smartRouting(), set: ["name": "A"])
      try await harness.call(TieringRoutes.set, rename, as: "ibrahim", meta: CallMeta(expectedVersion: 1))
      let problem = await #expect(throws: Problem.self) {
        let other = SetLaunch(launch: try smartRouting(), set: ["name": "B"])
        return try await harness.call(TieringRoutes.set, other, as: "dana", meta: CallMeta(expectedVersion: 1))
      }
      #expect(problem?.kind == .conflict)
      #expect(problem?.extra["current"] == 2)
      #expect(problem?.extra["changes"]?.arrayValue?.first?["changed"] == ["name"])
      #expect(problem?.detail.contains("ibrahim changed name") == true)
    }
  }

  @Test("After a GO, only Product Ops changes a launch, with a reason") func afterGo() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      try await harness.decide(.go)
      let rename = SetLaunch(launch: try smartRouting(), set: ["name": "A"])
      let owner = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.set, rename, as: "ibrahim")
      }
      #expect(owner?.kind == .forbidden)
      let unexplained = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.set, rename, as: "dana")
      }
      #expect(unexplained?.code == "reason-missing")
      let explained = SetLaunch(launch: try smartRouting(), set: ["name": "A"], reason: "a typo")
      #expect(try await harness.call(TieringRoutes.set, explained, as: "dana").version == 2)
    }
  }

  @Test("A change of owner needs a reason only after a GO", arguments: [nil, DecisionKind.noGo, .hold])
  func ownerBeforeGo(_ decision: DecisionKind?) async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      if let decision { try await harness.decide(decision) }
      for (version, owner) in zip(2..., ["sam", "ibrahim"]) {
        let change = SetLaunch(launch: try smartRouting(), set: ["owner": .string(owner)])
        #expect(try await harness.call(TieringRoutes.set, change, as: "dana").version == version)
      }
      try await harness.decide(.go)
      let change = SetLaunch(launch: try smartRouting(), set: ["owner": "sam"])
      let refused = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.set, change, as: "dana")
      }
      #expect(refused?.code == "reason-missing")
      #expect(
        refused?.detail.hasPrefix("/reason: a change after GO requires a reason") == true, "\(refused?.detail ?? "")")
    }
  }

  @Test("Only the owner and Product Ops change a launch") func rights() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let date = try #require(LocalDate("2027-04-01"))
      let move = RescheduleLaunch(launch: try smartRouting(), date: date)
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.reschedule, move, as: "sam")
      }
      #expect(problem?.kind == .forbidden)
      #expect(try await harness.call(TieringRoutes.reschedule, move, as: "dana").plan.date == date)
    }
  }

  @Test("A launch is shown as of an earlier time, with its history") func history() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let before = harness.clock.now()
      harness.clock.advance(days: 1)
      let date = try #require(LocalDate("2027-04-01"))
      let move = RescheduleLaunch(launch: try smartRouting(), date: date, reason: "a fair")
      try await harness.call(TieringRoutes.reschedule, move, as: "ibrahim")
      let earlier = try await harness.call(
        TieringRoutes.show, LaunchReference(launch: try smartRouting(), asOf: before), as: "sam")
      #expect(earlier.plan.date.description == "2027-03-02")
      let history = try await harness.call(
        TieringRoutes.history, LaunchReference(launch: try smartRouting()), as: "sam")
      #expect(history.entries.map(\.action) == ["proposed", "rescheduled"])
      #expect(history.entries.last?.detail == "date 2027-03-02 → 2027-04-01; a fair")
    }
  }

  @Test("After a stale GO as well, only Product Ops changes a launch, with a reason") func staleGo() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      try await harness.decide(.go)
      try await harness.decide(.go, stale: true)
      let move = RescheduleLaunch(
        launch: try smartRouting(), date: try #require(LocalDate("2027-04-06")), reason: "later")
      let owner = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.reschedule, move, as: "ibrahim")
      }
      #expect(owner?.kind == .forbidden)
      #expect(try await harness.call(TieringRoutes.reschedule, move, as: "dana").plan.date == move.date)
    }
  }

  @Test("A flag shared with another unfinished launch is noted when proposing, changing or previewing")
  func sharedFlag() async throws {
    try await TieringStage.with { harness async throws in
      let other = try #require(LaunchID("fast-search"))
      func flag(_ flag: String) -> JSONValue { ["kind": "gradual", "flag": .string(flag), "stages": [5, 100]] }
      func isNoted(_ notes: [String]) -> Bool { notes.contains { $0.contains("also used by smart-routing") } }
      let first = try await harness.propose(["rollout": flag(#"10% "a_b"!"#)])
      #expect(!first.notes.contains { $0.contains("also used by") })
      let second = try await harness.propose([
        "launch": .string(other.rawValue), "date": "2027-04-06", "rollout": flag(#"10% "a_b"!"#),
      ])
      #expect(isNoted(second.notes), "\(second.notes)")
      let own: JSONValue = ["rollout": ["flag": #"10x "aXb"!"#]]
      let preview = try await harness.call(
        TieringRoutes.preview, PreviewLaunch(launch: other, set: own), as: "ibrahim")
      #expect(!isNoted(preview.notes), "characters that mean others in patterns are compared as they are")
      let changed = try await harness.call(TieringRoutes.set, SetLaunch(launch: other, set: own), as: "ibrahim")
      #expect(!isNoted(changed.notes))
      let shared: JSONValue = ["rollout": ["flag": #"10% "a_b"!"#]]
      let again = try await harness.call(TieringRoutes.set, SetLaunch(launch: other, set: shared), as: "ibrahim")
      #expect(isNoted(again.notes))
      _ = try await harness.call(
        TieringRoutes.cancel, LaunchAction(launch: try smartRouting(), reason: "no"), as: "ibrahim")
      let renamed = try await harness.call(
        TieringRoutes.set, SetLaunch(launch: other, set: ["name": "Faster search"]), as: "ibrahim")
      #expect(!isNoted(renamed.notes), "a cancelled launch is exposed to nobody")
    }
  }
}
