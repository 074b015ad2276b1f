import Contract
import LaunchModel
import Testing

@testable import Gateway

@Suite("Formatting results as text")
struct DisplayTests {
  private func text(_ result: some Displayable, width: Int? = 100) -> String {
    var page = Page()
    result.display(on: &page)
    return page.text(width: width)
  }

  @Test("Launches are listed by date")
  func launches() {
    let list = LaunchList(launches: [
      LaunchSummary(
        id: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"), status: .preparing,
        owner: "dana", shortfallDays: 0, version: 1),
      LaunchSummary(
        id: Sample.id("fix"), name: "Fix of the exporter", tier: .minor, date: Sample.date("2027-04-01"),
        status: .rolledBack, owner: "ibrahim", shortfallDays: 3, version: 2),
    ])
    #expect(
      text(list) == """
        LAUNCH         NAME                 TIER     DATE        STATUS       OWNER    SHORT BY
        smart-routing  Smart routing        1 Major  2027-03-02  preparing    dana
        fix            Fix of the exporter  3 Minor  2027-04-01  rolled-back  ibrahim       3 d

        """)
  }

  @Test("Violations are printed without their leading codes")
  func violations() {
    let view = ExposureView(
      launch: Sample.launch, attempts: [], percentage: 5, backdated: false,
      violations: [
        "no-go-in-force: shipped without a GO (5% exposed since 2027-03-02T16:00:00Z)",
        "Shipped too early: by a day",
      ])
    let shown = text(view)
    #expect(shown.contains("shipped without a GO (5% exposed since 2027-03-02T16:00:00Z)"), "\(shown)")
    #expect(shown.contains("Shipped too early: by a day"), "\(shown)")
    #expect(!shown.contains("no-go-in-force"), "\(shown)")
  }

  @Test("Of many violations the first and the last are printed, with the total")
  func manyViolations() {
    let view = ExposureView(
      launch: Sample.launch, attempts: [], percentage: 5, backdated: false,
      violations: (1...24).map { "no-go-in-force: step \($0)" })
    let shown = text(view)
    #expect(shown.contains("Violations (24, the first and the last 10)"), "\(shown)")
    #expect(shown.contains("step 10\n") && !shown.contains("step 11\n") && shown.contains("step 15\n"), "\(shown)")
  }

  @Test("Items show what dates and approvals add to their state")
  func items() {
    let list = ItemList(
      launch: Sample.launch,
      items: [
        Sample.item("qa", nil, .done, owner: "ibrahim"),
        Sample.item(
          "launch-copy", nil, .inReview, function: .marketing, due: "2027-02-16", flags: ["overdue"], owner: "marco",
          approvals: [
            ApprovalView(group: "product", quorum: 1, approvedBy: ["priya"]), ApprovalView(group: "legal", quorum: 1),
          ], title: "Launch copy approved by Product and Legal"),
        Sample.item("kb-article", "de", function: .support, due: "2027-02-26", title: "Knowledge base article (de)"),
      ])
    #expect(
      text(list) == """
        ITEM           STATE          DUE         FLAGS    OWNER    TITLE
        Engineering
        qa             done           2027-03-01           ibrahim  Feature-complete and QA-tested
        Marketing
        launch-copy    in-review 1/2  2027-02-16  overdue  marco    Launch copy approved by Product and Leg…
        Support
        kb-article/de  open           2027-02-26           -        Knowledge base article (de)
        3 items, 1 done, 1 overdue

        """)
  }

  @Test(
    "An item in review shows how many approvals of all its quorums it has",
    arguments: [
      ([], "0/2"), (["lena"], "1/2"), (["lena", "lex"], "2/2"), (["lena", "lex", "aiko"], "2/2"),
    ] as [([String], String)])
  func quorum(approvedBy: [String], shown: String) {
    let item = Sample.item(
      "launch-copy", nil, .inReview, approvals: [ApprovalView(group: "legal", quorum: 2, approvedBy: approvedBy)])
    let list = text(ItemList(launch: Sample.launch, items: [item]))
    #expect(list.contains("in-review \(shown) "), "\(list)")
    let detail = text(ItemDetail(launch: Sample.launch, item: item, history: []))
    let names = approvedBy.isEmpty ? "nobody yet" : approvedBy.joined(separator: ", ")
    #expect(detail.contains("legal: \(names) (\(approvedBy.count) of 2)"), "\(detail)")
  }

  @Test("An item shows who executes what it documents, and who presented")
  func people() {
    var item = Sample.item("rollback-procedure", nil, .done)
    #expect(!text(ItemDetail(launch: Sample.launch, item: item, history: [])).contains("xecuted"))
    (item.person, item.presenter) = ("lena", "erin")
    let detail = text(ItemDetail(launch: Sample.launch, item: item, history: []))
    #expect(detail.contains("Executed by") && detail.contains("lena"), "\(detail)")
    #expect(detail.contains("Presented by") && detail.contains("erin"), "\(detail)")
  }

  @Test("A single event is counted in the singular")
  func oneEvent() {
    #expect(text(PublishTally(read: 1, stored: 1)) == "1 event: 1 stored, 0 duplicate, 0 rejected\n")
    #expect(text(PublishTally(read: 2, rejected: 2)) == "2 events: 0 stored, 0 duplicate, 2 rejected\n")
    #expect(text(ItemList(launch: Sample.launch, items: [Sample.item("qa")])).hasSuffix("\n1 item, 0 done\n"))
    let scoped = ItemList(
      launch: Sample.launch, items: [Sample.item("qa", nil, .done)] + ["a", "b"].map { Sample.item($0, nil, .voided) })
    #expect(text(scoped).hasSuffix("\n1 item, 1 done (2 void)\n"), "a voided item is not counted as an open one")
  }

  @Test("For each other tier, the three smallest changes and the number of further ones are shown")
  func alternatives() {
    let many = (1...20).map { number in
      TierAlternative(tier: .moderate, changes: (0...(20 - number) / 4).map { "change \(number).\($0)" })
    }
    let classification = Classification(
      tier: .minor, tierReasons: [], assumed: [], openQuestions: [],
      alternatives: [TierAlternative(tier: .major, changes: ["companyWide: true"])] + many)
    let shown = text(classification)
    #expect(
      shown.contains(
        """
        What would change the tier
          · tier 1: companyWide: true
          · tier 2: change 17.0
          · tier 2: change 18.0
          · tier 2: change 19.0
          · tier 2: 17 more with -o json

        """), "\(shown)")
  }

  @Test("Rejected announcements are counted next to unsent ones")
  func refusedAnnouncements() {
    var status = SystemStatus(services: [
      ServiceStatus(name: .bus, status: .up, pid: 1, version: "0.1.0"),
      ServiceStatus(name: .tiering, status: .up, pid: 2, version: "0.1.0", lag: 0, unsent: 0, refused: 2),
      ServiceStatus(name: .checklist, status: .up, pid: 3, version: "0.1.0", lag: 1, unsent: 3, refused: 0),
    ])
    #expect(
      text(status) == """
        SERVICE    STATUS  PID  VERSION  LAG          UNSENT  DETAIL
        bus        up        1  0.1.0      -               -
        tiering    up        2  0.1.0      0  0 (2 rejected)
        checklist  up        3  0.1.0      1               3

        """)
    let check = Diagnosis.rejectionCheck(status)
    #expect(check?.verdict == .fail && check?.detail == "the bus rejected 2 announcements from tiering")
    status.services[1].refused = 0
    #expect(Diagnosis.rejectionCheck(status) == nil)
  }

  @Test("A chain that its store contradicts fails doctor's check; one that could not be read does not")
  func contradiction() {
    let head = ChainHead(length: 3, hash: "h")
    var report = AuditReport(services: [
      AuditVerification(service: .checklist, chains: [VerifiedChain(launch: "smart-routing", head: head, broken: nil)])
    ])
    #expect(Diagnosis.auditCheck(report).verdict == .ok)
    report.unreachable = [.metrics]
    #expect(Diagnosis.auditCheck(report).verdict == .warn)
    let broken = BrokenLink(length: 2, detail: "item:qa was changed", key: "item:qa")
    report.services = [
      AuditVerification(
        service: .checklist, chains: [VerifiedChain(launch: "smart-routing", head: head, broken: broken)])
    ]
    let check = Diagnosis.auditCheck(report)
    #expect(check.verdict == .fail && check.detail == "checklist, smart-routing, link 2: item:qa was changed")
    #expect(!HealthReport(checks: [check]).isHealthy)
  }

  @Test("As many feeds as are followed are a warning of doctor, which says how to have fewer; one less is none")
  func feeds() throws {
    let feed = FeedView(
      type: SignalType.ticketOpened.rawValue, source: "//host-1/", state: .alive, firstSeen: nil, lastSeen: nil,
      rhythm: .learning)
    var view = FeedsView(
      asOf: Sample.time("2027-03-12T14:00:00Z"), complete: true, feeds: [FeedView](repeating: feed, count: 999))
    #expect(Diagnosis.feedCheck(view) == nil)
    view.feeds.append(feed)
    view.full = true
    let check = try #require(Diagnosis.feedCheck(view))
    #expect(check.name == "feeds" && check.verdict == .warn && HealthReport(checks: [check]).isHealthy)
    #expect(check.detail.hasPrefix("1000 feeds are tracked, which is the limit"))
    #expect(check.fix?.contains("under a few sources") == true)
    view.incomplete = ["com.example.done"]
    let incomplete = try #require(Diagnosis.feedCheck(view))
    #expect(incomplete.detail.contains("not all sources of com.example.done are, so figures that rest on it"))
  }

  @Test("Damage of the log fails the check of doctor, with its offsets and what to do")
  func damage() {
    var status = SystemStatus(services: [ServiceStatus(name: .bus, status: .up, pid: 1, version: "0.1.0")])
    #expect(Diagnosis.logCheck(status).verdict == .ok)
    status.services[0].damage = [LogDamage(.missing, 2...38), LogDamage(.changed, 40...40)]
    let check = Diagnosis.logCheck(status)
    #expect(check.verdict == .fail)
    #expect(
      check.detail == "events 2 to 38 are missing; event 40 is damaged, and the checksum does not match")
    #expect(check.fix?.contains("gonogo-bus repair") == true)
  }

  @Test(
    "A group's clock shows how long it has taken, and who has to act",
    arguments: [
      (
        ApprovalClock(
          requestedAt: Sample.time("2027-02-01T15:00:00Z"), responseMinutes: 180, waitedMinutes: 180,
          waitsFor: .reviewers), "3 business hours to respond so far"
      ),
      (
        ApprovalClock(
          requestedAt: Sample.time("2027-02-01T15:00:00Z"), firstResponseAt: Sample.time("2027-02-01T19:00:00Z"),
          responseMinutes: 60, waitedMinutes: 240, waitsFor: .author),
        "1 business hour to respond, waits for its author"
      ),
      (
        ApprovalClock(
          requestedAt: Sample.time("2027-02-01T15:00:00Z"), firstResponseAt: Sample.time("2027-02-02T15:00:00Z"),
          resolvedAt: Sample.time("2027-02-03T03:00:00Z"), responseMinutes: 1_440, waitedMinutes: 2_160),
        "1 business day to respond, approved after 1.5 business days"
      ),
    ])
  func clock(clock: ApprovalClock, expected: String) {
    let approval = ApprovalView(group: "legal", quorum: 1, clock: clock)
    let item = Sample.item("launch-copy", nil, .inReview, approvals: [approval])
    let shown = text(ItemDetail(launch: Sample.launch, item: item, history: []))
    #expect(shown.contains(expected), "\(shown)")
  }

  @Test("What people hold is shown by launch, with the command that moves their items")
  func holdings() {
    let launch = LaunchHoldings(
      launch: Sample.launch, owns: true, items: ["qa", "load-test"], asked: ["launch-copy for legal"],
      approvals: ["faq for product"], votes: [.engineering])
    let shown = text(HoldingsReport(people: [PersonHoldings(person: "lena", launches: [launch])]))
    for part in [
      "open items", "qa, load-test", "approvals asked for", "launch-copy for legal", "approvals that count",
      "faq for product", "answers to the poll", "Engineering", "gonogo launch set smart-routing owner=PERSON",
      "gonogo item assign --from lena --to PERSON",
    ] {
      #expect(shown.contains(part), "\(shown)")
    }
  }

  @Test("A closed gate shows its reasons")
  func gate() {
    let reason = ReadinessReason(
      code: "item-not-done", item: "qa", function: .engineering, detail: "qa is not done (Engineering)")
    let gate = GateView(
      open: false, of: DecisionView(launch: Sample.launch, decision: .go, stale: true), reasons: [reason])
    #expect(text(gate) == "closed: smart-routing may not ship\n  · qa is not done (Engineering)\n")
  }

  @Test("Projections are shown beside actual figures, and too few launches are stated plainly")
  func calibration() {
    func launch(_ id: String, _ projection: ProjectionView, _ outcome: Double, inside: Bool?) -> ProjectedLaunch {
      ProjectedLaunch(
        launch: Sample.id(id), attempt: 1, metric: "adoption", tier: .moderate, target: ">= 30%",
        windowStart: Timestamp(microseconds: 0), projection: projection, outcome: outcome, inside: inside,
        reached: outcome >= 0.3)
    }
    let few = launch("first", ProjectionView(day: 7, launches: 1), 0.25, inside: nil)
    let projection = ProjectionView(day: 7, launches: 4, median: 0.278, low: 0.21, high: 0.405, chance: 0.695)
    let shown = text(
      CalibrationView(
        day: 7, launches: [few, launch("second", projection, 0.33, inside: true)],
        summary: CalibrationSummary(
          count: 1, coverage: 1, low: 0.207, high: 1, above: 1, brier: 0.093,
          bins: [CalibrationBin(count: 1, stated: 0.695, reached: 1)])))
    for part in [
      "LAUNCH  METRIC    TIER  PROJECTED", "too few: 1 earlier launch ", "27.8% (21% to 40.5%)",
      "33%  yes      69.5%  yes",
      "100% (95% interval 20.7% to 100%)", "69.5% on average in 1 projection, of which 100% reached the target",
    ] {
      #expect(shown.contains(part), "\(shown)")
    }
    let none = text(CalibrationView(day: 7, launches: [few], summary: CalibrationSummary(count: 0)))
    #expect(none.contains("Too few: a projection needs four earlier launches"), "\(none)")
    let empty = text(CalibrationView(day: 7, launches: [], summary: CalibrationSummary(count: 0)))
    #expect(empty.contains("no adoption window of more than 7 days has ended yet"), "\(empty)")
  }

  @Test(
    "Numbers have no more digits than necessary",
    arguments: [
      (0.3125, 1, "0.3"), (12.0, 2, "12"), (-1.5, 2, "-1.5"), (0.05, 2, "0.05"), (1.005, 0, "1"), (99.95, 1, "100"),
      (0, 3, "0"),
    ])
  func digits(value: Double, count: Int, text: String) { #expect(value.digits(count) == text) }
}
