import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("Escalations, customers and knowledge gaps in the agenda")
struct AgendaSignalsTests {
  private func agenda(_ signals: CustomerSignals) throws -> AgendaView {
    try Agenda(try Fixture.sources(signals: signals)).view
  }

  @Test("An escalated ticket of the feature counts once, with its latest level")
  func escalations() throws {
    let agenda = try agenda(
      CustomerSignals(
        tickets: [
          try Fixture.ticket("T-1", at: "2027-03-03T10:00:00Z", account: "acme"),
          try Fixture.ticket("T-2", at: "2027-03-03T10:00:00Z", account: "globex", feature: "billing"),
          try Fixture.ticket(
            "T-3", at: "2027-03-03T10:00:00Z", account: "initech", feature: nil, tags: ["smart-routing"]),
        ],
        escalations: [
          Escalation(ticket: "T-1", place: try Fixture.place("2027-03-04T10:00:00Z", 2), level: "3", reason: "outage"),
          Escalation(ticket: "T-1", place: try Fixture.place("2027-03-04T09:00:00Z", 3), level: "2"),
          Escalation(ticket: "T-2", place: try Fixture.place("2027-03-04T09:00:00Z", 4)),
          Escalation(ticket: "T-3", place: try Fixture.place("2027-03-05T09:00:00Z", 5)),
          Escalation(ticket: "T-3", place: try Fixture.place("2027-04-02T09:00:00Z", 6), reason: "after the window"),
          Escalation(ticket: "T-9", place: try Fixture.place("2027-03-05T09:00:00Z", 7)),
        ]))
    #expect(agenda.escalations.map(\.id) == ["escalation/T-1", "escalation/T-3"])
    #expect(agenda.escalations.first?.level == "3")
    #expect(agenda.escalations.first?.account == "acme")
    #expect(agenda.escalations.last?.reason == nil)
  }

  @Test("A merged ticket's escalation belongs to its successor")
  func mergedEscalation() throws {
    let agenda = try agenda(
      CustomerSignals(
        tickets: [
          try Fixture.ticket("T-1", at: "2027-03-03T10:00:00Z", account: "acme"),
          try Fixture.ticket("T-2", at: "2027-03-03T11:00:00Z", account: "acme"),
          try Fixture.ticket("T-2", at: "2027-03-03T12:00:00Z", feature: nil, mergedInto: "T-1", opens: false),
        ],
        escalations: [Escalation(ticket: "T-2", place: try Fixture.place("2027-03-04T10:00:00Z", 9))]))
    #expect(agenda.escalations.map(\.ticket) == ["T-1"])
    #expect(agenda.customers.first?.reasons == ["ticket T-1 was escalated"])
  }

  @Test(
    "Customers are ranked by escalations, poor scores and repeated tickets; a single ticket does not list a customer")
  func customers() throws {
    let agenda = try agenda(
      CustomerSignals(
        tickets: [
          try Fixture.ticket("T-1", at: "2027-03-03T10:00:00Z", account: "acme"),
          try Fixture.ticket("T-2", at: "2027-03-03T11:00:00Z", account: "acme"),
          try Fixture.ticket("T-3", at: "2027-03-03T12:00:00Z", account: "globex"),
          try Fixture.ticket("T-4", at: "2027-03-03T12:00:00Z", account: "quiet"),
          try Fixture.ticket("T-5", at: "2027-03-03T12:00:00Z", account: "ours"),
        ],
        escalations: [Escalation(ticket: "T-1", place: try Fixture.place("2027-03-04T10:00:00Z", 9), level: "2")],
        scores: [
          SatisfactionScore(
            ticket: "T-3", place: try Fixture.place("2027-03-05T10:00:00Z", 10), score: 2, scale: .five),
          SatisfactionScore(
            ticket: "T-5", place: try Fixture.place("2027-03-05T10:00:00Z", 11), score: 0, scale: .thumbs),
          SatisfactionScore(ticket: "T-4", place: try Fixture.place("2027-03-05T10:00:00Z", 12), score: 1, scale: .ten),
          SatisfactionScore(ticket: "T-4", place: try Fixture.place("2027-03-06T10:00:00Z", 13), score: 9, scale: .ten),
        ],
        accounts: [
          AccountChange(account: "ours", state: .internal, place: try Fixture.place("2027-01-01T00:00:00Z", 1))
        ]))
    #expect(agenda.customers.map(\.account) == ["acme", "globex"])
    #expect(agenda.customers.map(\.score) == [4, 2])
    #expect(agenda.customers[0].reasons == ["ticket T-1 was escalated to 2", "opened 2 tickets"])
    #expect(agenda.customers[1].reasons == ["rated ticket T-3 2 of 5"])
  }

  @Test("A merged account's signals count for its successor")
  func mergedAccounts() throws {
    let agenda = try agenda(
      CustomerSignals(
        tickets: [
          try Fixture.ticket("T-1", at: "2027-03-03T10:00:00Z", account: "old"),
          try Fixture.ticket("T-2", at: "2027-03-03T11:00:00Z", account: "new"),
          try Fixture.ticket("T-3", at: "2027-03-03T12:00:00Z", account: "old"),
        ],
        accounts: [
          AccountChange(
            account: "old", state: .merged, mergedInto: "new", place: try Fixture.place("2027-03-10T00:00:00Z", 1))
        ]))
    #expect(agenda.customers.map(\.account) == ["new"])
    #expect(agenda.customers.first?.reasons == ["opened 3 tickets"])
  }

  @Test("An article is a knowledge gap if most of its voters' latest votes are negative")
  func articles() throws {
    let at = try Fixture.place("2027-03-03T10:00:00Z", 1)
    let later = try Fixture.place("2027-03-04T10:00:00Z", 2)
    let early = try Fixture.place("2027-03-01T10:00:00Z", 3)
    let agenda = try agenda(
      CustomerSignals(
        votes: [
          ArticleVote(article: "intro", locale: "de", voter: "u1", isUp: true, place: at),
          ArticleVote(article: "intro", locale: "de", voter: "u1", isUp: false, place: later),
          ArticleVote(article: "intro", locale: "en", voter: "u1", isUp: false, place: at),
          ArticleVote(article: "intro", locale: "en", voter: "u2", isUp: true, place: at),
          ArticleVote(article: "setup", isUp: false, place: at),
          ArticleVote(article: "setup", isUp: false, place: later),
          ArticleVote(article: "setup", isUp: true, place: early),
          ArticleVote(article: "billing", isUp: false, place: at),
        ], articles: ["intro", "setup"]))
    #expect(agenda.knowledgeGaps.map(\.id) == ["article/setup", "article/intro/de"])
    #expect(agenda.knowledgeGaps.map(\.count) == [2, 1])
  }

  @Test("A search is a knowledge gap if it repeatedly found nothing, regardless of spelling")
  func searches() throws {
    let at = try Fixture.time("2027-03-03T10:00:00Z")
    let agenda = try agenda(
      CustomerSignals(searches: [
        MissedSearch(query: "Undo routing?", locale: "en", at: at),
        MissedSearch(query: "undo  ROUTING", locale: "en", at: at),
        MissedSearch(query: "undo routing", locale: "de", at: at),
        MissedSearch(query: "??", at: at),
        MissedSearch(query: "!", at: at),
        MissedSearch(query: "undo routing", locale: "en", at: try Fixture.time("2027-03-02T13:00:00Z")),
      ]))
    #expect(agenda.knowledgeGaps.map(\.id) == ["search/undo-routing/en"])
    #expect(agenda.knowledgeGaps.first?.subject == "undo routing (en)")
    #expect(agenda.knowledgeGaps.first?.count == 2)
  }
}
