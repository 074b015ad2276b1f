import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

/// The launch is planned for Tuesday, 2 March 2027, in New York; Sam leads Support.
@Suite("Hypercare in the checklist service") struct HypercareServiceTests {
  /// One shift a day in the hours of coverage, without gaps for 14 days.
  private static func document(_ person: String = "sam", minutes: Int64 = 30) -> JSONValue {
    [
      "responseMinutes": .integer(minutes), "hours": ["from": "08:00", "to": "20:00"],
      "shifts": [
        [
          "person": .string(person), "from": "2027-03-02T08:00", "to": "2027-03-02T20:00", "until": "2027-03-15",
        ]
      ],
    ]
  }

  @discardableResult
  private static func setRoster(
    _ stage: Stage, _ document: JSONValue = document(), as person: PersonID = "sam", meta: CallMeta = CallMeta()
  ) async throws -> HypercareView {
    let request = SetHypercareRoster(launch: Stage.launch, document: document, reason: "the launch event")
    let view = try await stage.harness.call(ChecklistRoutes.setHypercareRoster, request, as: person, meta: meta)
    try await stage.harness.settle()
    return view
  }

  @discardableResult
  private static func check(
    _ stage: Stage, _ day: Int? = nil, as person: PersonID = "sam"
  ) async throws -> HypercareView {
    let request = CheckHypercare(launch: Stage.launch, day: day, finding: "12 tickets, 1 escalated")
    let view = try await stage.harness.call(ChecklistRoutes.checkHypercare, request, as: person)
    try await stage.harness.settle()
    return view
  }

  private static func show(_ stage: Stage, asOf moment: String? = nil) async throws -> HypercareView {
    let reference = LaunchReference(launch: Stage.launch, asOf: moment.map(Stage.at))
    return try await stage.harness.call(ChecklistRoutes.showHypercare, reference, as: "erin")
  }

  private static func ship(_ stage: Stage) async throws {
    stage.set("2027-03-02T14:00:00Z")
    try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
    try await stage.harness.settle()
  }

  @Test("A roster is replaced as a whole, versioned and announced; earlier versions stay recorded")
  func versions() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      #expect(try await Self.show(stage).rosterVersion == 0)
      let first = try await Self.setRoster(stage)
      #expect(first.rosterVersion == 1 && first.setBy == "sam" && first.gaps.isEmpty)
      #expect(first.roster?.shifts.count == 14)
      stage.set("2027-02-02T15:00:00Z")
      #expect(try await Self.setRoster(stage).rosterVersion == 1, "the same roster changes nothing")
      let second = try await Self.setRoster(stage, Self.document("cora", minutes: 15), as: "dana")
      #expect(second.rosterVersion == 2 && second.roster?.people == ["cora"] && second.setBy == "dana")
      let announced = try await stage.harness.announced(Announcements.hypercareRoster)
      #expect(announced.map(\.rosterVersion) == [1, 2])
      #expect(announced.map(\.roster.responseMinutes) == [30, 15])
      let before = try await Self.show(stage, asOf: "2027-02-01T16:00:00Z")
      #expect(before.rosterVersion == 1 && before.roster?.people == ["sam"])
      #expect(try await Self.show(stage).rosterVersion == 2)
    }
  }

  @Test("Only Support's lead and Product Ops set a roster; everyone on it must be on the company's roster")
  func refused() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      for person in ["erin", "petra", "cora"] {
        let refused = await problem { try await Self.setRoster(stage, as: person) }
        #expect(refused?.kind == .forbidden, "\(person)")
      }
      let unknown = await problem { try await Self.setRoster(stage, Self.document("somebody")) }
      #expect(unknown?.code == "invalid-hypercare-roster")
      #expect(unknown?.errors.map(\.pointer) == ["/shifts/0/person"])
      try await Self.setRoster(stage)
      let outdated = await problem {
        try await Self.setRoster(stage, Self.document("cora"), meta: CallMeta(expectedVersion: 0))
      }
      #expect(outdated?.code == "version-conflict")
      let view = try await Self.show(stage)
      #expect(view.rosterVersion == 1 && view.roster?.people == ["sam"])
      try await stage.stop(.cancelled)
      let stopped = await problem { try await Self.setRoster(stage, Self.document("cora")) }
      #expect(stopped?.code == "launch-cancelled")
    }
  }

  @Test("When a launch moves, its shifts keep their dates, and the gaps are shown")
  func moved() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      let before = try await Self.setRoster(stage)
      try await stage.announce(
        Stage.record(tier: .launchEvent, date: Stage.day("2027-03-09"), version: 2),
        as: Announcements.launchRescheduled)
      let after = try await Self.show(stage)
      #expect(after.roster == before.roster)
      #expect(after.startsOn == Stage.day("2027-03-09"))
      // From 16 to 22 March, each 12 hours.
      #expect(after.gaps.map(\.minutes) == Array(repeating: 720, count: 7))
      #expect(after.gaps.first?.from.date == Stage.day("2027-03-16"))
    }
  }

  @Test("Checks are announced, shown and on the board; earlier states can be queried")
  func checks() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      try await Self.setRoster(stage)
      #expect(await problem { try await Self.check(stage) }?.code == "not-exposed-yet")
      try await Self.ship(stage)
      stage.set("2027-03-04T15:00:00Z")
      #expect(await problem { try await Self.check(stage, as: "erin") }?.kind == .forbidden)
      let view = try await Self.check(stage)
      #expect(view.days.prefix(4).map(\.state) == [.overdue, .overdue, .ok, .upcoming])
      #expect(view.days[2].finding == "12 tickets, 1 escalated")
      let announced = try await stage.harness.announced(Announcements.hypercareChecked)
      #expect(announced.map(\.day) == [3] && announced.map(\.date) == [Stage.day("2027-03-04")])
      let board = try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin")
      let summary = try #require(board.launches.first?.hypercare)
      #expect(summary.day == 3 && summary.overdue == [1, 2] && summary.gaps == 0 && !summary.uncovered)
      #expect(summary.onShift.map(\.person) == ["sam"] && summary.onShift.map(\.responseMinutes) == [30])
      #expect(summary.onShift.map(\.until.description) == ["2027-03-04T20:00"])
      let before = try await Self.show(stage, asOf: "2027-03-04T14:00:00Z")
      #expect(before.days[2].state == .due)
    }
  }

  @Test("Once every day is checked, the item for the checks is completed")
  func item() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      try await stage.act(ChecklistRoutes.waive, "hypercare-roster", as: "dana")
      try await Self.ship(stage)
      stage.set("2027-03-15T15:00:00Z")
      for day in 1...13 { try await Self.check(stage, day) }
      #expect(try await stage.show("hypercare-check").item.state == .open)
      try await Self.check(stage)
      let item = try await stage.show("hypercare-check").item
      #expect(item.state == .done && item.doneOn == Stage.day("2027-03-15"))
      #expect(item.evidence.map(\.value) == ["all 14 days were checked: 14 ok, 0 with a problem"])
    }
  }

  @Test("Each day's check is announced to Support and the people on shift, and again if it is missing")
  func reminders() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      func notices(_ type: EventType<Notice>) async throws -> [Notice] {
        try await stage.harness.announced(type).filter { $0.key.contains("/hypercare-check/day-") }
      }
      try await Self.setRoster(stage)
      try await Self.ship(stage)
      for _ in 1...2 { try await stage.harness.sweep() }
      #expect(
        try await notices(Announcements.noticeDue).map(\.key) == [
          "due/smart-routing/hypercare-check/day-1/2027-03-02"
        ])
      stage.set("2027-03-03T15:00:00Z")
      try await Self.check(stage)
      for _ in 1...2 { try await stage.harness.sweep() }
      let late = try await notices(Announcements.noticeOverdue)
      #expect(late.map(\.key) == ["overdue/smart-routing/hypercare-check/day-1/2027-03-02"])
      #expect(late.map(\.people) == [["sam"]] && late.map(\.functions) == [[.support]])
      #expect(try await notices(Announcements.noticeDue).count == 1, "day 2 was checked before the sweep")
    }
  }

  @Test(
    "A roster that was changed outside gonogo closes the gate; a changed check is named by the audit",
    arguments: [
      ("UPDATE hypercare_rosters SET document = replace(document, '\"sam\"', '\"max\"')", "hypercare:1", true),
      ("DELETE FROM hypercare_rosters", "hypercare:1", true),
      (
        """
        INSERT INTO hypercare_rosters (launch, version, at, actor, document)
        SELECT launch, 2, at, actor, document FROM hypercare_rosters
        """, "hypercare:2", true
      ),
      (
        "UPDATE hypercare_checks SET document = replace(document, '12 tickets', '0 tickets')", "hypercare-check:1",
        false
      ),
      ("DELETE FROM hypercare_checks", "hypercare-check:1", false),
    ])
  func tampering(_ sql: String, _ key: String, isBasis: Bool) async throws {
    try await Stage.with(Stage.record(tier: .launchEvent), isTampered: true) { stage in
      try await Self.setRoster(stage)
      try await stage.makeReady()
      stage.set("2027-03-02T13:00:00Z")
      try await stage.decide()
      try await Self.ship(stage)
      try await Self.check(stage)
      let gate = try await stage.gate()
      #expect(gate.open, "\(gate.reasons)")
      let count = try await stage.harness.environment.database.write { try $0.execute(sql) }
      #expect(count == 1)
      let verification = try await stage.harness.call(
        ServiceRoutes.auditVerify(.checklist), AuditVerifyParameters(), as: "erin")
      let broken = verification.chains.first { $0.launch == Stage.launch.rawValue }?.broken
      #expect(broken?.key == key, "\(broken?.detail ?? "-")")
      #expect(try await stage.gate().open == !isBasis)
    }
  }
}
