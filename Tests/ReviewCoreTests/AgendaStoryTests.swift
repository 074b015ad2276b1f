import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("Readiness timeline in the agenda")
struct AgendaStoryTests {
  @Test("Late, unfinished and waived items are listed with their dates; punctual, voided and future ones are not")
  func items() throws {
    var sources = try Fixture.sources(items: [
      try Fixture.item("qa", state: .done, due: "2027-02-26"),
      try Fixture.item("kb-article", instance: "de", state: .done, due: "2027-02-26"),
      try Fixture.item("load-test", state: .waived, due: "2027-02-26", reason: "no new servers"),
      try Fixture.item("blog-post", state: .inReview, due: "2027-03-01"),
      try Fixture.item("press-strategy", state: .voided, due: "2027-02-01"),
      try Fixture.item("all-hands", state: .open, due: "2027-04-01"),
    ])
    sources.doneAt = [
      // 23:30 in New York on the due date, and 30 minutes into the next day.
      ItemReference(key: "qa"): try Fixture.time("2027-02-27T04:30:00Z"),
      ItemReference(key: "kb-article", instance: "de"): try Fixture.time("2027-02-27T05:30:00Z"),
    ]
    let points = try Agenda(sources).view.readiness
    #expect(points.map(\.id) == ["late/kb-article/de", "waived/load-test", "not-done/blog-post"])
    #expect(
      points.map(\.detail) == [
        "The kb-article (de): done on 2027-02-27, due on 2027-02-26", "The load-test: waived: no new servers",
        "The blog-post: still in-review, due on 2027-03-01",
      ])
  }

  @Test("An item's completion day decides whether it was late, not the day it was marked")
  func doneOn() throws {
    var sources = try Fixture.sources(items: [
      try Fixture.item("internal-demo", state: .done, due: "2027-02-22", doneOn: "2027-02-22"),
      try Fixture.item("kb-article", state: .done, due: "2027-02-22", doneOn: "2027-02-23"),
    ])
    let (late, early) = (try Fixture.time("2027-02-25T15:00:00Z"), try Fixture.time("2027-02-20T15:00:00Z"))
    sources.doneAt = [ItemReference(key: "internal-demo"): late, ItemReference(key: "kb-article"): early]
    let points = try Agenda(sources).view.readiness
    #expect(points.map(\.detail) == ["The kb-article: done on 2027-02-23, due on 2027-02-22"])
  }

  @Test("Overrides, stale decisions and violations are listed in order, each violation once")
  func story() throws {
    func event(_ kind: TimelineEvent.Kind, _ time: String, _ detail: String, attempt: Int? = nil) throws
      -> TimelineEvent
    {
      TimelineEvent(kind: kind, at: try Fixture.time(time), attempt: attempt, detail: detail)
    }
    let points = try Agenda(
      try Fixture.sources(timeline: [
        try event(.violation, "2027-03-02T14:00:00Z", "exposed before the seal", attempt: 1),
        try event(.violation, "2027-03-03T14:00:00Z", "exposed before the seal", attempt: 1),
        try event(.violation, "2027-03-03T14:00:00Z", "another attempt's", attempt: 2),
        try event(.stale, "2027-03-01T14:00:00Z", "go went stale: qa was reopened"),
        try event(.override, "2027-03-02T13:00:00Z", "go against the recommendation by dana: it is enough"),
      ])
    ).view.readiness
    #expect(points.map(\.id) == ["override/1", "stale/1", "violation/1"])
    #expect(points.last?.detail == "exposed before the seal")
  }

  @Test("Only overrides are listed among decisions, and stale decisions with their reasons")
  func decisions() throws {
    let header = AnnouncementHeader(
      launch: "smart-routing", version: 3, by: "dana", at: try Fixture.time("2027-03-02T13:00:00Z"),
      chain: ChainHead(length: 1, hash: "h"), reason: "the demo was held late")
    let plain = DecisionAnnounced(decision: .go, digest: "d", override: false)
    let forced = DecisionAnnounced(decision: .go, digest: "d", override: true)
    let stale = DecisionAnnounced(decision: .go, digest: "d", override: false, reasons: ["qa was reopened"])
    #expect(TimelineEvent.of(plain, by: header) == nil)
    #expect(
      TimelineEvent.of(forced, by: header)?.detail
        == "dana decided go against the recommendation: the demo was held late")
    #expect(TimelineEvent.stale(stale, by: header).detail == "GO went stale: qa was reopened")
  }
}
