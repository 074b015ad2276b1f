import LaunchModel

/// The story: a launch of tier 1, from its proposal to the better checklist that it leaves behind.
enum DemoScript {
  /// The parts, each with the moment at which the system's clock then begins.
  static let parts: [(moment: String, play: @Sendable (DemoPart) async throws -> Void)] = [
    ("2027-01-13T14:00:00Z", propose), ("2027-02-11T14:00:00Z", prepare), ("2027-02-26T15:00:00Z", decide),
    ("2027-03-02T14:00:00Z", launch), ("2027-03-09T16:00:00Z", watch), ("2027-04-01T15:00:00Z", review),
  ]

  static let id = "smart-routing"

  /// Day 0 begins within the part that is played on the launch date.
  static let exposure = "2027-03-02T15:00:00Z"

  private static func propose(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("13 January 2027", "A launch is proposed")
    story.say(
      "Ten people work on launches here. Dana Reyes runs them (Product Ops); each function has its lead. The roster "
        + "says who may do what, and every service checks by it.")
    try await story.run("roster", "adopt", part.path("people.yaml"), silently: true)
    story.say(
      "Dana proposes a launch. Its facts give it a tier, by a policy that explains itself. A new surface is tier 1; "
        + "whether it adds server compute nobody knows yet, so that counts as yes.")
    try await story.run("launch", "propose", part.path("smart-routing.yaml"))
    story.say("The checklist for that tier is there at once, each item with its owner and the day it is due.")
    try await story.run("item", "list", id)
    story.say("What success means is written down before the launch, and sealed: the hash goes into the decision.")
    try await story.run("metric", "define", id, part.path("metrics.yaml"), silently: true)
    try await story.run("metric", "seal", id)
    try await story.run("board")
  }

  private static func prepare(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("11 February", "Seven functions get ready, side by side")
    story.say(
      "Other systems complete items by what they publish. Here CI reports three runs and the knowledge "
        + "base an article in three languages.")
    let events = DemoEvents(launch: id, exposure: try moment(exposure))
    let now = try moment("2027-02-11T13:00:00Z")
    try part.write(
      ["qa", "performance-benchmarks", "load-test"].map { events.evidence($0, "4711", at: now) }
        + ["en", "de", "fr"].map { events.published(locale: $0, at: now) }, to: "preparation.ndjson")
    try await story.run("event", "publish", part.path("preparation.ndjson"))
    story.say(
      "People do the rest. The copy needs Product and Legal, one approval each; an email is never reviewed by "
        + "its author.")
    try await story.run("item", "done", id, "rollout-plan", as: "ibrahim")
    try await story.run(
      "item", "done", id, "rollback-procedure", "--evidence", "flag smart-routing to 0%; on call: Lena", as: "ibrahim")
    try await story.run("item", "submit", id, "launch-copy", "announcement-email", as: "marco")
    try await story.run("item", "approve", id, "launch-copy", as: "priya")
    try await story.run("item", "approve", id, "launch-copy", "--group", "legal", as: "sofia")
    try await story.run("item", "approve", id, "announcement-email", as: "aiko")
    try await story.run(
      "item", "done", id, "segment-email", "social-posts", "blog-post", "campaign", "--all-instances", as: "marco")
    try await story.run(
      "item", "done", id, "internal-demo", "--on", "2027-02-10", "--attended", "jonas,grace", as: "jonas")
    try await story.run("item", "done", id, "executive-communication", as: "jonas")
    try await story.run("item", "done", id, "support-macro", "escalation-path", "faq-answer", as: "grace")
    try await story.run("item", "done", id, "battle-card", "talking-points", "--all-instances", as: "tomas")
    try await story.run("item", "done", id, "release-notes", as: "priya")
    try await story.run("board")
  }

  private static func decide(_ part: DemoPart) async throws {
    let story = part.story
    story.chapter("26 February", "GO, provisionally")
    story.say(
      "The All-Hands was yesterday. Now every function's lead answers the poll; silence would be a NO-GO reason.")
    try await story.run("item", "done", id, "all-hands", "--on", "2027-02-25", as: "dana")
    let leads = ["ibrahim", "priya", "marco", "jonas", "tomas", "grace"]
    for (index, lead) in leads.enumerated() {
      try await story.run("poll", id, "go", as: lead, silently: true, place: (index, leads.count))
    }
    try await story.run("poll", id)
    try await story.run("ready", id)
    story.say("A GO that is given before the launch date is provisional: the gate, which pipelines ask, stays closed.")
    try await story.run("decide", id, "go", "--reason", "everything is in place", as: "dana")
    try await story.run("gate", id, expecting: .no)
  }

  static func moment(_ text: String) throws(GatewayError) -> Timestamp {
    guard let moment = Timestamp(text) else { throw GatewayError(.no, "\(text) is no time") }
    return moment
  }
}
