import Contract
import JSON
import LaunchModel

/// The plot of the demo: a tier 1 launch, from its proposal to the checklist improvement that it leads to.
enum DemoScript {
  /// A scene of the demo, with the time at which the simulated clock starts.
  struct Scene: Sendable {
    var date: String
    var play: @Sendable (DemoPart) async throws -> Void
  }

  static let scenes = [
    Scene(date: "2026-12-01T14:00:00Z", play: begin), Scene(date: "2027-01-05T14:00:00Z", play: conclude),
    Scene(date: "2027-01-13T14:00:00Z", play: propose), Scene(date: "2027-02-11T14:00:00Z", play: prepare),
    Scene(date: "2027-02-26T15:00:00Z", play: decide), Scene(date: "2027-03-02T14:00:00Z", play: launch),
    Scene(date: "2027-03-04T16:00:00Z", play: surprise), Scene(date: "2027-03-06T16:00:00Z", play: lose),
    Scene(date: "2027-03-09T16:00:00Z", play: watch), Scene(date: "2027-04-01T15:00:00Z", play: review),
  ]

  static let id = "smart-routing"

  /// The start of day 0, during the scene of the launch date.
  static let exposure = "2027-03-02T15:00:00Z"

  private static func begin(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("1 December 2026", "Four launches before")
    story.tell(
      "Ten people work on launches here. Dana Reyes of Product Ops runs them; each function has a lead. The roster "
        + "defines who may do what, and every service enforces it. Four launches go out on this day.")
    try await story.run("roster", "adopt", part.path("people.yaml"), silently: true)
    try await DemoHistory.ship(part)
  }

  private static func conclude(_ part: DemoPart) async throws {
    part.story.chapter("5 January 2027", "Their thirty days are over")
    part.story.tell(
      "Product analytics has published who used the features, and their reviews are closed. Their adoption, day by "
        + "day, is kept: later launches are projected from it.")
    try await DemoHistory.conclude(part)
    _ = try await part.wait(for: "the curves", MetricsRoutes.calibration, CalibrationRequest()) {
      $0.launches.count == DemoHistory.count
    }
    try await part.story.run("metric", "calibration")
  }

  private static func propose(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("13 January", "A launch is proposed")
    story.tell(
      "Dana proposes a launch. A policy computes its tier from the facts, and explains it: a new surface is tier 1. "
        + "Nobody knows yet whether it adds server compute, so that counts as yes.")
    try await story.run("launch", "propose", part.path("smart-routing.yaml"))
    story.tell("The launch has the checklist for that tier at once, each item with its function and due date.")
    try await story.run("item", "list", id)
    story.tell(
      "Success is defined before the launch, and sealed: the decision will include the seal's hash. The helpdesk "
        + "and the knowledge base have not delivered anything yet, so not every metric can be measured, and the seal needs a "
        + "reason.")
    try await story.run("metric", "define", id, part.path("metrics.yaml"), silently: true)
    try await story.run("metric", "seal", id, "--reason", "the feeds are connected before the launch")
    try await story.run("board")
  }

  private static func prepare(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("11 February", "Seven functions get ready, side by side")
    story.tell(
      "Other systems complete items by publishing events. Here CI reports three runs, and the knowledge base an "
        + "article in three languages.")
    let events = DemoEvents(launch: id, exposure: try moment(exposure))
    let now = try moment("2027-02-11T13:00:00Z")
    try part.write(
      ["qa", "performance-benchmarks", "load-test"].map { events.evidence($0, "4711", at: now) }
        + ["en", "de", "fr"].map { events.published(locale: $0, at: now) } + [events.publishedOnRules(at: now)],
      to: "preparation.ndjson")
    try await story.run("event", "publish", part.path("preparation.ndjson"))
    story.tell(
      "People do the rest. The launch copy needs one approval each from Product and Legal; nobody reviews their own "
        + "email.")
    try await story.run("item", "done", id, "rollout-plan", as: "ibrahim")
    try await story.run(
      "item", "done", id, "rollback-procedure", "--evidence", "flag smart-routing to 0%", "--person", "lena",
      as: "ibrahim")
    try await story.run(
      "item", "submit", id, "launch-copy", "announcement-email", "--link", "https://docs.example/copy", as: "marco")
    try await story.run("item", "approve", id, "launch-copy", as: "priya")
    try await story.run("item", "approve", id, "launch-copy", "--group", "legal", as: "sofia")
    try await story.run("item", "approve", id, "announcement-email", as: "aiko")
    try await story.run(
      "item", "done", id, "segment-email", "social-posts", "blog-post", "campaign", "--all-instances", "--link",
      "https://cms.example/7", as: "marco")
    story.tell("An item asserts something: a demo without an audience, or with only its presenter, does not count.")
    try await story.run(
      "item", "done", id, "internal-demo", "--on", "2027-02-10", "--attended", "jonas", as: "jonas",
      expecting: .badInput)
    try await story.run(
      "item", "done", id, "internal-demo", "--on", "2027-02-10", "--attended", "jonas,grace", "--presenter", "priya",
      as: "jonas")
    try await story.run(
      "item", "done", id, "executive-communication", "--evidence", "called all five sponsors", as: "jonas")
    try await story.run(
      "item", "done", id, "support-macro", "escalation-path", "faq-answer", "--link", "https://help.example/routing",
      as: "grace")
    try await story.run(
      "item", "done", id, "battle-card", "talking-points", "--all-instances", "--link", "https://docs.example/sales",
      as: "tomas")
    try await story.run("item", "done", id, "release-notes", "--link", "https://docs.example/notes", as: "priya")
    try await story.run("board")
  }

  private static func decide(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("26 February", "GO, provisionally")
    story.tell(
      "The All-Hands was yesterday. Now the lead of each function answers the poll; a missing answer is a reason for "
        + "NO-GO. Dana also confirms the date, which the policy asks for every two weeks before a launch."
    )
    try await story.run("launch", "reconfirm", id, as: "dana", silently: true)
    try await story.run(
      "item", "done", id, "all-hands", "--on", "2027-02-25", "--link", "https://docs.example/all-hands", as: "dana")
    let leads = ["ibrahim", "priya", "marco", "jonas", "tomas", "grace"]
    for (index, lead) in leads.enumerated() {
      try await story.run("poll", id, "go", as: lead, silently: true, place: (index, leads.count))
    }
    try await story.run("poll", id)
    try await story.run("ready", id)
    story.tell(
      "A GO given before the launch date is provisional: the gate, which deploy pipelines check, stays closed.")
    try await story.run("decide", id, "go", "--reason", "everything is in place", as: "dana")
    try await story.run("gate", id, expecting: .no)
  }

  private static func moment(_ text: String) throws(GatewayError) -> Timestamp {
    guard let moment = Timestamp(text) else { throw GatewayError(.no, "\(text) is not a time") }
    return moment
  }

  /// The launch date: confirmation, a regression, and the first exposure.
  private static func launch(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("2 March", "The launch date")
    story.tell("It is nine in the morning in New York. Dana confirms the GO, and the gate opens.")
    try await story.run("decide", id, "confirm", as: "dana")
    try await story.run("gate", id)
    story.tell(
      "Then Lena finds a regression. An item that the GO was based on is no longer done: the GO is stale, and the "
        + "gate closes by itself.")
    try await story.run("item", "reopen", id, "qa", "--reason", "regression in rule import", as: "lena")
    try await story.run("gate", id, expecting: .no)
    story.tell("The fix passes its tests, CI reports that on the bus, and Dana decides again.")
    let events = DemoEvents(launch: id, exposure: try moment(exposure))
    try part.write([events.evidence("qa", "4712", at: try moment("2027-03-02T14:00:00Z"))], to: "fix.ndjson")
    try await story.run("event", "publish", part.path("fix.ndjson"))
    try await story.run("decide", id, "go", "--reason", "the regression is fixed", as: "dana")
    let decision = try await part.session.call(ChecklistRoutes.showDecision, LaunchReference(launch: try launchID()))
      .value
    if !decision.inForce { try await story.run("decide", id, "confirm", as: "dana") }
    try await story.run("gate", id)
    story.tell("It ships. This is day 0, when the windows of the metrics begin.")
    try await story.run("launch", "ship", id, as: "dana")
  }

  /// Two days after the launch: more tickets than forecast.
  private static func surprise(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("4 March", "Day 2: more tickets than forecast")
    story.tell(
      "Product analytics, the helpdesk and the knowledge base publish what happens; each event is acknowledged. 124 "
        + "people have asked Support, where 120 were forecast for the whole week.")
    try part.write(try await events(part).signals(days: 0..<2), to: "days-1-2.ndjson")
    try await story.run("event", "publish", part.path("days-1-2.ndjson"))
    _ = try await part.wait(for: "the spike", MetricsRoutes.verdicts, VerdictRequest(launch: try launchID())) {
      $0.metrics.contains { $0.spike?.raisedAt != nil }
    }
    try await part.wait(forEvent: Announcements.noticeSpike.name)
    story.tell("That is a spike. The people concerned are notified immediately, and only once.")
    try await story.run("event", "tail", "--after", "0", "--type", Announcements.noticeSpike.name, "--no-follow")
    try await part.wait(forEvent: Announcements.reviewTopics.name)
    story.tell(
      "Within a minute, gonogo names the topics that drive it, found in the tickets' texts: more customers are looking "
        + "for the switch than on the first day.")
    try await story.run("event", "tail", "--after", "0", "--type", Announcements.reviewTopics.name, "--no-follow")
    try await story.run("review", "topics", id)
    try await story.run("metric", "series", id, "tickets")
  }

  /// Two days after that.
  private static func lose(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("6 March", "Day 4: the scores are missing")
    story.tell(
      "Support has put the switch into the first line of the article, and tickets go down. But the bridge to the "
        + "survey tool reports that no scores came for two days. Figures that need them are unknown, neither met nor "
        + "missed.")
    let events = try await events(part)
    let now = events.exposure.adding(days: 4)
    try part.write(
      events.signals(days: 2..<4, withoutScoresOf: 2..<4) + [events.gap(days: 2..<4, isFilled: false, at: now)],
      to: "days-3-4.ndjson")
    try await story.run("event", "publish", part.path("days-3-4.ndjson"))
    try await story.run("metric", "feeds", "list", id)
    try await story.run("metric", "show", id)
  }

  /// A week after the launch.
  private static func watch(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("9 March", "Day 7: everything is there")
    story.tell(
      "The missing scores have arrived, and count for the days on which they were given. Adoption on day 30 is "
        + "projected from the first week, and from how the four earlier launches continued.")
    let events = try await events(part)
    let now = events.exposure.adding(days: 7)
    try part.write(
      events.signals(days: 4..<7) + events.scores(days: 2..<4) + [events.gap(days: 2..<4, isFilled: true, at: now)],
      to: "days-5-7.ndjson")
    try await story.run("event", "publish", part.path("days-5-7.ndjson"))
    try await story.run("launch", "stage", id, "100", as: "dana")
    try await story.run("metric", "show", id)
  }

  /// Day 30.
  private static func review(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("1 April", "Day 30: verdicts and the review")
    try part.write(try await events(part).signals(days: 7..<30), to: "month.ndjson")
    try await story.run("event", "publish", part.path("month.ndjson"))
    let reference = ReviewReference(launch: try launchID())
    _ = try await part.wait(for: "the review to open", ReviewRoutes.show, reference) { $0.state == .open }
    story.tell(
      "The windows have closed. The review opened by itself, with an agenda built from the data: verdicts, what "
        + "customers asked, and which questions no article answers.")
    try await story.run("review", "agenda", id)
    story.tell("The projection of day 7 is compared with the outcome, as for every launch.")
    _ = try await part.wait(for: "the curve", MetricsRoutes.calibration, CalibrationRequest()) {
      $0.launches.count == DemoHistory.count + 1
    }
    try await story.run("metric", "calibration")
    story.tell(
      "Before the review can be closed, every missed target needs an explanation, every point an outcome, and every "
        + "action an owner."
    )
    try await discuss(part, reference)
    try await story.run("review", "close", id, as: "dana")
    try await learn(part)
  }

  /// The explanation that the topics of the tickets suggest; see `DemoTickets`.
  private static let explanation =
    "administrators did not find the switch: half of all tickets ask where to switch smart routing on"

  private static func discuss(_ part: DemoPart, _ reference: ReviewReference) async throws {
    let story = part.story
    try await story.run(
      "review", "attend", id, "dana", "ibrahim", "priya", "marco", "jonas", "grace", as: "dana", silently: true)
    let agenda = try await part.session.call(ReviewRoutes.agenda, reference).value
    for point in agenda.metrics where point.metric.verdict == .missed {
      try await story.run(
        "review", "explain", id, point.metric.key, explanation, as: "priya", silently: true)
    }
    try await story.run(
      "review", "action", "outreach", id, "--owner", "jonas", "--due", "2027-04-09", as: "dana")
    if !agenda.customers.isEmpty {
      try await story.run(
        "review", "action", "done", "\(id)-a1", "--outcome", "called; they have found the switch", as: "jonas")
    }
    let points = agenda.openPoints
    for (index, point) in points.enumerated() {
      try await story.run(
        "review", "note", id, point, "talked through and accepted", as: "dana", silently: true,
        place: (index, points.count))
    }
    try await story.run(
      "review", "action", "add", id, "Move the switch to the first settings page", "--owner", "ibrahim", "--due",
      "2027-04-15",
      as: "dana")
  }

  private static func learn(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("The same day", "A better checklist for the next launch")
    story.tell(
      "What was learned becomes a proposed change to the template that cites the launch. Before it is adopted, it is "
        + "replayed on the earlier launches: which would have had the new item, and which would it have stopped?"
    )
    try await story.run(
      "review", "learning", "add", id, "Administrators must have seen the settings page before the launch", as: "jonas")
    let learnings = try await part.session.call(ReviewRoutes.listLearnings, NoParameters()).value.learnings
    guard let learning = learnings.last else { throw GatewayError(.no, "the demo stopped: the learning is missing") }
    try await story.run(
      "review", "learning", "propose", learning.id, part.path("learning.yaml"), as: "dana", silently: true)
    let templates = try await part.wait(for: "the proposal", ChecklistRoutes.listTemplates, NoParameters()) {
      $0.proposals.contains { $0.adoptedAs == nil }
    }
    guard let proposal = templates.proposals.first(where: { $0.adoptedAs == nil }) else {
      throw GatewayError(.no, "the demo stopped: the proposal is missing")
    }
    try await story.run("template", "replay", proposal.id)
    story.tell("Adopting it creates a new version of the template.")
    let running = try await startLaunch("macro-library", "Macro library", on: "2027-05-25", part)
    try await story.run("template", "adopt", proposal.id, as: "dana")
    try await startNext(part, from: proposal, besides: running)
    try await story.run("template", "record", "kb-article")
    try await story.run("audit", "verify", id)
    story.tell(
      "That is the whole chain: tier, sealed metrics, readiness, GO, signals, verdict, review, and a better checklist."
    )
  }

  /// Shows that the next launch has what was learned, and that a running launch keeps its checklist.
  private static func startNext(
    _ part: DemoPart, from proposal: TemplateProposalView, besides running: LaunchID
  ) async throws {
    let story = part.story
    guard let key = proposal.change.add.first?.key else {
      throw GatewayError(.no, "the demo stopped: the proposal adds nothing")
    }
    story.tell(
      "The next launch starts from version 2. Its new item names the learning and the launch behind it.")
    let next = try await startLaunch("queue-forecast", "Queue forecast", on: "2027-06-08", part)
    try await story.run("item", "show", next.rawValue, key)
    story.tell("A launch that was proposed before keeps the checklist that it started with.")
    try await story.run("item", "show", running.rawValue, key, expecting: .badInput)
  }

  /// Proposes a launch, and waits for its checklist.
  private static func startLaunch(
    _ feature: String, _ name: String, on date: String, _ part: DemoPart
  ) async throws -> LaunchID {
    guard let launch = LaunchID(feature) else { throw GatewayError(.no, "\(feature) is not a launch id") }
    _ = try await part.session.call(
      TieringRoutes.propose,
      ProposeLaunch(document: [
        "launch": .string(feature), "name": .string(name), "owner": "dana", "feature": .string(feature),
        "date": .string(date), "facts": ["kinds": ["new-surface"], "audience": "subset", "changesWorkflow": true],
      ]))
    _ = try await part.wait(for: "the checklist", ChecklistRoutes.items, LaunchReference(launch: launch)) {
      !$0.items.isEmpty
    }
    return launch
  }

  /// The events of the launch, dated from its recorded exposure.
  private static func events(_ part: DemoPart) async throws -> DemoEvents {
    let metrics = try await part.wait(
      for: "the exposure", MetricsRoutes.verdicts, VerdictRequest(launch: try launchID())
    ) { $0.metrics.contains { $0.windowStart != nil } }
    guard let start = metrics.metrics.compactMap(\.windowStart).first else {
      throw GatewayError(.no, "the demo stopped: no exposure is recorded")
    }
    return DemoEvents(launch: id, exposure: start)
  }

  private static func launchID() throws(GatewayError) -> LaunchID {
    guard let launch = LaunchID(id) else { throw GatewayError(.no, "\(id) is not a launch id") }
    return launch
  }
}

extension AgendaView {
  /// The ids of the points without an outcome, except the customers to call.
  var openPoints: [String] {
    topics.filter { $0.outcome == nil }.map(\.id)
      + knowledgeGaps.filter { $0.outcome == nil && $0.topic == nil }.map(\.id)
      + escalations.filter { $0.outcome == nil }.map(\.id) + readiness.filter { $0.outcome == nil }.map(\.id)
  }
}
