import Contract
import JSON
import LaunchModel
import Testing

@testable import Gateway

@Suite("Metrics as text")
struct MetricDisplayTests {
  private func text(_ metrics: [MetricView], width: Int?) -> String {
    var page = Page()
    page.metrics(metrics)
    return page.text(width: width)
  }

  @Test("A share shows its counts, a missing value is not 0%, and a note shared by several metrics is printed once")
  func metrics() {
    let view = MetricsView(
      launch: Sample.launch, sealed: true, digest: "0123456789abcdef", asOf: Sample.time("2027-04-02T14:00:00Z"),
      offset: 9,
      metrics: [
        MetricView(
          key: "adoption", kind: "adoption", verdict: .met, value: 0.3125, numerator: 125, denominator: 400, n: 400,
          target: ">= 30%", windowStart: Sample.time("2027-03-02T14:00:00Z"),
          windowEnd: Sample.time("2027-04-01T14:00:00Z")),
        MetricView(key: "csat", kind: "csat", verdict: .unknown, notes: ["no answers yet"]),
        MetricView(key: "csat-eu", kind: "csat", verdict: .unknown, notes: ["no answers yet"]),
      ])
    var page = Page()
    view.display(on: &page)
    #expect(
      page.text(width: 100) == """
        Metrics of smart-routing, as of 2027-04-02 14:00Z
        Sealed   yes, 0123456789ab
        Exposed  2027-03-02 14:00Z
        METRIC    KIND      VERDICT            VALUE    N  TARGET  BASELINE  WINDOW ENDS
        adoption  adoption  met      31.3% (125/400)  400  >= 30%  -         2027-04-01
        csat      csat      unknown                -    0  -       -         -
        csat-eu   csat      unknown                -    0  -       -         -
          · csat, csat-eu: no answers yet

        """)
  }

  /// A metric of each kind with a figure.
  private static let full: [MetricView] = {
    let end = Sample.time("2027-04-01T14:00:00Z")
    var adoption = MetricView(
      key: "adoption", kind: "adoption", verdict: .pending, value: 0.3125, numerator: 125, denominator: 400, n: 400,
      windowStart: Sample.time("2027-03-02T14:00:00Z"), windowEnd: end,
      curve: (1...20).map { CurvePoint(day: $0, numerator: $0 * 5, denominator: 400) })
    adoption.expectation = ">= 30%"
    adoption.baseline = "22%"
    var tickets = MetricView(
      key: "tickets", kind: "tickets", verdict: .met, value: 93, numerator: 93, n: 93,
      windowEnd: Sample.time("2027-03-09T14:00:00Z"))
    tickets.expectation = "forecast 120"
    var csat = MetricView(
      key: "csat", kind: "csat", verdict: .met, value: 0.9, numerator: 45, denominator: 50, n: 50, low: 0.786,
      high: 0.957, windowEnd: end)
    csat.expectation = "margin 5%"
    var articles = MetricView(
      key: "kb", kind: "articles", verdict: .missed, value: 0.45, numerator: 9, denominator: 20, n: 20, low: 0.258,
      high: 0.658, windowEnd: end)
    articles.expectation = ">= 70% helpful"
    articles.baseline = 0.5
    return [adoption, tickets, csat, articles]
  }()

  @Test("Every row has its target and baseline, the interval is beside its value, and the curve is a sparkline")
  func columns() {
    #expect(
      text(Self.full, width: nil) == """
        METRIC    KIND      VERDICT            VALUE  95% INTERVAL    N  TARGET          BASELINE  TREND       WINDOW ENDS
        adoption  adoption  pending  31.3% (125/400)             -  400  >= 30%          22%       ▂▂▃▄▅▅▆▇▇█  2027-04-01
        tickets   tickets   met                   93             -   93  forecast 120    -         -           2027-03-09
        csat      csat      met          90% (45/50)    78.6–95.7%   50  margin 5%       -         -           2027-04-01
        kb        articles  missed        45% (9/20)    25.8–65.8%   20  >= 70% helpful  0.5       -           2027-04-01

        """)
  }

  @Test("A terminal of 80 columns shows all but kind, observations and the window's end, uncut")
  func narrow() {
    let narrow = text(Self.full, width: 80)
    #expect(
      narrow == """
        METRIC   VERDICT           VALUE 95% INTERVAL TARGET         BASELINE TREND
        adoption pending 31.3% (125/400)            - >= 30%         22%      ▂▂▃▄▅▅▆▇▇█
        tickets  met                  93            - forecast 120   -        -
        csat     met         90% (45/50)   78.6–95.7% margin 5%      -        -
        kb       missed       45% (9/20)   25.8–65.8% >= 70% helpful 0.5      -

        """)
    #expect(narrow.split(separator: "\n").allSatisfy { $0.displayWidth <= 80 })
  }

  @Test("The kind is left out if every key equals it, and so are columns without values")
  func leftOut() {
    let lines = text(Array(Self.full.dropFirst().prefix(1)), width: nil).split(separator: "\n")
    #expect(lines.first == "METRIC   VERDICT  VALUE   N  TARGET        BASELINE  WINDOW ENDS")
  }

  @Test("Articles are listed by locale, once for all metrics with the same figures")
  func articles() {
    var rate = MetricView(key: "kb", kind: "articles", verdict: .pending)
    rate.articles = [
      ArticleFigure(article: "intro", locale: "de", views: 40, helpful: 9, votes: 20, low: 0.258, high: 0.658),
      ArticleFigure(article: "intro", locale: "en", views: 7, helpful: 0, votes: 0),
    ]
    var views = MetricView(key: "kb-views", kind: "articles", verdict: .pending)
    views.articles =
      (rate.articles ?? []) + [
        ArticleFigure(article: "intro", locale: nil, views: 1, helpful: 0, votes: 0)
      ]
    #expect(
      text([rate, views], width: nil).hasSuffix(
        """

        ARTICLE  LOCALE  VIEWS     HELPFUL  95% INTERVAL  METRIC
        intro    -           1           -             -  kb-views
        intro    de         40  45% (9/20)    25.8–65.8%  kb, kb-views
        intro    en          7           -             -  kb, kb-views

        """))
  }

  @Test(
    "A projection is shown with its interval, or why there is none",
    arguments: [
      (
        ProjectionView(day: 12, launches: 6, median: 0.34, low: 0.29, high: 0.4, chance: 0.72),
        "  · adoption: projected 34% on day 30 (80% interval 29% to 40%), 72% chance of the target, from 6 earlier launches\n"
      ),
      (ProjectionView(day: 12, launches: 2), "  · adoption: too few earlier launches to project: 2 of 4\n"),
    ])
  func projection(view: ProjectionView, remark: String) {
    var metric = Self.full[0]
    metric.projection = view
    #expect(text([metric], width: nil).hasSuffix(remark))
  }
}
