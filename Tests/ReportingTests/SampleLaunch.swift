import Contract
import JSON
import LaunchModel
import Reporting
import Testing

/// A launch that worked in part, with answers as the services give them.
enum SampleLaunch {
  static let launch = id("smart-routing")

  static func id(_ text: String) -> LaunchID {
    guard let id = LaunchID(text) else {
      Issue.record("\(text) is not a launch id")
      return launch
    }
    return id
  }

  static func date(_ text: String) -> LocalDate { LocalDate(text) ?? LocalDate(ordinal: 0) }

  static func time(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(microseconds: 0) }

  static let exposedAt = time("2027-03-02T14:00:00Z")

  /// The launch shipped on 2 March, with the review closed on 5 April.
  static func report() -> LaunchReport {
    LaunchReport(
      at: time("2027-04-06T09:30:00Z"), launch: record(), items: items, readiness: readiness, poll: poll,
      decision: decision, exposure: exposure, metrics: metrics, series: series, gaps: gaps, plan: plan,
      earlier: earlier, agenda: agenda, review: review,
      chains: [
        CitedChain(service: .tiering, head: ChainHead(length: 9, hash: String(repeating: "1a", count: 32))),
        CitedChain(service: .checklist, head: ChainHead(length: 131, hash: String(repeating: "2b", count: 32))),
      ])
  }

  static func record(
    name: String = "Smart routing", tier: Tier = .major, status: LaunchStatus = .closed
  ) -> LaunchRecord {
    LaunchRecord(
      plan: LaunchPlan(
        launch: launch, name: name, owner: "dana", feature: "smart-routing", date: date("2027-03-02"),
        timeZone: "America/New_York", facts: Facts(kinds: [.newSurface])),
      tier: tier, tierComputed: tier, tierReasons: [], assumed: [], openQuestions: [], alternatives: [],
      reachedOn: [:], earliestDate: date("2027-02-10"), status: status, proposedAt: time("2027-01-13T14:00:00Z"),
      proposedBy: "dana")
  }

  static let exposure = ExposureView(
    launch: launch, attempts: [ExposureAttempt(attempt: 1, startedAt: exposedAt)], percentage: 100, backdated: false,
    violations: [])

  static let decision = DecisionView(
    launch: launch, decision: .go, digest: String(repeating: "c0ffee01", count: 8), at: time("2027-03-01T15:00:00Z"),
    by: "dana (claimed by uid:1000)", confirmedAt: time("2027-03-02T13:30:00Z"), recommendation: .go)

  static let poll = PollView(
    launch: launch, required: true,
    votes: [
      PollVote(function: .engineering, answer: .go, by: "ibrahim", at: time("2027-02-26T10:00:00Z")),
      PollVote(
        function: .support, answer: .go, by: "lena", at: time("2027-02-26T11:00:00Z"), note: "with two extra people"),
    ], silent: [.sales])

  static let readiness = ReadinessView(
    launch: launch, name: "Smart routing", tier: .major, date: date("2027-03-02"), recommendation: .go, reasons: [],
    functions: [
      FunctionReadiness(function: .engineering, state: .ready, done: 3, total: 3, blocking: [], nextDue: nil),
      FunctionReadiness(
        function: .marketing, state: .ready, done: 1, total: 2, blocking: [], nextDue: nil, waived: ["press-kit"]),
      FunctionReadiness(function: .support, state: .ready, done: 3, total: 3, blocking: [], nextDue: nil),
    ])

  // MARK: Items

  static let items = [
    item("qa", .engineering, "Feature-complete and QA-tested", due: "2027-02-16", done: "2027-02-12"),
    item("load-test", .engineering, "Load test at twice the expected peak", due: "2027-02-19", done: "2027-02-27"),
    item("rollback", .engineering, "Rollback rehearsed", due: "2027-02-24", done: "2027-02-24"),
    item("positioning", .marketing, "Positioning and messaging approved", due: "2027-02-09", done: "2027-02-08"),
    item("press-kit", .marketing, "Press kit", due: "2027-02-22", done: nil, state: .waived),
    item("kb-article", .support, "Help article", "en", due: "2027-02-23", done: "2027-02-19"),
    item("kb-article", .support, "Help article", "de", due: "2027-02-23", done: "2027-02-25"),
    item("training", .support, "Support trained on the new flow", due: "2027-02-25", done: "2027-02-24"),
    item("old-item", .sales, "Replaced by another", due: "2027-02-01", done: nil, state: .voided),
  ]

  static func item(
    _ key: String, _ function: LaunchFunction, _ title: String, _ instance: String? = nil, due: String, done: String?,
    state: ItemState = .done
  ) -> ItemView {
    ItemView(
      key: key, instance: instance, section: "Readiness", function: function, title: title, state: state,
      gate: .blocking, due: date(due), overdue: false, why: "A launch before this one.", version: 1,
      doneOn: done.map(date))
  }

  // MARK: Metrics

  /// The accounts of 400 that had adopted it by each day.
  static let adopted = [
    6, 12, 19, 26, 33, 39, 44, 49, 54, 58, 62, 66, 69, 72, 75, 78, 80, 83, 85, 87, 89, 91, 93, 95, 97, 98, 100, 101,
    103,
    104,
  ]
  static let tickets = [31, 24, 17, 9, 8, 5, 4]

  static let metrics = MetricsView(
    launch: launch, sealed: true, digest: String(repeating: "5ea1", count: 16), asOf: time("2027-04-06T09:30:00Z"),
    offset: 90_412, metrics: [adoption, ticketMetric(), satisfaction, articles], attempt: 1)

  static let adoption: MetricView = {
    var view = metric("adoption", .missed, days: 30)
    (view.value, view.numerator, view.denominator, view.n) = (0.26, 104, 400, 400)
    (view.low, view.high) = (0.22, 0.305)
    (view.target, view.expectation, view.baseline) = (">= 30%", ">= 30%", .string("not offered before"))
    view.curve = adopted.enumerated().map { CurvePoint(day: $0.offset + 1, numerator: $0.element, denominator: 400) }
    return view
  }()

  static func ticketMetric(raisedAt: Timestamp? = nil) -> MetricView {
    var view = metric("tickets", raisedAt == nil ? .met : .missed, days: 7)
    (view.value, view.numerator, view.n, view.expectation) = (98, 98, 98, "forecast 120")
    view.spike = SpikeView(
      raisedAt: raisedAt, count: raisedAt == nil ? 0 : 1, expected: 120, ratio: 0.82, evidence: 0.4, dispersion: 1.2)
    return view
  }

  static let satisfaction: MetricView = {
    var view = metric("csat", .met, days: 30)
    (view.value, view.numerator, view.denominator, view.n) = (0.88, 176, 200, 200)
    (view.low, view.high, view.expectation) = (0.828, 0.918, "margin 5%")
    view.satisfaction = SatisfactionView(probabilityWorse: 0.03, othersShare: 0.9, others: 5_120)
    return view
  }()

  static let articles: MetricView = {
    var view = metric("kb", .met, days: 30, kind: "articles")
    (view.value, view.numerator, view.denominator, view.n) = (0.8, 48, 60, 60)
    (view.low, view.high, view.expectation) = (0.682, 0.882, ">= 70% helpful")
    return view
  }()

  private static func metric(_ key: String, _ verdict: Verdict, days: Int, kind: String? = nil) -> MetricView {
    MetricView(
      key: key, kind: kind ?? key, verdict: verdict, windowStart: exposedAt, windowEnd: exposedAt.adding(days: days))
  }

  static let series = [
    SeriesView(
      launch: launch, key: "tickets", kind: "tickets",
      points: tickets.enumerated().map {
        SeriesPoint(day: $0.offset + 1, numerator: $0.element, value: Double($0.element))
      })
  ]

  static let gaps: [GapView] = {
    var adoption = GapView(
      launch: launch, attempt: 1, key: "adoption", kind: "adoption", asOf: time("2027-04-06T09:30:00Z"),
      verdict: .missed, unit: .share, value: 0.26, comparedWith: .target, reference: 0.3,
      dimensions: [
        GapView.Dimension(
          kind: .segment,
          parts: [
            GapView.Part(label: "enterprise", contribution: -0.05, count: 20, total: 150),
            GapView.Part(label: "startup", contribution: 0.01, count: 84, total: 250),
          ])
      ])
    adoption.gap = -0.04
    return [
      adoption,
      GapView(
        launch: launch, attempt: 1, key: "tickets", kind: "tickets", asOf: time("2027-04-06T09:30:00Z"), verdict: .met,
        unit: .number, value: 98, comparedWith: .forecast, reference: 120),
    ]
  }()

  static let plan = PlanView(
    launch: launch, sealed: true,
    definition: [
      "metrics": [["key": "tickets", "kind": "tickets", "forecast": 120, "shares": [30, 20, 15, 10, 10, 8, 7]]]
    ])

  static let earlier = [
    earlier("saved-views", 0.34), earlier("bulk-edit", 0.22), earlier("macros", 0.41),
  ]

  /// A curve of 200 accounts that rises in a straight line.
  private static func earlier(_ launch: String, _ outcome: Double) -> EarlierLaunch {
    EarlierLaunch(
      launch: id(launch), outcome: outcome,
      curve: (1...30).map { CurvePoint(day: $0, numerator: Int(outcome * 200) * $0 / 30, denominator: 200) })
  }

  // MARK: Review

  static let agenda = AgendaView(
    launch: launch, attempt: 1, opensOn: date("2027-04-01"), state: .closed, metrics: [],
    topics: [
      AgendaView.Topic(
        id: "topic/1", label: "rules do not apply to reopened tickets", count: 32, share: 0.327,
        examples: ["Reopened tickets\nOur rule skips reopened tickets.\nWhy?", "Rule does not apply"],
        byDay: [8, 16, 4, 4], accounts: 21),
      AgendaView.Topic(
        id: "topic/2", label: "how to switch routing off for one team", count: 19, share: 0.194,
        examples: ["How do we switch routing off for one team?"], articleMatch: "routing-teams"),
    ],
    knowledgeGaps: [
      AgendaView.GapPoint(
        id: "gap/1", kind: "topic-without-article", subject: "rules do not apply to reopened tickets", count: 32,
        topic: "topic/1"),
      AgendaView.GapPoint(
        id: "search/export-tags", kind: "search-without-result", subject: "export tags csv", count: 41,
        outcome: "action smart-routing-a2: Write an article about exporting tags"),
    ],
    escalations: [
      AgendaView.EscalationPoint(
        id: "escalation/T-1042", ticket: "T-1042", account: "acme", level: "2", reason: "outage of their queue",
        at: time("2027-03-09T08:00:00Z"), outcome: "fixed in 4.2")
    ],
    customers: [
      AgendaView.CustomerPoint(
        id: "customer/acme", account: "acme", score: 7.5, reasons: ["opened 4 tickets", "escalated 1 ticket"],
        outcome: "action smart-routing-a1 (lena, done): called, they switched it on again"),
      AgendaView.CustomerPoint(
        id: "customer/globex", account: "globex", score: 4, reasons: ["gave 2 low scores"]),
    ],
    readiness: [
      AgendaView.ReadinessPoint(
        id: "late/load-test", kind: "late", detail: "Load test: done on 2027-02-27, due on 2027-02-19",
        outcome: "start earlier"),
      AgendaView.ReadinessPoint(id: "waived/press-kit", kind: "waived", detail: "Press kit: waived by dana"),
    ])

  static let review = ReviewView(
    launch: launch, attempt: 1, state: .closed, opensOn: date("2027-04-01"), opensAt: time("2027-04-01T14:00:00Z"),
    openedAt: time("2027-04-01T14:00:00Z"), closedAt: time("2027-04-05T16:00:00Z"), closedBy: "dana",
    digest: String(repeating: "d16e57", count: 10),
    closedWithout: ClosingOmission(parts: [.topics], reason: "the texts were lost."),
    attended: ["dana", "ibrahim", "lena"], absent: [.marketing],
    explanations: ["adoption": "Enterprise admins could not switch it on before the permissions release of 20 March."],
    outcomes: ["escalation/T-1042": "fixed in 4.2", "topic/3": "was merged into another one"],
    actions: [
      ActionView(
        id: "smart-routing-a1", launch: launch, attempt: 1, text: "Call acme about reopened tickets", owner: "lena",
        due: date("2027-04-09"), state: .done, overdue: false, outcome: "called, they switched it on again"),
      ActionView(
        id: "smart-routing-a2", launch: launch, attempt: 1, text: "Write an article about exporting tags",
        owner: "priya", due: date("2027-04-02"), state: .open, overdue: true),
    ],
    learnings: [
      LearningView(
        id: "smart-routing-l1", launch: launch, text: "Check permissions of enterprise admins before GO", by: "dana",
        at: time("2027-04-05T15:00:00Z"), proposedAt: time("2027-04-05T15:10:00Z"), adoptedAs: 4)
    ])

  // MARK: A quarter

  static let quarter = QuarterReport(
    at: time("2027-02-20T09:00:00Z"), from: date("2027-01-01"), to: date("2027-03-31"),
    launches: [
      QuarterLaunch(
        launch: summary("saved-views", "Saved views", .major, "2027-01-14", .measuring),
        decision: DecisionView(
          launch: id("saved-views"), decision: .go, inForce: true, at: time("2027-01-13T10:00:00Z"), by: "dana"),
        metrics: MetricsView(
          launch: id("saved-views"), sealed: true, digest: nil, asOf: time("2027-02-20T09:00:00Z"), offset: 1,
          metrics: [satisfaction, adoption])),
      QuarterLaunch(
        launch: summary("smart-routing", "Smart routing", .major, "2027-03-02", .decided),
        readiness: ReadinessView(
          launch: launch, name: "Smart routing", tier: .major, date: date("2027-03-02"), recommendation: .noGo,
          reasons: [],
          functions: [
            FunctionReadiness(
              function: .support, state: .blocked, done: 1, total: 3, blocking: ["kb-article/de"],
              nextDue: date("2027-02-23")),
            FunctionReadiness(function: .sales, state: .atRisk, done: 0, total: 1, blocking: [], nextDue: nil),
          ]),
        decision: DecisionView(
          launch: launch, decision: .go, stale: true, at: time("2027-02-18T10:00:00Z"), by: "dana")),
      QuarterLaunch(launch: summary("dark-mode", "Dark mode", .minor, "2027-03-20", .cancelled)),
    ])

  private static func summary(
    _ launch: String, _ name: String, _ tier: Tier, _ date: String, _ status: LaunchStatus
  ) -> LaunchSummary {
    LaunchSummary(
      id: id(launch), name: name, tier: tier, date: self.date(date), status: status, owner: "dana", shortfallDays: 0,
      version: 1)
  }
}
