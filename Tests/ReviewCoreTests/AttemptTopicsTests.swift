import Contract
import JSON
import LaunchModel
import Testing

@testable import ReviewCore

@Suite("Topics of an attempt, and their points on the agenda")
struct AttemptTopicsTests {
  private static let start = "2027-03-02T14:00:00Z"

  /// Topics by their labels and tickets; each ticket is opened an hour after the previous one.
  private func topics(
    _ members: KeyValuePairs<String, [String]>, outside: [String] = [], articles: [String: String] = [:]
  ) throws -> AttemptTopics {
    let start = try Fixture.time(Self.start)
    let keys = members.flatMap(\.value) + outside
    var topics = AttemptTopics(
      tickets: keys.enumerated().map { index, key in
        AttemptTopics.Ticket(key: key, at: start.adding(seconds: Int64(index) * 3_600))
      })
    for (label, tickets) in members {
      topics.topics.append(
        AttemptTopics.Topic(
          id: "", label: label, language: "en", members: tickets.compactMap { keys.firstIndex(of: $0) }.sorted(),
          accounts: 2, exampleTickets: [tickets[0]], examples: ["text of \(tickets[0])"],
          article: articles[label].map { ArticleMatch(article: $0, locale: "en", similarity: 0.8) }))
    }
    return topics
  }

  private func named(_ topics: AttemptTopics, after earlier: AttemptTopics? = nil) -> AttemptTopics {
    var topics = topics
    topics.setNames(keeping: earlier)
    return topics
  }

  @Test(
    "An id consists of the label's words, without anything that a shell would need quotes for",
    arguments: [
      ("turn routing off", "topic/turn-routing-off"), ("Can't log in (SSO)?", "topic/can-t-log-in-sso"),
      ("Wo schalte ich es ein", "topic/wo-schalte-ich-es-ein"), ("路由 在 哪里", "topic/路由-在-哪里"), ("!!!", "topic/unnamed"),
      (
        "where do I switch smart routing on for everybody in the company",
        "topic/where-do-i-switch-smart-routing-on-for"
      ),
    ])
  func ids(label: String, id: String) {
    #expect(PointID.topic(label) == id)
  }

  @Test("Two topics with the same label have different ids")
  func equalLabels() throws {
    let topics = named(try topics(["slow": ["a", "b"], "Slow!": ["c", "d"]]))
    #expect(topics.topics.map(\.id) == ["topic/slow", "topic/slow-2"])
  }

  @Test("A topic keeps its id and label while late tickets arrive, even if its label would now differ")
  func late() throws {
    let earlier = named(try topics(["switch it on": ["a", "b", "c"], "rules": ["d", "e"]]))
    let later = named(
      try topics([
        "rule does not match": ["d", "e", "x", "y", "z"], "where is the switch": ["a", "b"], "new": ["v", "w"],
      ]),
      after: earlier)
    #expect(later.topics.map(\.id) == ["topic/rules", "topic/switch-it-on", "topic/new"])
    #expect(later.topics.map(\.label) == ["rules", "switch it on", "new"])
    #expect(later.retired == [])
  }

  @Test("If two topics become one, the larger part's id remains; the other id is never reused")
  func merged() throws {
    let earlier = named(try topics(["switch": ["a", "b", "c"], "setting": ["d", "e"]]))
    let merged = named(try topics(["switch or setting": ["a", "b", "c", "d", "e"]]), after: earlier)
    #expect(merged.topics.map(\.id) == ["topic/switch"])
    #expect(merged.retired == ["topic/setting"])
    let third = named(
      try topics(["setting": ["x", "y", "z"], "switch or setting": ["a", "b", "c", "d", "e"]]), after: merged)
    #expect(third.topics.map(\.id) == ["topic/setting-2", "topic/switch"])
    #expect(third.retired == ["topic/setting"])
  }

  @Test("A topic that splits into halves continues in neither of them")
  func split() throws {
    let earlier = named(try topics(["export": ["a", "b", "c", "d"]]))
    let halves = named(try topics(["export csv": ["a", "b"], "export pdf": ["c", "d"]]), after: earlier)
    #expect(halves.topics.map(\.id) == ["topic/export-csv", "topic/export-pdf"])
    #expect(halves.retired == ["topic/export"])
  }

  @Test("The trend counts tickets in periods of 24 hours from exposure, up to now or the window's end")
  func trend() throws {
    let start = try Fixture.time(Self.start)
    var topics = AttemptTopics(
      tickets: [0, 86_399, 86_400, 200_000].map { AttemptTopics.Ticket(key: "\($0)", at: start.adding(seconds: $0)) })
    topics.topics = [AttemptTopics.Topic(id: "t", label: "t", language: "en", members: [0, 1, 2, 3])]
    let window = try #require(AttemptWindow(of: 1, in: [ExposureAttempt(attempt: 1, startedAt: start)]))
    #expect(topics.byDay(of: topics.topics[0], in: window, at: start.adding(days: 3)) == [2, 1, 1, 0])
    #expect(topics.byDay(of: topics.topics[0], in: window, at: start.adding(days: 90)).count == 30)
    #expect(topics.byDay(of: topics.topics[0], in: window, at: start.adding(days: -1)) == [])
  }

  @Test("The view assigns each ticket to its topic or to none, in order of opening")
  func view() throws {
    let topics = named(try topics(["rules": ["a", "b"], "login": ["c", "d"]], outside: ["e"]))
    let start = try Fixture.time(Self.start)
    let window = try #require(AttemptWindow(of: 1, in: [ExposureAttempt(attempt: 1, startedAt: start)]))
    let view = topics.view(
      of: try #require(LaunchID("smart-routing")), in: window, at: start.adding(days: 1), notes: [])
    #expect(view.tickets == ["a", "b", "c", "d", "e"])
    #expect(view.assignments == ["topic/rules", "topic/rules", "topic/login", "topic/login", nil])
    #expect(view.count == 5 && view.outside == 1)
    #expect(view.topics.map(\.share) == [0.4, 0.4])
  }

  @Test("Topics of three or more tickets are points once, with or without an article, and the rest is counted")
  func points() throws {
    var sources = try Fixture.sources()
    sources.remote.topics = .success(
      named(
        try topics(
          ["rules": ["a", "b", "c"], "login": ["d", "e", "f"], "typo": ["g", "h"]], outside: ["i"],
          articles: ["rules": "routing-rules"])))
    sources.outcomes = ["topic/rules": "the article was moved up"]
    let agenda = try Agenda(sources).view
    #expect(agenda.topics.map(\.id) == ["topic/rules", "topic/login"])
    #expect(agenda.topics.map(\.articleMatch) == ["routing-rules", nil])
    #expect(agenda.topics.map(\.outcome) == ["the article was moved up", nil])
    #expect(agenda.tickets == 9 && agenda.ticketsElsewhere == 3)
    #expect(agenda.knowledgeGaps.map(\.id) == ["gap/login"])
    #expect(agenda.knowledgeGaps.first?.count == 3)
    #expect(agenda.knowledgeGaps.map(\.topic) == ["topic/login"])
    #expect(agenda.points.map(\.id) == ["topic/rules", "topic/login"])
    let missing = ClosingCheck.reasons(agenda: agenda, actions: []).map(\.detail)
    #expect(
      missing == [
        "the point topic/login has no outcome (topic login, which no article answers): "
          + "gonogo review note smart-routing topic/login TEXT"
      ])
  }

  @Test(
    "A topic without an article and its gap share an outcome, under whichever name it was recorded",
    arguments: [
      (["topic/login": "fixed"], "fixed", "fixed"), (["gap/login": "to be written"], "to be written", "to be written"),
      (["topic/login": "fixed", "gap/login": "to be written"], "fixed", "to be written"),
    ] as [([String: String], String, String)])
  func shared(outcomes: [String: String], topic: String, gap: String) throws {
    var sources = try Fixture.sources()
    sources.remote.topics = .success(named(try topics(["login": ["a", "b", "c"]])))
    sources.outcomes = outcomes
    let agenda = try Agenda(sources).view
    #expect(agenda.topics.map(\.outcome) == [topic])
    #expect(agenda.knowledgeGaps.map(\.outcome) == [gap])
    #expect(ClosingCheck.reasons(agenda: agenda, actions: []) == [])
    #expect(agenda.point(named: "gap/login") == "topic/login")
    #expect(agenda.point(named: "topic/login") == "topic/login")
    #expect(agenda.point(named: "login") == nil)
  }

  @Test("An agenda stored when topic gaps were separate points is read, and has both")
  func stored() throws {
    var agenda = try Agenda(try Fixture.sources()).view
    agenda.topics = [AgendaView.Topic(id: "topic/login", label: "login", count: 3, share: 1, examples: [])]
    let value = #"{"id": "gap/login", "kind": "topic-without-article", "subject": "login", "count": 3}"#
    let gap = try JSONCoding.decode(AgendaView.GapPoint.self, from: try JSONValue(parsing: value))
    agenda.knowledgeGaps = [gap]
    #expect(agenda.points.map(\.id) == ["topic/login", "gap/login"])
  }

  @Test(
    "Searches about the same thing are one gap, whose outcome remains when another wording becomes most frequent")
  func searches() throws {
    let at = try Fixture.time("2027-03-03T10:00:00Z")
    let forms = ["export tags csv", "Tag export", "tag export", "export tags csv", "tag  export", "billing"]
    var sources = try Fixture.sources(
      signals: CustomerSignals(
        searches: forms.map { MissedSearch(query: $0, locale: "en", at: at) }
          + [MissedSearch(query: "tag export", locale: "de", at: at)]))
    sources.remote.topics = .success(AttemptTopics(searches: [["export tags csv", "tag export"]]))
    sources.outcomes = ["search/export-tags-csv/en": "an article is planned"]
    let gaps = try Agenda(sources).view.knowledgeGaps
    #expect(gaps.map(\.id) == ["search/tag-export/en"])
    #expect(gaps.map(\.count) == [5])
    #expect(gaps.map(\.outcome) == ["an article is planned"])
  }

  @Test("If topics could not be found, they are missing, and nothing is invented for them")
  func unknown() throws {
    var sources = try Fixture.sources()
    sources.remote.topics = .failure(.unavailable("texts-unread", title: "texts are still being read", "try again"))
    let agenda = try Agenda(sources)
    #expect(agenda.unreachable.map(\.part) == [.topics])
    #expect(agenda.view.topics == [] && agenda.view.tickets == nil && agenda.view.knowledgeGaps == [])
  }
}
