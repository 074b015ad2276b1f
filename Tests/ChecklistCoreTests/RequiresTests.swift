import Contract
import JSON
import LaunchModel
import Testing

@testable import ChecklistCore

/// Each kind of requirement, by a person's `done` and `submit` and by an event (product.md, section 2, rule 10).
@Suite struct RequiresTests {
  fileprivate static let digest = "sha256:" + String(repeating: "0f", count: 32)

  /// The item with these requirements in a launch.
  private func checklist(
    _ requires: Requirement..., review: Bool = false, _ change: (inout LaunchRecord) -> Void = { _ in }
  ) -> LaunchChecklist {
    var record = Fixture.record()
    change(&record)
    return Fixture.checklist(record, Fixture.item("x", review: review, requires: requires))
  }

  private func event(_ more: [String: JSONValue], id: String = "1") -> EvidenceEvent {
    let data: [String: JSONValue] = ["launch": "smart-routing", "item": "x", "outcome": "passed"]
    return SignalTests.signal(
      SignalTests.evidenceRecorded, .object(data.merging(more) { _, new in new }), id: id, at: "2027-02-10T12:00:00Z")
  }

  /// What a person and an event give, in both forms of the same.
  struct Given: Sendable {
    var evidence: Evidence?
    var event: [String: JSONValue] = [:]

    static let nothing = Given()
    static let link = Given(
      evidence: Evidence(kind: .link, value: "https://x.example/1"), event: ["url": "https://x.example/1"])
    static let short = Given(evidence: Evidence(kind: .text, value: "done"), event: ["text": "done"])
    static let text = Given(
      evidence: Evidence(kind: .text, value: "tested by two people"), event: ["text": "tested by two people"])
    static let file = Given(
      evidence: Evidence(kind: .digest, value: RequiresTests.digest), event: ["digest": .string(RequiresTests.digest)])
  }

  @Test(
    "Evidence in one of the accepted forms is needed, whoever or whatever completes the item",
    arguments: [
      ([.link], .nothing, false), ([.link], .text, false), ([.link], .link, true),
      ([.text(characters: 20)], .short, false), ([.text(characters: 20)], .text, true),
      ([.text(characters: 21)], .text, false), ([.file], .link, false), ([.file], .file, true),
      ([.link, .text(characters: 20), .file], .short, false), ([.link, .text(characters: 20), .file], .link, true),
      ([.link, .text(characters: 20), .file], .text, true),
    ] as [([EvidenceForm], Given, Bool)])
  func evidence(forms: [EvidenceForm], given: Given, isDone: Bool) throws {
    let open = checklist(.evidence(forms))
    var byPerson = open
    let code = refusal { try byPerson.act(.done, "x", as: "erin") { $0.evidence = given.evidence } }
    #expect(code == (isDone ? nil : "missing-evidence"))
    #expect(byPerson.state("x") == (isDone ? .done : .open))
    var submitted = checklist(.evidence(forms), review: true)
    let refused = refusal { try submitted.act(.submit, "x", as: "erin") { $0.evidence = given.evidence } }
    #expect(refused == (isDone ? nil : "missing-evidence"))
    var byEvent = open
    let moment = try Fixture.noon("2027-02-11")
    let events = byEvent.apply(event(given.event), at: moment)
    #expect(byEvent.state("x") == (isDone ? .done : .open))
    #expect(events.first?.step.detail?.contains("not done: it lacks evidence: ") == !isDone)
    #expect(byEvent.view(of: byEvent.items[0], at: moment).missing?.isEmpty == isDone)
  }

  @Test("Missing evidence is described with every accepted form, in the order of the contract")
  func alternatives() throws {
    let checklist = checklist(.evidence([.link, .text(characters: 40), .file]))
    let missing = checklist.view(of: checklist.items[0], at: try Fixture.noon("2027-02-11")).missing
    #expect(missing == ["evidence: a link, a text of at least 40 characters or a file"])
  }

  @Test("An event alone counts as evidence only if the item accepts events")
  func event() throws {
    for (forms, isDone) in [([.link, .event], true), ([.link], false)] as [([EvidenceForm], Bool)] {
      var checklist = checklist(.evidence(forms))
      _ = checklist.apply(event([:]), at: try Fixture.noon("2027-02-11"))
      #expect(checklist.state("x") == (isDone ? .done : .open))
    }
    var failed = checklist(.evidence([.event]))
    _ = failed.apply(event(["outcome": "failed"]), at: try Fixture.noon("2027-02-11"))
    #expect(refusal { try failed.act(.done, "x", as: "erin") } == "missing-evidence", "a failure is no evidence for it")
  }

  @Test("The person must be named in a separate field and be on the roster")
  func person() throws {
    var checklist = checklist(.person(role: "rollback"))
    let moment = try Fixture.noon("2027-02-11")
    #expect(checklist.view(of: checklist.items[0], at: moment).missing == ["the person for rollback (--person)"])
    let inText = refusal {
      try checklist.act(.done, "x", as: "erin") { $0.evidence = Evidence(kind: .text, value: "Lena turns it off") }
    }
    #expect(inText == "missing-person")
    #expect(refusal { try checklist.act(.done, "x", as: "erin") { $0.person = "nobody" } } == "unknown-person")
    var byEvent = checklist
    let lacking: [(String, [String: JSONValue])] = [("1", ["text": "Lena turns it off"]), ("2", ["person": "nobody"])]
    for (id, data) in lacking {
      _ = byEvent.apply(event(data, id: id), at: moment)
      #expect(byEvent.state("x") == .open)
    }
    _ = byEvent.apply(event(["person": "lena"], id: "3"), at: moment)
    #expect(byEvent.state("x") == .done)
    try checklist.act(.done, "x", as: "erin") { $0.person = "lena" }
    #expect(checklist.state("x") == .done)
    var roster = Fixture.roster
    roster.people["lena"] = nil
    let later = try Fixture.noon("2027-02-11", roster: roster)
    #expect(checklist.standing(of: checklist.items[0], at: later).code == "item-incomplete")
  }

  @Test(
    "If the roster has a group with the role's name, the person must belong to it",
    arguments: [("lena", true), ("sam", false)])
  func role(person: PersonID, isDone: Bool) throws {
    var checklist = checklist(.person(role: "legal"))
    let code = refusal { try checklist.act(.done, "x", as: "erin") { $0.person = person } }
    #expect(code == (isDone ? nil : "unfit-person"))
  }

  /// Each row: attendees, presenter and who reports, and the functions that nobody attended from.
  @Test(
    "Different people must attend; the reporter counts as presenter unless another person is named",
    arguments: [
      ([], nil, "ibrahim", "attendees from CS and Support"), (["erin"], nil, "erin", "attendees from CS and Support"),
      (["cora", "sam"], nil, "ibrahim", nil), (["cora", "sam"], nil, "cora", "attendees from CS"),
      (["cora", "sam"], "petra", "cora", nil), (["cora", "sam"], "sam", "ibrahim", "attendees from Support"),
      (["both"], nil, "ibrahim", "different attendees"), (["both", "sam"], nil, "ibrahim", nil),
    ] as [([PersonID], PersonID?, PersonID, String?)])
  func people(attended: [PersonID], presenter: PersonID?, reporter: PersonID, missing: String?) throws {
    var roster = Fixture.roster
    roster.people["both"] = Person(name: "Both", functions: [.cs, .support])
    roster.people["cora"]?.functions.append(.engineering)
    let open = checklist(.people([.cs, .support]))
    var byPerson = open
    let code = refusal {
      try byPerson.act(.done, "x", as: reporter, roster: roster) {
        $0.attended = attended
        $0.presenter = presenter
      }
    }
    #expect(code == (missing == nil ? nil : "unfit-attended"))
    var byEvent = open
    var data: [String: JSONValue] = ["attended": .array(attended.map { .string($0) }), "actor": .string(reporter)]
    data["presenter"] = presenter.map { .string($0) }
    let moment = try Fixture.noon("2027-02-11", roster: roster)
    _ = byEvent.apply(event(data), at: moment)
    #expect(byEvent.state("x") == (missing == nil ? .done : .open))
    let shown = byEvent.view(of: byEvent.items[0], at: moment).missing ?? []
    #expect(shown.joined().contains(missing ?? "") && shown.isEmpty == (missing == nil))
  }

  /// Each row: a field, the launch, and the code of the refusal.
  @Test(
    "The launch must have the required field, and a done item is incomplete without it",
    arguments: [
      (.rollout, nil, "rollout-missing"), (.rollout, Rollout(kind: .full), nil),
      (.rollout, Rollout(kind: .gradual, flag: "f", stages: [5, 50]), "rollout-missing"),
      (.rollout, Rollout(kind: .gradual, stages: [5, 100]), "rollout-missing"),
      (.rollout, Rollout(kind: .gradual, flag: "f", stages: [5, 100]), nil), (.flag, nil, "flag-missing"),
      (.flag, Rollout(kind: .full), "flag-missing"), (.flag, Rollout(kind: .full, flag: "f"), nil),
    ] as [(RequiredField, Rollout?, String?)])
  func field(field: RequiredField, rollout: Rollout?, code: String?) throws {
    let open = checklist(.field(field)) { $0.plan.rollout = rollout }
    var byPerson = open
    #expect(refusal { try byPerson.act(.done, "x", as: "erin") } == code)
    var byEvent = open
    let moment = try Fixture.noon("2027-02-11")
    _ = byEvent.apply(event([:]), at: moment)
    #expect(byEvent.state("x") == (code == nil ? .done : .open))
    guard code == nil else { return }
    byPerson.record.plan.rollout = nil
    #expect(byPerson.standing(of: byPerson.items[0], at: moment).code == "item-incomplete")
  }

  @Test("An item that requires the All-Hands date cannot be done while the launch has none")
  func allHandsField() throws {
    var checklist = checklist(.field(.allHands))
    #expect(refusal { try checklist.act(.done, "x", as: "erin") } == "all-hands-missing")
    checklist.record.plan.allHands = Fixture.day("2027-02-25")
    try checklist.act(.done, "x", as: "erin")
    #expect(checklist.state("x") == .done)
  }

  @Test("An item that requires the All-Hands is due on its date, and done then or with evidence of the slot")
  func allHands() throws {
    let open = checklist(.date(.allHands)) { $0.plan.allHands = Fixture.day("2027-02-25") }
    #expect(open.items[0].due == Fixture.day("2027-02-25"))
    var early = open
    #expect(refusal { try early.act(.done, "x", as: "erin", on: "2027-02-24") } == "missing-evidence")
    #expect(
      refusal { try early.act(.done, "x", as: "erin", on: "2027-02-25") { $0.on = Fixture.day("2027-02-24") } }
        == "missing-evidence")
    _ = early.apply(event(["on": "2027-02-24"]), at: try Fixture.noon("2027-02-25"))
    #expect(early.state("x") == .open)
    try early.act(.done, "x", as: "erin", on: "2027-02-24") { $0.evidence = Given.text.evidence }
    #expect(early.state("x") == .done)
    var onTheDay = open
    try onTheDay.act(.done, "x", as: "erin", on: "2027-02-25")
    #expect(onTheDay.state("x") == .done)
    var undated = checklist(.date(.allHands))
    #expect(refusal { try undated.act(.done, "x", as: "erin") } == "all-hands-missing")
  }

  @Test("An item that waits for the launch date is not done before it")
  func launchDate() throws {
    var checklist = checklist(.date(.date))
    #expect(refusal { try checklist.act(.done, "x", as: "erin", on: "2027-03-01") } == "before-launch-date")
    try checklist.act(.done, "x", as: "erin", on: "2027-03-02")
    #expect(checklist.state("x") == .done)
  }

  /// Sam's shifts of whole days from the launch date on, except some.
  private func roster(days: Int, without: Set<Int> = []) throws -> HypercareRoster {
    let start = try #require(LocalDateTime("2027-03-02T00:00"))
    let shifts = (0..<days).filter { !without.contains($0) }.map { day in
      HypercareShift(person: "sam", from: start.adding(days: day), to: start.adding(days: day + 1))
    }
    return HypercareRoster(responseMinutes: 30, shifts: shifts)
  }

  @Test(
    "Shifts must cover the days without gaps",
    arguments: [
      (13, [], "nobody is on shift from 2027-03-15T00:00 to 2027-03-16T00:00"), (14, [], nil), (20, [], nil),
      (14, [2], "nobody is on shift from 2027-03-04T00:00 to 2027-03-05T00:00"),
      (14, [2, 5, 9], "nobody is on shift from 2027-03-04T00:00 to 2027-03-05T00:00, nor in 2 more gaps"),
    ] as [(Int, Set<Int>, String?)])
  func shifts(days: Int, without: Set<Int>, missing: String?) throws {
    let open = checklist(.shifts(days: 14))
    var byPerson = open
    #expect(refusal { try byPerson.act(.done, "x", as: "erin") } == "hypercare-roster-missing")
    byPerson.hypercare.roster = try roster(days: days, without: without)
    let moment = try Fixture.noon("2027-02-11")
    let shown = byPerson.view(of: byPerson.items[0], at: moment).missing
    #expect(shown == [missing.map { "hypercare shifts for 14 days: \($0)" }].compactMap(\.self))
    var byEvent = byPerson
    _ = byEvent.apply(event([:]), at: moment)
    #expect(byEvent.state("x") == (missing == nil ? .done : .open))
    #expect(refusal { try byPerson.act(.done, "x", as: "erin") } == (missing == nil ? nil : "hypercare-gaps"))
  }

  @Test("Shifts keep their dates if the launch moves, so a done roster is incomplete until customers have it")
  func movedShifts() throws {
    var checklist = checklist(.shifts(days: 14))
    checklist.hypercare.roster = try roster(days: 14)
    try checklist.act(.done, "x", as: "erin")
    let moment = try Fixture.noon("2027-02-11")
    #expect(checklist.standing(of: checklist.items[0], at: moment).level == .satisfied)
    checklist.record.plan.date = Fixture.day("2027-03-03")
    let standing = checklist.standing(of: checklist.items[0], at: moment)
    #expect(standing.code == "item-incomplete")
    #expect(standing.detail?.contains("nobody is on shift from 2027-03-16T00:00 to 2027-03-17T00:00") == true)
    checklist.exposedSince = Fixture.at("2027-03-03T15:00:00Z")
    #expect(checklist.standing(of: checklist.items[0], at: try Fixture.noon("2027-03-04")).level == .satisfied)
  }

  @Test("An item must meet all its requirements, and a refusal names them one at a time")
  func together() throws {
    var checklist = checklist(.evidence([.text(characters: 10)]), .person(role: "rollback"))
    #expect(refusal { try checklist.act(.done, "x", as: "erin") } == "missing-evidence")
    try checklist.act(.attach, "x", as: "erin") { $0.evidence = Given.text.evidence }
    #expect(refusal { try checklist.act(.done, "x", as: "erin") } == "missing-person")
    try checklist.act(.done, "x", as: "erin") { $0.person = "lena" }
    #expect(checklist.state("x") == .done)
  }

  @Test("An item without requirements is a plain tick, even under a key that required more in the older form")
  func tick() throws {
    for key in ["internal-demo", "rollback-procedure", "rollout-plan", "all-hands"] {
      var checklist = Fixture.checklist(Fixture.record(rollout: nil), Fixture.item(key, requires: []))
      try checklist.act(.done, key, as: "erin")
      #expect(checklist.state(key) == .done)
      #expect(!checklist.items[0].definition.assertsSomething)
    }
  }

  @Test("Before a roster is adopted, people must be named, whoever they are")
  func beforeRoster() throws {
    var checklist = checklist(.people([.cs, .support]), .person(role: "rollback"))
    let moment = try Fixture.noon("2027-02-11", roster: nil)
    let actor = Actor(person: "uid:7", principal: Principal("uid:7"), isBeforeRoster: true)
    func done(_ attended: [PersonID]?, _ person: PersonID?) throws {
      let action = ItemAction(launch: Fixture.launch, key: "x", attended: attended, person: person)
      _ = try checklist.perform(.done, action, on: ItemReference(key: "x", instance: nil), by: actor, at: moment)
    }
    #expect(refusal { try done(nil, "lena") } == "missing-evidence")
    #expect(refusal { try done(["cora", "sam"], nil) } == "missing-person")
    try done(["cora", "sam"], "lena")
    #expect(checklist.state("x") == .done)
  }

  @Test("Upgrading to stricter requirements reopens items that do not meet them, and keeps the others done")
  func upgrade() throws {
    let old = [Fixture.item("rollback-procedure", evidence: [.text]), Fixture.item("qa", evidence: [.link])]
    var checklist = Fixture.checklist(Fixture.record(), old[0], old[1])
    try checklist.act(.done, "rollback-procedure", as: "erin") {
      $0.evidence = Evidence(kind: .text, value: "flag to 0 %; Lena is on call")
    }
    try checklist.act(.done, "qa", as: "erin") { $0.evidence = Given.link.evidence }
    let steps: Requirement = .evidence([.link, .text(characters: 10), .file])
    let next = ChecklistTemplate(
      version: 2,
      items: [
        Fixture.item("rollback-procedure", requires: [steps, .person(role: "rollback")]),
        Fixture.item("qa", requires: [steps]),
      ])
    _ = checklist.upgrade(to: next, at: try Fixture.noon("2027-02-11"))
    #expect(checklist.state("rollback-procedure") == .open)
    #expect(checklist.items[0].reason == "the template changed: it lacks the person for rollback (--person)")
    #expect(checklist.state("qa") == .done)
  }

  @Test("The readiness of one launch says what each open item lacks")
  func readiness() throws {
    let checklist = checklist(.evidence([.link]), .field(.flag)) { $0.plan.rollout = nil }
    let view = checklist.detailedReadiness(at: try Fixture.noon("2027-02-11"), isExposed: false)
    let detail = view.reasons.first { $0.item == "x" }?.detail
    #expect(
      detail == "x (Engineering) is open, due 2027-02-23; missing: evidence: a link; the launch's rollout flag "
        + "(gonogo launch set)")
  }
}
