import JSON
import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("Signals are read as the contract states them")
struct ReviewSignalTests {
  private func read(_ type: SignalType, _ data: JSONValue, at: String = "2027-03-03T10:00:00Z") throws -> ReviewSignal?
  {
    try ReviewSignal(
      type, data: data, place: try Fixture.place(at, 7), storedAt: try Fixture.time("2027-03-03T10:00:00Z"))
  }

  @Test("Every field that reviews use is taken over")
  func fields() throws {
    let place = try Fixture.place("2027-03-03T10:00:00Z", 7)
    #expect(
      try read(.ticketEscalated, ["ticket": "T-1", "level": 2, "reason": "outage"])
        == .escalated(Escalation(ticket: "T-1", place: place, level: "2", reason: "outage")))
    #expect(
      try read(.csatScored, ["ticket": 17, "score": 2, "scale": "1-5", "account": "acme"])
        == .scored(SatisfactionScore(ticket: "17", place: place, score: 2, scale: .five, account: "acme")))
    #expect(
      try read(.articleRated, ["article": "intro", "rating": "down", "voter": "u1", "locale": "de"])
        == .voted(ArticleVote(article: "intro", locale: "de", voter: "u1", isUp: false, place: place)))
    #expect(
      try read(.articlePublished, ["article": "intro", "locale": "de", "feature": "smart-routing"])
        == .published(article: "intro", feature: "smart-routing", launch: nil))
    #expect(
      try read(.searchMissed, ["query": "undo", "locale": nil]) == .searched(MissedSearch(query: "undo", at: place.at)))
    #expect(
      try read(.accountChanged, ["account": "old", "state": "merged", "mergedInto": "new"])
        == .account(AccountChange(account: "old", state: "merged", mergedInto: "new", place: place)))
    guard
      case .ticket(let event)? = try read(.ticketUpdated, ["ticket": "T-1", "tags": ["a", "b"], "mergedInto": "T-2"])
    else {
      Issue.record("an update of a ticket is a ticket event")
      return
    }
    #expect((event.tags, event.mergedInto, event.opens) == (["a", "b"], "T-2", false))
  }

  @Test("Types that reviews do not look at are nothing to them")
  func others() throws {
    #expect(try read(.featureUsed, ["feature": "smart-routing", "account": "acme"]) == nil)
  }

  @Test(
    "A score is poor where somebody should call",
    arguments: [
      ("thumbs", "down", true), ("thumbs", "up", false), ("thumbs", 0, true), ("thumbs", 1, false),
      ("1-5", 2, true), ("1-5", 3, false), ("1-10", 4, true), ("1-10", 5, false),
    ] as [(String, JSONValue, Bool)])
  func poor(scale: String, score: JSONValue, expected: Bool) throws {
    let signal = try read(.csatScored, ["ticket": "T-1", "score": score, "scale": .string(scale)])
    guard case .scored(let satisfaction)? = signal else {
      Issue.record("a score is read as one")
      return
    }
    #expect(satisfaction.isPoor == expected)
  }

  @Test(
    "What is missing, of the wrong form or off its scale is the event's own fault",
    arguments: [
      (.ticketOpened, ["ticket": "T-1"], "/data/account is missing"),
      (.ticketOpened, ["ticket": ["T-1"], "account": "a"], "/data/ticket is no text"),
      (.ticketUpdated, ["ticket": "T-1", "tags": "a"], "/data/tags is no list"),
      (.csatScored, ["ticket": "T-1", "score": 6, "scale": "1-5"], "/data/score is not on the scale 1-5"),
      (.csatScored, ["ticket": "T-1", "score": 6, "scale": "1-7"], "/data/scale is none of 1-10, 1-5, thumbs"),
      (.articleRated, ["article": "a", "rating": "meh"], "/data/rating is none of down, up"),
      (.searchMissed, [:], "/data/query is missing"),
    ] as [(SignalType, JSONValue, String)])
  func faults(type: SignalType, data: JSONValue, detail: String) throws {
    let fault = #expect(throws: SignalFault.self) { try read(type, data) }
    #expect(fault?.code == "malformed-data")
    #expect(fault?.detail.hasSuffix(detail) == true)
  }

  @Test("A time of more than 5 minutes after it was stored is in the future")
  func future() throws {
    #expect(try read(.searchMissed, ["query": "undo"], at: "2027-03-03T10:05:00Z") != nil)
    let fault = #expect(throws: SignalFault.self) {
      try read(.searchMissed, ["query": "undo"], at: "2027-03-03T10:05:01Z")
    }
    #expect(fault?.code == "future-time")
  }
}
