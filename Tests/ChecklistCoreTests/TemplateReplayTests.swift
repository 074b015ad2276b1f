import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Replays of template changes") struct TemplateReplayTests {
  private static let qa = Fixture.item("qa", tiers: [.major])
  /// Due three business days before 2 March: on 25 February.
  private static let walk = Fixture.item("walk", .cs, tiers: [.major], due: -3)
  private static let template = ChecklistTemplate(version: 1, items: [qa])

  private static func replay(_ change: TemplateChange, _ launches: [LaunchCourse]) throws -> ItemReplay {
    try #require(TemplateExperience(launches).replay(change, of: template).items.first)
  }

  @Test("An added item stops launches whose checklist came after its due day, for as long as it was late")
  func added() throws {
    let launches = [
      PastLaunches.launch(1, [], outcome: PastLaunches.outcome(missed: ["adoption"])),
      PastLaunches.launch(2, known: "2027-02-26", [], outcome: PastLaunches.outcome(missed: ["adoption"])),
      PastLaunches.launch(3, known: "2027-03-02", [], outcome: PastLaunches.outcome(met: ["adoption"])),
      PastLaunches.launch(4, tier: .moderate, known: "2027-03-02", []),
    ]
    let replay = try Self.replay(TemplateChange(baseVersion: 1, add: [Self.walk]), launches)
    #expect(replay.change == .added && replay.basis == .dates && replay.before == nil)
    #expect(replay.launches.map(\.launch.rawValue) == ["l1", "l2", "l3"], "tier 2 does not need it")
    #expect(replay.launches.compactMap(\.after?.stops) == [false, true, true])
    // From 25 to 26 February, and from 25 February to 2 March.
    #expect(replay.launches.compactMap(\.after?.days) == [0, 1, 3])
    #expect(
      replay.text
        == "On your last 4 launches this item would have applied to 3 and stopped 2, of which 1 missed adoption; "
        + "it would have cost 4 business days. That is too few launches to draw conclusions.")
  }

  @Test("With five launches or more, the sentence has no caveat; unknown outcomes are mentioned")
  func enough() throws {
    let launches = (1...5).map { PastLaunches.launch($0, known: $0 == 1 ? "2027-02-26" : "2027-02-01", []) }
    let replay = try Self.replay(TemplateChange(baseVersion: 1, add: [Self.walk]), launches)
    #expect(
      replay.text
        == "On your last 5 launches this item would have applied to 5 and stopped 1, of which 0 missed adoption "
        + "(unknown for 1); it would have cost 1 business day.")
    let result = TemplateExperience(launches).replay(
      TemplateChange(baseVersion: 1, add: [Self.walk]), of: Self.template)
    #expect(result.launches == 5 && !result.tooFew)
  }

  @Test("An added advisory item stops nothing and costs nothing")
  func advisory() throws {
    var item = Self.walk
    item.gate = .advisory
    let replay = try Self.replay(
      TemplateChange(baseVersion: 1, add: [item]), [PastLaunches.launch(1, known: "2027-03-02", [])])
    let after = try #require(replay.after)
    #expect(after.launches == 1 && after.late == 1 && after.stopped == 0 && after.days == 0)
  }

  @Test("A removed item would not have stopped the launches that it actually stopped")
  func removed() throws {
    let course = PastLaunches.item(
      Self.qa, due: "2027-02-23", ("2027-02-01", .open), ("2027-02-24", .blocked), ("2027-03-01", .done))
    let refusal = PastLaunches.decision(.noGo, on: "2027-02-24", against: [("qa", code: "item-blocked")])
    let launch = PastLaunches.launch(
      1, [course], decisions: [refusal], outcome: PastLaunches.outcome(missed: ["adoption"]))
    let replay = try Self.replay(TemplateChange(baseVersion: 1, remove: ["qa"]), [launch])
    #expect(replay.change == .removed && replay.basis == .record && replay.after == nil)
    let effect = try #require(replay.launches.first?.before)
    // 24 February to 1 March.
    #expect(effect.stops && effect.late && effect.days == 3)
    #expect(replay.launches.first?.missed == ["adoption"])
    #expect(
      replay.text
        == "On your last launch this item applied to 1 and stopped 1, of which 1 missed adoption; without it, "
        + "3 business days would have been saved. That is too few launches to draw conclusions.")
  }

  @Test("An advisory item made blocking stops launches whose GO came without it, until it was done")
  func blocking() throws {
    var before = Self.qa
    before.gate = .advisory
    let template = ChecklistTemplate(version: 1, items: [before])
    func launch(_ number: Int, done day: String) -> LaunchCourse {
      PastLaunches.launch(
        number, [PastLaunches.item(before, due: "2027-02-23", ("2027-02-01", .open), (day, .done))],
        decisions: [PastLaunches.decision(.go, on: "2027-02-26")])
    }
    let experience = TemplateExperience([launch(1, done: "2027-02-26"), launch(2, done: "2027-03-03")])
    let result = experience.replay(TemplateChange(baseVersion: 1, replace: [Self.qa]), of: template)
    let replay = try #require(result.items.first)
    #expect(replay.launches.compactMap(\.before?.stops) == [false, false])
    #expect(replay.launches.compactMap(\.after?.stops) == [false, true])
    // 26 February to 3 March.
    #expect(replay.launches.compactMap(\.after?.days) == [0, 3])
    #expect(replay.before?.stopped == 0 && replay.after?.stopped == 1)
  }

  @Test("A replaced item is judged by its new due day")
  func moved() throws {
    // Ten business days before 2 March is 16 February.
    let earlier = Fixture.item("qa", tiers: [.major], due: -10)
    let course = PastLaunches.item(Self.qa, due: "2027-02-23", ("2027-02-01", .open), ("2027-02-18", .done))
    let replay = try Self.replay(
      TemplateChange(baseVersion: 1, replace: [earlier]), [PastLaunches.launch(1, [course])])
    let row = try #require(replay.launches.first)
    #expect(row.before?.late == false && row.after?.late == true)
    #expect(row.after?.due == Fixture.day("2027-02-16") && row.after?.stops == false)
  }

  @Test("A strict item, or one with a shelf life, is judged by when the work was done")
  func strict() throws {
    let course = PastLaunches.item(Self.qa, due: "2027-02-23", ("2027-02-01", .open), ("2027-02-18", .done))
    let launch = PastLaunches.launch(1, [course], decisions: [PastLaunches.decision(.go, on: "2027-03-01")])
    func stops(_ item: TemplateItem) throws -> Bool? {
      try Self.replay(TemplateChange(baseVersion: 1, replace: [item]), [launch]).launches.first?.after?.stops
    }
    #expect(try stops(Fixture.item("qa", tiers: [.major], due: -10, strict: true)) == true)
    #expect(try stops(Fixture.item("qa", tiers: [.major], strict: true)) == false)
    // 18 February and 12 days is 2 March, the launch date.
    #expect(try stops(Fixture.item("qa", tiers: [.major], shelfLife: 12)) == false)
    #expect(try stops(Fixture.item("qa", tiers: [.major], shelfLife: 11)) == true)
  }

  @Test("Items that a learning adds or replaces name it and its launch, once")
  func citing() throws {
    let launch = try #require(LaunchID("smart-routing"))
    let change = TemplateChange(baseVersion: 1, add: [Self.walk], replace: [Self.qa], remove: ["old"])
    let cited = change.citing(learning: "smart-routing-l1", of: [launch])
    let why = "from learning smart-routing-l1 of smart-routing: a test needs it"
    #expect(cited.add.map(\.why) == [why] && cited.replace.map(\.why) == [why] && cited.remove == ["old"])
    #expect(cited.citing(learning: "smart-routing-l1", of: [launch]) == cited)
    var long = Self.walk
    long.why = String(repeating: "x", count: 2_048)
    let cut = TemplateChange(baseVersion: 1, add: [long]).citing(learning: "l", of: [launch])
    #expect(cut.add.map(\.why.utf8.count) == [2_048])
  }
}
