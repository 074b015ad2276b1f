import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

/// What an item asks for holds on every path (product.md, section 2, rules 9 and 10).
@Suite struct RequirementTests {
  private static func report(
    _ item: ItemKey, _ outcome: String = "passed", id: String = "1", at: String = "2027-02-10T12:00:00Z",
    _ more: [String: JSONValue] = [:]
  ) -> EvidenceEvent {
    let data: [String: JSONValue] = ["launch": "smart-routing", "item": .string(item), "outcome": .string(outcome)]
    return SignalTests.signal(
      SignalTests.evidenceRecorded, .object(data.merging(more) { _, new in new }), id: id, at: at)
  }

  private func demo() -> LaunchChecklist {
    Fixture.checklist(Fixture.record(), Fixture.item("internal-demo", .cs, evidence: [.attendance], strict: true))
  }

  @Test(
    "An event completes a demo only with different people from CS and Support, not counting the presenter",
    arguments: [
      ([:], "evidence: attendance"), (["attended": ["cora"]], "attendees from Support"),
      (["attended": ["cora", "sam"]], nil),
      (["attended": ["cora", "sam"], "presenter": "sam"], "attendees from Support"),
      (["attended": ["cora", "sam", "bob"]], "bob is not"), (["attended": ["both"]], "different attendees"),
      (["attended": ["both", "sam"]], nil),
    ] as [([String: JSONValue], String?)])
  func attendance(data: [String: JSONValue], missing: String?) throws {
    var roster = Fixture.roster
    roster.people["both"] = Person(name: "Both", functions: [.cs, .support])
    var checklist = demo()
    let moment = try Fixture.noon("2027-02-11", roster: roster)
    let events = checklist.apply(Self.report("internal-demo", data), at: moment)
    #expect(checklist.state("internal-demo") == (missing == nil ? .done : .open))
    #expect(checklist.items[0].evidence.first?.value == "//kb 1", "the event is kept in any case")
    #expect(events.first?.step.detail?.contains(missing ?? "by event //kb 1") == true)
    let view = checklist.view(of: checklist.items[0], at: moment)
    #expect(view.missing?.joined(separator: "; ").contains(missing ?? "") == true)
    #expect((view.missing?.isEmpty ?? true) == (missing == nil))
  }

  static func report(_ item: ItemKey, _ more: [String: JSONValue]) -> EvidenceEvent {
    report(item, "passed", more)
  }

  @Test(
    "An event completes a rollback procedure only with the steps and a person on the roster",
    arguments: [
      ([:], false), (["text": "flag to 0 %"], false), (["text": "flag to 0 %", "person": "nobody"], false),
      (["text": "flag to 0 %", "person": "lena"], true), (["text": "flag to 0 %; Lena is on call"], true),
      (["person": "lena"], false),
    ] as [([String: JSONValue], Bool)])
  func executor(data: [String: JSONValue], isDone: Bool) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("rollback-procedure", evidence: [.text]))
    _ = checklist.apply(Self.report("rollback-procedure", data), at: try Fixture.noon("2027-02-11"))
    #expect(checklist.state("rollback-procedure") == (isDone ? .done : .open))
  }

  @Test("People name who executes a rollback with --person, and that person must be on the roster")
  func person() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("rollback-procedure", evidence: [.text]))
    func done(_ person: PersonID?) throws {
      try checklist.act(.done, "rollback-procedure", as: "erin") {
        $0.evidence = Evidence(kind: .text, value: "flag to 0 %")
        $0.person = person
      }
    }
    #expect(refusal { try done("lema") } == "unknown-person")
    #expect(refusal { try done(nil) } == "missing-evidence")
    try done("lena")
    #expect(checklist.state("rollback-procedure") == .done)
  }

  @Test("For an unknown person, the nearest name is suggested", arguments: [ItemVerb.assign, .done])
  func nearest(verb: ItemVerb) throws {
    var checklist = demo()
    let problem = #expect(throws: Problem.self) {
      try checklist.act(verb, "internal-demo", as: "dana") {
        $0.to = "Cor"
        $0.attended = ["Cor"]
      }
    }
    #expect(problem?.code == "unknown-person")
    #expect(problem?.detail.contains("did you mean \"cora\"?") == true)
  }

  @Test("Evidence that contradicts its kind does not count", arguments: [("url", "ci/812"), ("digest", "sha256:9f86")])
  func malformed(field: String, value: String) throws {
    let kind: EvidenceKind = field == "url" ? .link : .digest
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa", evidence: [kind]))
    let events = checklist.apply(
      Self.report("qa", [field: .string(value)]), at: try Fixture.noon("2027-02-11"))
    #expect(checklist.state("qa") == .open)
    #expect(events.first?.step.detail?.contains("lacks evidence: \(kind.rawValue)") == true)
  }

  @Test("A future day, or a day before the exposure for an item after it, is refused")
  func days() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa"))
    _ = checklist.apply(Self.report("qa", ["on": "2027-02-12"]), at: try Fixture.noon("2027-02-11"))
    #expect(checklist.state("qa") == .open)
    _ = checklist.apply(Self.report("qa", "passed", id: "2", ["on": "2027-02-09"]), at: try Fixture.noon("2027-02-11"))
    #expect(checklist.items[0].doneOn == Fixture.day("2027-02-09"))
  }

  @Test("An item for after the launch cannot be done before its exposure, by a person or an event")
  func afterLaunch() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("check", due: 10, gate: .advisory, phase: .after))
    #expect(refusal { try checklist.act(.done, "check", as: "erin") } == "not-exposed-yet")
    _ = checklist.apply(Self.report("check", [:]), at: try Fixture.noon("2027-02-11"))
    #expect(checklist.state("check") == .open)
    checklist.exposedSince = Fixture.at("2027-03-02T15:00:00Z")
    #expect(
      refusal { try checklist.act(.done, "check", as: "erin", on: "2027-03-04") { $0.on = Fixture.day("2027-03-01") } }
        == "not-exposed-yet")
    try checklist.act(.done, "check", as: "erin", on: "2027-03-04")
    #expect(checklist.state("check") == .done)
  }

  @Test("A rollout plan requires that the launch has a rollout with a flag and stages up to 100")
  func rollout() throws {
    let cases: [(Rollout?, Bool)] = [
      (nil, false), (Rollout(kind: .full), true), (Rollout(kind: .gradual, flag: "f", stages: [5, 50]), false),
      (Rollout(kind: .gradual, stages: [5, 100]), false), (Rollout(kind: .gradual, flag: "f", stages: [5, 100]), true),
    ]
    for (rollout, isDone) in cases {
      var checklist = Fixture.checklist(Fixture.record(rollout: rollout), Fixture.item("rollout-plan"))
      let code = refusal { try checklist.act(.done, "rollout-plan", as: "erin") }
      #expect(code == (isDone ? nil : "rollout-missing"))
      _ = checklist.apply(Self.report("rollout-plan", [:]), at: try Fixture.noon("2027-02-11"))
      #expect(checklist.state("rollout-plan") == (isDone ? .done : .open))
    }
  }

  @Test("The All-Hands is done on its date, or earlier with evidence of the slot")
  func allHands() throws {
    var record = Fixture.record()
    record.plan.allHands = Fixture.day("2027-02-25")
    var checklist = Fixture.checklist(record, Fixture.item("all-hands", .productOps))
    #expect(refusal { try checklist.act(.done, "all-hands", as: "dana") } == "missing-evidence")
    var early = checklist
    try early.act(.done, "all-hands", as: "dana") { $0.evidence = Evidence(kind: .text, value: "slot 3, confirmed") }
    #expect(early.state("all-hands") == .done)
    try checklist.act(.done, "all-hands", as: "dana", on: "2027-02-25")
    #expect(checklist.state("all-hands") == .done)
  }

  @Test("A done rollout plan is incomplete again once the launch loses its rollout")
  func lostRollout() throws {
    let item = Fixture.item("rollout-plan")
    var checklist = Fixture.checklist(Fixture.record(), item)
    try checklist.act(.done, "rollout-plan", as: "erin")
    let moment = try Fixture.noon("2027-02-11")
    #expect(checklist.standing(of: checklist.items[0], at: moment).level == .satisfied)
    let without = Fixture.record(rollout: nil, version: 2)
    let preview = checklist.preview(
      of: without, template: Fixture.template(item), decisions: DecisionHistory([]), at: moment, then: moment)
    #expect(preview.stale.map(\.key) == ["rollout-plan"])
    _ = checklist.update(to: without, template: Fixture.template(item), in: moment.calendars)
    #expect(checklist.state("rollout-plan") == .done, "its history stays")
    let standing = checklist.standing(of: checklist.items[0], at: moment)
    #expect(standing.code == "item-incomplete")
    #expect(standing.detail?.contains("a rollout in the launch's plan: it has none") == true)
    #expect(checklist.view(of: checklist.items[0], at: moment).missing?.count == 1)
    #expect(refusal { try checklist.act(.done, "rollout-plan", as: "erin") } == "rollout-missing")
    _ = checklist.update(to: Fixture.record(version: 3), template: Fixture.template(item), in: moment.calendars)
    #expect(checklist.standing(of: checklist.items[0], at: moment).level == .satisfied)
  }

  @Test("A done All-Hands is incomplete once its meeting moves to a later day, unless its slot is confirmed")
  func movedAllHands() throws {
    let item = Fixture.item("all-hands", .productOps)
    var record = Fixture.record()
    record.plan.allHands = Fixture.day("2027-02-10")
    var checklist = Fixture.checklist(record, item)
    var confirmed = checklist
    try checklist.act(.done, "all-hands", as: "dana", on: "2027-02-10")
    try confirmed.act(.done, "all-hands", as: "dana") { $0.evidence = Evidence(kind: .text, value: "slot 3") }
    record.plan.allHands = Fixture.day("2027-02-25")
    record.version = 2
    let moment = try Fixture.noon("2027-02-11")
    _ = checklist.update(to: record, template: Fixture.template(item), in: moment.calendars)
    _ = confirmed.update(to: record, template: Fixture.template(item), in: moment.calendars)
    #expect(checklist.standing(of: checklist.items[0], at: moment).code == "item-incomplete")
    #expect(confirmed.standing(of: confirmed.items[0], at: moment).level == .satisfied)
  }

  @Test("Unknown people named by an event count as missing from that event only, not from later ones")
  func unknownPeople() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("load-test"))
    let moment = try Fixture.noon("2027-02-11")
    let data: [String: JSONValue] = [
      "attended": ["ghost2", "ghost3", "ghost2"], "presenter": "ghost", "person": "lena",
    ]
    _ = checklist.apply(Self.report("load-test", data), at: moment)
    #expect(checklist.state("load-test") == .open)
    #expect(
      checklist.view(of: checklist.items[0], at: moment).missing == [
        "people on the roster (ghost2, ghost3 and ghost are not) (event //kb 1)"
      ])
    #expect(checklist.items[0].attended == [])
    #expect(checklist.items[0].person == "lena")
    _ = checklist.apply(Self.report("load-test", "passed", id: "2"), at: moment)
    #expect(checklist.state("load-test") == .done)
    #expect(checklist.items[0].unmetByEvent == nil)
  }

  @Test("An item shows what kept the newest event from completing it, until it is done")
  func unmet() throws {
    let moment = try Fixture.noon("2027-02-11")
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa"))
    _ = checklist.apply(Self.report("qa", ["on": "2027-02-12"]), at: moment)
    #expect(
      checklist.view(of: checklist.items[0], at: moment).missing == [
        "the day it happened: 2027-02-12 is in the future (event //kb 1)"
      ])
    try checklist.act(.done, "qa", as: "erin")
    #expect(checklist.view(of: checklist.items[0], at: moment).missing == [])
    let rule = CompletionRule(type: Announcements.metricsSealed.name, where: ["/data/launch": "{launch}"])
    var metrics = Fixture.checklist(
      Fixture.record(), Fixture.item("success-metrics", .product, completedBy: rule))
    _ = metrics.apply(Self.report("success-metrics", [:]), at: moment)
    #expect(
      metrics.view(of: metrics.items[0], at: moment).missing == [
        "the seal of the success metrics (gonogo metric seal)"
      ])
  }

  @Test(
    "Attendance from before a reopening or repetition does not count",
    arguments: [false, true])
  func attendedAgain(isReopened: Bool) throws {
    var checklist = demo()
    // Strict and due on 2027-02-23: held on the 25th, it is too late and may be repeated.
    let held = isReopened ? "2027-02-10" : "2027-02-25"
    try checklist.act(.done, "internal-demo", as: "cora", on: held) {
      $0.attended = ["cora", "sam"]
      $0.presenter = "erin"
    }
    let shown = checklist.items[0].evidence
    if isReopened { try checklist.act(.reopen, "internal-demo", as: "cora", on: "2027-02-11") }
    #expect(
      refusal { try checklist.act(.done, "internal-demo", as: "cora", on: "2027-02-26") } == "missing-evidence")
    #expect(checklist.items[0].evidence == shown, "the record of the first stays")
    try checklist.act(.done, "internal-demo", as: "cora", on: "2027-02-26") { $0.attended = ["sam", "cora"] }
    #expect(checklist.items[0].doneOn == Fixture.day("2027-02-26"))
    #expect(checklist.items[0].presenter == nil)
  }

  @Test("Attaching an event visibly voids approvals, and a done item returns to review")
  func material() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]))
    try checklist.act(.submit, "copy", as: "max")
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .done)
    let moment = try Fixture.noon("2027-02-11")
    let events = checklist.apply(Self.report("copy", ["url": "https://cms.example/7"]), at: moment)
    #expect(checklist.state("copy") == .inReview)
    #expect(events.first?.step.detail?.contains("earlier approvals are void") == true)
    let view = checklist.view(of: checklist.items[0], at: moment)
    #expect(view.approvals.first?.approvedBy == [])
    #expect(view.approvals.first?.ended == ["lena: approved, the item changed: event //kb 1 attached"])
  }

  @Test("Evidence that voids a rejection clears its reason, by a person or an event", arguments: [false, true])
  func rejectionCleared(byEvent: Bool) throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]))
    try checklist.act(.submit, "copy", as: "max")
    try checklist.act(.reject, "copy", as: "lena") { $0.reason = "a promise" }
    #expect(checklist.items[0].reason?.contains("a promise") == true)
    if byEvent {
      _ = checklist.apply(Self.report("copy", ["url": "https://cms.example/7"]), at: try Fixture.noon("2027-02-11"))
    } else {
      try checklist.act(.attach, "copy", as: "max") { $0.evidence = Evidence(kind: .text, value: "new wording") }
    }
    #expect(checklist.items[0].reason == nil)
  }

  @Test(
    "A failure from before a person confirmed the item as done does not reopen it",
    arguments: [
      ("2027-02-10T16:59:00Z", nil, ItemState.done), ("2027-02-10T17:01:00Z", nil, .open),
      ("2027-02-09T12:00:00Z", "2027-02-09", .done), ("2027-02-10T12:00:00Z", "2027-02-09", .open),
    ] as [(String, String?, ItemState)])
  func vouched(failedAt: String, on: String?, state: ItemState) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa"))
    try checklist.act(.done, "qa", as: "erin", on: "2027-02-10") { $0.on = on.map(Fixture.day) }
    let events = checklist.apply(
      Self.report("qa", "failed", at: failedAt, ["url": "https://ci.example/9"]), at: try Fixture.noon("2027-02-11"))
    #expect(checklist.state("qa") == state)
    #expect(events.count == 1)
    let piece = checklist.items[0].evidence.first { $0.kind == .link }
    #expect(piece?.value == "https://ci.example/9")
    #expect(piece?.isContrary == true)
  }

  @Test("A link to a failed run does not count as the required evidence")
  func contraryDoesNotCount() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa", evidence: [.link]))
    _ = checklist.apply(
      Self.report("qa", "failed", ["url": "https://ci.example/9"]), at: try Fixture.noon("2027-02-11"))
    #expect(refusal { try checklist.act(.done, "qa", as: "erin") } == "missing-evidence")
  }

  @Test("A reopened item for sealed metrics is completed by a check of the seal, or by the next seal")
  func sealedAgain() throws {
    let rule = CompletionRule(type: Announcements.metricsSealed.name, where: ["/data/launch": "{launch}"])
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("success-metrics", .product, completedBy: rule))
    checklist.seal = Seal(digest: "d", sealedAt: Fixture.at("2027-02-01T12:00:00Z"))
    var amended = checklist
    try checklist.act(.done, "success-metrics", as: "petra")
    #expect(checklist.state("success-metrics") == .done)
    let event = EvidenceEvent(
      type: Announcements.metricsAmended.name, reference: "/gonogo/metrics 7", at: Fixture.at("2027-02-10T12:00:00Z"),
      document: ["data": ["launch": "smart-routing"]])
    _ = amended.apply(event, at: try Fixture.noon("2027-02-11"))
    #expect(amended.state("success-metrics") == .done)
  }

  @Test("A seal's digest counts as evidence, and not as a fault of its event")
  func sealDigest() throws {
    let rule = CompletionRule(type: Announcements.metricsSealed.name, where: ["/data/launch": "{launch}"])
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("success-metrics", .product, completedBy: rule))
    let digest = String(repeating: "0f", count: 32)
    checklist.seal = Seal(digest: digest, sealedAt: Fixture.at("2027-02-01T12:00:00Z"))
    let event = EvidenceEvent(
      type: Announcements.metricsSealed.name, reference: "/gonogo/metrics 7", at: Fixture.at("2027-02-10T12:00:00Z"),
      document: ["data": ["launch": "smart-routing", "digest": .string(digest)]])
    let events = checklist.apply(event, at: try Fixture.noon("2027-02-11"))
    #expect(checklist.items[0].evidence.filter { $0.kind == .digest }.map(\.value) == ["sha256:\(digest)"])
    #expect(events.map(\.step.to) == [.done])
    #expect(events.compactMap(\.step.detail).allSatisfy { !$0.contains("is not a digest") })
  }

  @Test("An article that names only the launch completes its item")
  func byLaunch() throws {
    let item = Fixture.item(
      "kb", .support, expand: .locales,
      completedBy: CompletionRule(
        type: SignalTests.articlePublished, where: ["/data/feature": "{feature}", "/data/locale": "{locale}"]))
    var checklist = Fixture.checklist(Fixture.record(locales: ["de"]), item)
    let data: JSONValue = ["launch": "smart-routing", "locale": "de", "article": "a"]
    _ = checklist.apply(SignalTests.signal(SignalTests.articlePublished, data), at: try Fixture.noon("2027-02-11"))
    #expect(checklist.state("kb", "de") == .done)
  }
}
