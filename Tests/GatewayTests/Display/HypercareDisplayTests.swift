import Contract
import LaunchModel
import Testing

@testable import Gateway

@Suite("Hypercare and locales as text")
struct HypercareDisplayTests {
  private func text(_ result: some Displayable, width: Int? = 120) -> String {
    var page = Page()
    result.display(on: &page)
    return page.text(width: width)
  }

  private func local(_ text: String) throws -> LocalDateTime { try #require(LocalDateTime(text)) }

  private func readiness(hypercare: HypercareSummary?) -> ReadinessView {
    let support = FunctionReadiness(
      function: .support, state: .onTrack, done: 2, total: 3, blocking: ["kb-article/fr"], nextDue: nil,
      locales: LocaleReadiness(ready: ["en", "de"], missing: ["fr"]))
    let marketing = FunctionReadiness(
      function: .marketing, state: .ready, done: 1, total: 1, blocking: [], nextDue: nil,
      locales: LocaleReadiness(ready: ["en", "de", "fr"], missing: []))
    return ReadinessView(
      launch: Sample.launch, name: "Smart routing", tier: .launchEvent, date: Sample.date("2027-03-02"),
      recommendation: .go, reasons: [], functions: [marketing, support], hypercare: hypercare)
  }

  private func summary(uncovered: Bool) throws -> HypercareSummary {
    let shift = HypercareOnShift(person: "sam", until: try local("2027-03-04T20:00"), responseMinutes: 30)
    return HypercareSummary(
      day: 3, days: 14, timeZone: "America/New_York", onShift: uncovered ? [] : [shift], uncovered: uncovered,
      gaps: uncovered ? 1 : 0, overdue: uncovered ? [1, 2] : [], problems: [])
  }

  @Test("The board shows which locales are ready, and who covers launches in hypercare")
  func board() throws {
    let shown = text(BoardView(launches: [readiness(hypercare: try summary(uncovered: false))]))
    #expect(
      shown.hasSuffix(
        """

        Locales
          · smart-routing: Support: ready in en and de, fr missing

        Hypercare
          · smart-routing: day 3 of 14; on shift: sam until 2027-03-04 20:00 (response within 30 min)

        """), "\(shown)")
    let uncovered = text(BoardView(launches: [readiness(hypercare: try summary(uncovered: true))]))
    let line = "smart-routing: day 3 of 14; nobody is on shift; 1 gap in the roster; checks overdue: day 1, day 2\n"
    #expect(uncovered.contains(line), "\(uncovered)")
    #expect(!text(BoardView(launches: [readiness(hypercare: nil)])).contains("Hypercare"))
  }

  @Test("Readiness names the missing locales of each function, and hypercare")
  func ready() throws {
    let view = readiness(hypercare: try summary(uncovered: false))
    let shown = text(ReadinessPage(view: view, showsAll: false))
    #expect(shown.contains("  · Support: ready in en and de, fr missing\n"), "\(shown)")
    #expect(!shown.contains("Marketing: "), "it is ready in all of them")
    #expect(shown.contains("Hypercare       day 3 of 14; on shift: sam"), "\(shown)")
  }

  @Test("Hypercare is shown day by day, with gaps and shifts outside its days")
  func hypercare() throws {
    let shift = HypercareShift(
      person: "sam", from: try local("2027-03-02T08:00"), to: try local("2027-03-02T20:00"))
    let early = HypercareShift(
      person: "cora", from: try local("2027-03-01T08:00"), to: try local("2027-03-02T00:00"))
    let view = HypercareView(
      launch: Sample.launch, name: "Smart routing", timeZone: "America/New_York",
      startsOn: Sample.date("2027-03-02"), attempt: 1, rosterVersion: 2,
      roster: HypercareRoster(responseMinutes: 30, shifts: [shift, early]), setBy: "sam",
      setAt: Sample.time("2027-02-20T10:00:00Z"),
      gaps: [
        HypercareGap(from: try local("2027-03-02T20:00"), to: try local("2027-03-04T00:30"), minutes: 1_710)
      ], onShift: [],
      days: [
        HypercareDay(
          day: 1, date: Sample.date("2027-03-02"), state: .problem, finding: "40 tickets", by: "sam",
          at: Sample.time("2027-03-02T18:00:00Z")),
        HypercareDay(day: 2, date: Sample.date("2027-03-03"), state: .overdue),
      ])
    #expect(
      text(view) == """
        Hypercare of Smart routing (smart-routing), 2 days from 2027-03-02
        Roster          version 2, 2 shifts, by sam, 2027-02-20 10:00Z
        Hours           00:00 to 24:00, America/New_York
        First response  within 30 min
        On shift now    nobody

        DAY  DATE        ON SHIFT         CHECK    BY   FINDING
          1  2027-03-02  sam 08:00-20:00  problem  sam  40 tickets
          2  2027-03-03                   overdue
          · 1 shift outside these days

        Nobody is on shift
          · 2027-03-02 20:00 to 2027-03-04 00:30 (28 h 30 min)

        """)
  }

  @Test("Without a roster, the command to set one is shown")
  func none() {
    let view = HypercareView(
      launch: Sample.launch, name: "Smart routing", timeZone: "UTC", startsOn: Sample.date("2027-03-02"), attempt: nil,
      rosterVersion: 0, roster: nil, setBy: nil, setAt: nil, gaps: [], onShift: [],
      days: [HypercareDay(day: 1, date: Sample.date("2027-03-02"), state: .upcoming)])
    let shown = text(view)
    #expect(shown.contains("Roster  none; set it with gonogo hypercare roster smart-routing FILE\n"), "\(shown)")
    #expect(!shown.contains("First response"))
  }
}
