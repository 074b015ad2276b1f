import Contract
import JSON
import LaunchModel
import Testing

@testable import Reporting

@Suite("A launch's report")
struct LaunchReportTests {
  @Test(
    "The conclusion follows from the verdicts",
    arguments: [
      ([.met, .met], .worked), ([.met, .missed], .workedInPart), ([.missed, .missed], .didNotWork),
      ([.missed, .inconclusive], .didNotWork), ([.met, .pending], .tooEarly), ([.pending, .unknown], .tooEarly),
      ([.missed, .pending], .workedInPart), ([.met, .inconclusive], .unclear), ([.unknown], .unclear),
      ([], .notMeasured),
    ] as [([Verdict], LaunchReport.Outcome)])
  func outcomes(verdicts: [Verdict], outcome: LaunchReport.Outcome) {
    #expect(LaunchSummaryText.outcome(of: verdicts) == outcome)
  }

  @Test(
    "A launch that customers do not have is not judged by its metrics",
    arguments: [
      (.preparing, .notShipped), (.decided, .notShipped), (.rolledBack, .rolledBack), (.postponed, .postponed),
      (.cancelled, .cancelled), (.measuring, .workedInPart), (.closed, .workedInPart),
    ] as [(LaunchStatus, LaunchReport.Outcome)])
  func status(status: LaunchStatus, outcome: LaunchReport.Outcome) {
    let report = LaunchReport(
      at: SampleLaunch.exposedAt, launch: SampleLaunch.record(status: status), metrics: SampleLaunch.metrics)
    #expect(report.outcome == outcome)
  }

  @Test("The headline says what it is, when it shipped, who decided, the result and why")
  func headline() {
    #expect(
      SampleLaunch.report().headline
        == "Smart routing · tier 1 · shipped 2 Mar 2027 · GO by dana · 3 of 4 metrics met; adoption missed by 4 points "
        + "because Enterprise admins could not switch it on before the permissions release of 20 March")
  }

  @Test("A reason shared by two misses is given once")
  func shared() {
    var metrics = SampleLaunch.metrics
    for index in metrics.metrics.indices where metrics.metrics[index].key == "tickets" {
      metrics.metrics[index].verdict = .missed
    }
    var review = SampleLaunch.review
    review.explanations = ["adoption": "Nobody knew of it.", "tickets": "Nobody knew of it."]
    let report = LaunchReport(
      at: SampleLaunch.exposedAt, launch: SampleLaunch.record(), exposure: SampleLaunch.exposure, metrics: metrics,
      review: review)
    #expect(
      report.page.lead == [
        "2 of 4 metrics met; adoption missed and tickets missed, both because Nobody knew of it."
      ])
  }

  @Test("An unexplained miss names the largest part of the gap, but not as its cause")
  func unexplained() {
    let report = LaunchReport(
      at: SampleLaunch.exposedAt, launch: SampleLaunch.record(), exposure: SampleLaunch.exposure,
      metrics: SampleLaunch.metrics, gaps: SampleLaunch.gaps)
    #expect(
      report.headline
        == "Smart routing · tier 1 · shipped 2 Mar 2027 · decision not known · 3 of 4 metrics met; adoption missed by "
        + "4 points")
    #expect(
      report.page.lead == [
        "3 of 4 metrics met; adoption missed by 4 points.",
        "Not explained yet: adoption is mostly segment enterprise (−5 points).",
      ])
  }

  @Test("The parts of a gap are given only for missed metrics", arguments: [(Verdict.missed, true), (.met, false)])
  func drafts(verdict: Verdict, isExplained: Bool) throws {
    var metrics = SampleLaunch.metrics
    for index in metrics.metrics.indices where metrics.metrics[index].key == "adoption" {
      metrics.metrics[index].verdict = verdict
    }
    let report = LaunchReport(
      at: SampleLaunch.exposedAt, launch: SampleLaunch.record(), exposure: SampleLaunch.exposure, metrics: metrics,
      gaps: SampleLaunch.gaps)
    #expect(try report.text(as: .md).contains("| mostly segment enterprise (−5 points) |") == isExplained)
  }

  @Test("A report without figures says so, and draws no conclusion")
  func withoutMetrics() {
    let missing = MissingPart(part: "metrics", reason: "metrics is not running")
    let report = LaunchReport(at: SampleLaunch.exposedAt, launch: SampleLaunch.record(), missing: [missing])
    #expect(report.outcome == .unknown)
    #expect(report.page.conclusion == "Figures not available")
    #expect(report.page.missing == ["metrics: metrics is not running"])
    let minor = LaunchReport(at: SampleLaunch.exposedAt, launch: SampleLaunch.record(tier: .minor))
    #expect(minor.outcome == .notMeasured)
    #expect(!minor.page.sections.contains { $0.id == "adoption" })
  }

  @Test("Voided items are left out")
  func voided() {
    let report = SampleLaunch.report()
    #expect(report.items?.count == 8)
    #expect(report.items?.contains { $0.key == "old-item" } == false)
  }

  @Test("The JSON form is read back as it was")
  func json() throws {
    let report = SampleLaunch.report()
    let text = try report.text(as: .json)
    let read = try JSONCoding.decode(LaunchReport.self, from: try JSONValue(parsing: Array(text.utf8)))
    #expect(read == report)
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(value["outcome"] == "worked-in-part")
    #expect(value["launch"]?["id"] == "smart-routing")
  }

  @Test(
    "A miss by a spike is not described as a number of tickets below the forecast",
    arguments: [(98.0, "tickets missed by a spike"), (150.0, "tickets missed by 30 over the forecast")])
  func spike(tickets: Double, words: String) {
    var metrics = SampleLaunch.metrics
    metrics.metrics = [SampleLaunch.ticketMetric(raisedAt: SampleLaunch.exposedAt.adding(days: 2))]
    let gap = GapView(
      launch: SampleLaunch.launch, attempt: 1, key: "tickets", kind: "tickets", asOf: SampleLaunch.exposedAt,
      verdict: .missed, unit: .number, value: tickets, comparedWith: .forecast, reference: 120)
    let report = LaunchReport(
      at: SampleLaunch.exposedAt, launch: SampleLaunch.record(), exposure: SampleLaunch.exposure, metrics: metrics,
      gaps: [gap])
    #expect(LaunchSummaryText(report).verdicts == "0 of 1 metric met; \(words)")
  }
}

@Suite("A quarter's report")
struct QuarterReportTests {
  @Test(
    "A quarter is parsed and has its days",
    arguments: [
      ("2027Q1", "2027-01-01", "2027-03-31"), ("2027-q2", "2027-04-01", "2027-06-30"),
      ("2028Q4", "2028-10-01", "2028-12-31"), ("2027Q3", "2027-07-01", "2027-09-30"),
    ])
  func quarters(text: String, from: String, to: String) throws {
    let quarter = try #require(Quarter(text))
    #expect(quarter.from == SampleLaunch.date(from))
    #expect(quarter.to == SampleLaunch.date(to))
    #expect(Quarter(of: quarter.to) == quarter)
    #expect(Quarter(of: quarter.from) == quarter)
  }

  @Test(
    "Other text is not a quarter", arguments: ["", "2027", "Q1", "2027Q0", "2027Q5", "27Q1", "2027Q11", "2027QQ1"])
  func refused(text: String) {
    #expect(Quarter(text) == nil)
  }

  @Test("The report counts what shipped, names what is at risk and why, and lists what was missed")
  func page() {
    let page = SampleLaunch.quarter.page
    #expect(page.title == "Launches of 2027 Q1")
    #expect(page.conclusion == "1 at risk")
    #expect(
      page.lead == [
        "1 launch shipped, 1 ahead.", "1 of 2 metrics met; missed: Saved views: adoption.",
        "Smart routing (2 Mar): the GO went stale.",
      ])
    #expect(SampleLaunch.quarter.launches[1].risks == ["the GO went stale", "blocked: Support", "at risk: Sales"])
    #expect(SampleLaunch.quarter.launches[0].risks == [])
  }

  @Test("The CSV has a line for each launch and metric")
  func csv() throws {
    #expect(
      try SampleLaunch.quarter.text(as: .csv).split(separator: "\r\n") == [
        "launch,name,tier,status,date,owner,decision,stale,risks,metric,verdict,value",
        "saved-views,Saved views,1,measuring,2027-01-14,dana,go,no,,csat,met,0.88",
        "saved-views,Saved views,1,measuring,2027-01-14,dana,go,no,,adoption,missed,0.26",
        "smart-routing,Smart routing,1,decided,2027-03-02,dana,go,yes,"
          + "the GO went stale; blocked: Support; at risk: Sales,,,",
        "dark-mode,Dark mode,3,cancelled,2027-03-20,dana,,,,,,",
      ])
  }

  @Test("A span that is not a quarter is titled by its dates; without launches there is no conclusion")
  func span() {
    let report = QuarterReport(
      at: SampleLaunch.exposedAt, from: SampleLaunch.date("2027-01-01"), to: SampleLaunch.date("2027-02-28"),
      launches: [])
    #expect(report.title == "1 Jan 2027 to 28 Feb 2027")
    #expect(report.page.conclusion == "No launches")
  }
}
