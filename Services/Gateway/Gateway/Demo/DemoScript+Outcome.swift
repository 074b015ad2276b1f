import Contract
import LaunchModel

extension DemoScript {
  /// The launch date: confirmation, a surprise, and the first exposure.
  static func launch(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("2 March", "The launch date")
    story.say("It is nine in the morning in New York. Dana confirms the GO, and the gate opens.")
    try await story.run("decide", id, "confirm", as: "dana")
    try await story.run("gate", id)
    story.say(
      "Then Lena finds a regression. The GO rested on an item that is not done any more: it is stale, and the gate "
        + "closes by itself.")
    try await story.run("item", "reopen", id, "qa", "--reason", "regression in rule import", as: "lena")
    try await story.run("gate", id, expecting: .no)
    story.say("The fix passes its tests, CI says so on the bus, and the decision is made again.")
    let events = DemoEvents(launch: id, exposure: try moment(exposure))
    try part.write([events.evidence("qa", "4712", at: try moment("2027-03-02T14:00:00Z"))], to: "fix.ndjson")
    try await story.run("event", "publish", part.path("fix.ndjson"))
    try await story.run("decide", id, "go", "--reason", "the regression is fixed", as: "dana")
    let decision = try await part.session.call(ChecklistRoutes.showDecision, LaunchReference(launch: try launchID()))
      .value
    if !decision.inForce { try await story.run("decide", id, "confirm", as: "dana") }
    try await story.run("gate", id)
    story.say("It ships. Day 0 begins here, and with it every window of the metrics.")
    try await story.run("launch", "ship", id, as: "dana")
  }

  /// A week later.
  static func watch(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("9 March", "A week of signals")
    story.say(
      "Product analytics, the helpdesk and the knowledge base have published what happened, each event with an "
        + "acknowledgement."
    )
    try part.write(try await events(part).signals(days: 0..<7), to: "week-1.ndjson")
    try await story.run("event", "publish", part.path("week-1.ndjson"))
    try await story.run("launch", "stage", id, "100", as: "dana")
    try await story.run("metric", "show", id)
  }

  /// Day 30.
  static func review(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("1 April", "Day 30: verdicts and the review")
    try part.write(try await events(part).signals(days: 7..<30), to: "month.ndjson")
    try await story.run("event", "publish", part.path("month.ndjson"))
    let reference = ReviewReference(launch: try launchID())
    _ = try await part.wait(for: "the review to open", ReviewRoutes.show, reference) { $0.state == .open }
    story.say(
      "The windows have closed. The review has opened by itself, and its agenda has written itself from the data.")
    try await story.run("review", "agenda", id)
    story.say(
      "A missed target needs an explanation, every point an outcome, every action an owner; before that the review "
        + "cannot be closed."
    )
    try await discuss(part, reference)
    try await story.run("review", "close", id, as: "dana")
    try await learn(part)
  }

  private static func discuss(_ part: DemoPart, _ reference: ReviewReference) async throws {
    let story = part.story
    try await story.run(
      "review", "attend", id, "dana", "ibrahim", "priya", "marco", "jonas", "grace", as: "dana", silently: true)
    let agenda = try await part.session.call(ReviewRoutes.agenda, reference).value
    for point in agenda.metrics where point.metric.verdict != .met {
      try await story.run(
        "review", "explain", id, point.metric.key,
        "administrators did not find the new settings, and a third of the accounts never switched it on", as: "priya",
        silently: true)
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
    story.say(
      "What was learned becomes a proposed change of the template, citing the launch. Adopting it makes a new version.")
    try await story.run(
      "review", "learning", "add", id, "Administrators must have seen the settings page before the launch", as: "jonas")
    let learnings = try await part.session.call(ReviewRoutes.listLearnings, NoParameters()).value.learnings
    guard let learning = learnings.last else { throw GatewayError(.no, "the learning is not there") }
    try await story.run(
      "review", "learning", "propose", learning.id, part.path("learning.yaml"), as: "dana", silently: true)
    let templates = try await part.wait(for: "the proposal", ChecklistRoutes.listTemplates, NoParameters()) {
      $0.proposals.contains { $0.adoptedAs == nil }
    }
    guard let proposal = templates.proposals.first(where: { $0.adoptedAs == nil }) else {
      throw GatewayError(.no, "the proposal is not there")
    }
    try await story.run("template", "adopt", proposal.id, as: "dana")
    try await story.run("template", "list")
    try await story.run("audit", "verify", id)
    story.say(
      "The next launch starts from version 2; running ones do not change by themselves. That is the whole chain: tier, "
        + "sealed metrics, readiness, GO, signals, verdict, review, and a better checklist."
    )
  }

  /// The events of the launch, from the exposure that is on record.
  private static func events(_ part: DemoPart) async throws -> DemoEvents {
    let metrics = try await part.wait(
      for: "the exposure", MetricsRoutes.verdicts, VerdictRequest(launch: try launchID())
    ) { $0.metrics.contains { $0.windowStart != nil } }
    guard let start = metrics.metrics.compactMap(\.windowStart).first else {
      throw GatewayError(.no, "there is no exposure")
    }
    return DemoEvents(launch: id, exposure: start)
  }

  private static func launchID() throws(GatewayError) -> LaunchID {
    guard let launch = LaunchID(id) else { throw GatewayError(.no, "\(id) is no launch id") }
    return launch
  }
}

extension AgendaView {
  /// The ids of the points that have no outcome yet.
  fileprivate var openPoints: [String] {
    knowledgeGaps.filter { $0.outcome == nil }.map(\.id) + escalations.filter { $0.outcome == nil }.map(\.id)
      + customers.filter { $0.outcome == nil }.map(\.id) + readiness.filter { $0.outcome == nil }.map(\.id)
  }
}
