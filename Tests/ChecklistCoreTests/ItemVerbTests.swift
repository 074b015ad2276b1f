import ChecklistCore
import JSON
import Contract
import LaunchModel
import Testing

@Suite struct ItemVerbTests {
  /// A checklist with a single item `a` in that state.
  private func inState(_ state: ItemState, review: Bool = false) -> LaunchChecklist {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a", review: review))
    checklist.items[0].state = state
    return checklist
  }

  private static let reachable: [ItemVerb: Set<ItemState>] = [
    .start: [.open], .block: [.open, .inProgress, .inReview], .unblock: [.blocked],
    .reopen: [.done, .waived, .notApplicable, .inReview], .done: [.open, .inProgress, .waived],
    .waive: [.open, .inProgress, .blocked, .inReview, .waived],
    .markNotApplicable: [.open, .inProgress, .blocked, .inReview, .waived, .notApplicable],
    .assign: [.open, .inProgress, .blocked, .inReview, .done, .waived, .notApplicable],
    .comment: Set(ItemState.allCases),
  ]

  @Test(
    "Each verb is allowed in its states; in any other it is refused and changes nothing",
    arguments: reachable.keys.sorted { $0.rawValue < $1.rawValue }, ItemState.allCases)
  func table(verb: ItemVerb, state: ItemState) {
    var checklist = inState(state)
    let before = checklist
    let code = refusal {
      try checklist.act(verb, "a", as: "dana") {
        $0.to = "erin"
        $0.text = "hm"
      }
    }
    let isPossible = Self.reachable[verb]?.contains(state) ?? false
    #expect((code == nil) == isPossible)
    if !isPossible { #expect(checklist == before) }
  }

  @Test("A refusal lists the allowed verbs")
  func refusalNamesAlternatives() throws {
    var checklist = inState(.blocked)
    let problem = #expect(throws: Problem.self) { try checklist.act(.start, "a", as: "erin") }
    #expect(problem?.kind == .conflict)
    #expect(problem?.detail.contains("unblock, waive, not-applicable, assign, attach, comment") == true)
  }

  @Test(
    "Verbs that need a reason are refused without one",
    arguments: [ItemVerb.reopen, .block, .waive, .markNotApplicable])
  func reasons(verb: ItemVerb) {
    var checklist = inState(verb == .reopen ? .done : .open)
    #expect(refusal { try checklist.act(verb, "a", as: "dana") { $0.reason = "  " } } == "missing-reason")
  }

  @Test("Unblocking returns an item to its previous state")
  func unblock() throws {
    var checklist = inState(.open)
    try checklist.act(.start, "a", as: "erin")
    try checklist.act(.block, "a", as: "erin") { $0.reason = "no test account" }
    #expect(checklist.items[0].reason == "no test account")
    try checklist.act(.unblock, "a", as: "erin")
    #expect(checklist.state("a") == .inProgress)
    #expect(checklist.items[0].reason == nil)
  }

  @Test("Each change increments the item's version; a comment does not")
  func versions() throws {
    var checklist = inState(.open)
    try checklist.act(.comment, "a", as: "lena") { $0.text = "looks fine" }
    #expect(checklist.items[0].version == 1)
    try checklist.act(.start, "a", as: "erin")
    #expect(checklist.items[0].version == 2)
  }

  @Test("The second of two concurrent changes conflicts and is given the current version")
  func expectedVersion() throws {
    var checklist = inState(.open)
    try checklist.act(.start, "a", as: "erin")
    let moment = try Fixture.noon("2027-02-01")
    let problem = #expect(throws: Problem.self) {
      _ = try checklist.perform(
        .done, ItemAction(launch: checklist.launch, key: "a"), on: ItemReference(key: "a"),
        by: Fixture.actor("ibrahim"), at: moment, expectedVersion: 1)
    }
    #expect(problem?.code == "version-conflict")
    #expect(problem?.extra["current"] == 2)
  }

  @Test("An item waits for its dependencies, except waived or inapplicable ones")
  func dependencies() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("a"), Fixture.item("b"), Fixture.item("c", dependencies: ["a", "b"]))
    let problem = #expect(throws: Problem.self) { try checklist.act(.done, "c", as: "erin") }
    #expect(problem?.detail.contains("a, b") == true)
    try checklist.act(.waive, "a", as: "dana")
    try checklist.act(.markNotApplicable, "b", as: "ibrahim")
    try checklist.act(.done, "c", as: "erin")
    #expect(checklist.state("c") == .done)
  }

  @Test("Required evidence must be attached before an item is done")
  func evidence() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a", evidence: [.link, .attendance]))
    #expect(refusal { try checklist.act(.done, "a", as: "erin") } == "missing-evidence")
    try checklist.act(.attach, "a", as: "erin") { $0.evidence = Evidence(kind: .link, value: "https://ci.example/1") }
    #expect(refusal { try checklist.act(.done, "a", as: "erin") } == "missing-evidence")
    #expect(refusal { try checklist.act(.done, "a", as: "erin") { $0.attended = ["nobody"] } } == "unknown-person")
    try checklist.act(.done, "a", as: "erin") { $0.attended = ["cora", "sam"] }
    #expect(checklist.items[0].attended == ["cora", "sam"])
    #expect(checklist.items[0].evidence.map(\.kind) == [.link, .attendance])
  }

  @Test(
    "A demo names attendees from CS and Support who are on the roster",
    arguments: [
      (["mia"], "unfit-attended"), (["cora", "mia"], "unfit-attended"), (["sam"], "unfit-attended"),
      (["cora", "sam", "nobody"], "unknown-person"), (["sam", "mia", "cora"], nil),
    ] as [([PersonID], String?)])
  func demo(people: [PersonID], code: String?) {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("internal-demo", .cs, evidence: [.attendance]))
    #expect(refusal { try checklist.act(.done, "internal-demo", as: "cora") { $0.attended = people } } == code)
    #expect(checklist.state("internal-demo") == (code == nil ? .done : .open))
  }

  @Test(
    "A rollback procedure names its executor, or is owned by them, and they are on the roster",
    arguments: [
      ("flag to 0 %", nil, "missing-evidence"), ("flag to 0 %; Lenas phone", nil, "missing-evidence"),
      ("flag to 0 %; nobody does it", nil, "missing-evidence"), ("flag to 0 %; Lena is on call", nil, nil),
      ("flag to 0 %", "erin", nil),
    ] as [(String, PersonID?, String?)])
  func executor(text: String, owner: PersonID?, code: String?) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("rollback-procedure", evidence: [.text]))
    if let owner { try checklist.act(.assign, "rollback-procedure", as: "ibrahim") { $0.to = owner } }
    let refused = refusal {
      try checklist.act(.done, "rollback-procedure", as: "erin") { $0.evidence = Evidence(kind: .text, value: text) }
    }
    #expect(refused == code)
  }

  @Test(
    "Malformed evidence is refused",
    arguments: [
      Evidence(kind: .link, value: "ci.example"), Evidence(kind: .digest, value: "sha256:12"),
      Evidence(kind: .text, value: " "), Evidence(kind: .event, value: "x"),
    ])
  func unfitEvidence(piece: Evidence) {
    var checklist = inState(.open)
    let code = refusal { try checklist.act(.attach, "a", as: "erin") { $0.evidence = piece } }
    #expect(code?.hasPrefix("unfit-evidence") == true)
  }

  @Test("An item cannot be done on a future day")
  func future() {
    var checklist = inState(.open)
    #expect(refusal { try checklist.act(.done, "a", as: "erin") { $0.on = Fixture.day("2027-02-02") } } == "unfit-on")
  }

  @Test("A not-applicable mark is self-certified until someone outside the function verifies it")
  func notApplicable() throws {
    var checklist = inState(.open)
    try checklist.act(.markNotApplicable, "a", as: "ibrahim")
    let moment = try Fixture.noon("2027-02-01")
    #expect(checklist.view(of: checklist.items[0], at: moment).verified == false)
    #expect(refusal { try checklist.act(.markNotApplicable, "a", as: "ibrahim") } == "already-not-applicable")
    try checklist.act(.markNotApplicable, "a", as: "dana")
    #expect(checklist.view(of: checklist.items[0], at: moment).verified == true)
  }

  @Test(
    "Rights follow product.md, section 6",
    arguments: [
      (ItemVerb.start, "erin", true), (.start, "mia", false), (.start, "dana", true), (.start, "lena", false),
      (.waive, "mia", false), (.waive, "dana", true), (.markNotApplicable, "ibrahim", true),
      (.markNotApplicable, "erin", false), (.assign, "ibrahim", true), (.assign, "max", false),
      (.comment, "lena", true),
      (.comment, "stranger", false),
    ])
  func rights(verb: ItemVerb, person: PersonID, isAllowed: Bool) {
    var checklist = inState(.open)
    let code = refusal {
      try checklist.act(verb, "a", as: person) {
        $0.to = "erin"
        $0.text = "hm"
      }
    }
    #expect((code == nil) == isAllowed)
  }

  @Test("A function's lead waives its advisory items, and any member assigns themselves an item")
  func leadRights() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a", gate: .advisory))
    try checklist.act(.assign, "a", as: "erin") { $0.to = "erin" }
    try checklist.act(.waive, "a", as: "erin")
    #expect(checklist.state("a") == .open, "erin only asks for it")
    try checklist.act(.waive, "a", as: "ibrahim")
    #expect(checklist.state("a") == .waived)
  }

  @Test("An expanded item must be named with its instance, unless it has only one")
  func instances() throws {
    var two = Fixture.checklist(Fixture.record(locales: ["en", "de"]), Fixture.item("kb", expand: .locales))
    #expect(refusal { try two.act(.start, "kb", as: "erin") } == "missing-instance")
    #expect(refusal { try two.act(.start, "kb", as: "erin", instance: "fr") } == "item-not-found")
    try two.act(.start, "kb", as: "erin", instance: "de")
    #expect(two.state("kb", "de") == .inProgress)
    var one = Fixture.checklist(Fixture.record(locales: ["en"]), Fixture.item("kb", expand: .locales))
    try one.act(.start, "kb", as: "erin")
    #expect(one.state("kb") == .inProgress)
  }
}
