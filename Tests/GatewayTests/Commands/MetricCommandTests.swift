import ArgumentParser
import Contract
import Documents
import JSON
import LaunchModel
import Testing

@testable import Gateway

@Suite("Metric commands")
struct MetricCommandTests {
  private static func view(_ metrics: [MetricView], asOf: String = "2027-03-12T14:00:00Z") -> MetricsView {
    MetricsView(
      launch: Sample.launch, sealed: true, digest: "0123456789abcdef", asOf: Sample.time(asOf), offset: 9,
      metrics: metrics)
  }

  private static let tickets = MetricView(
    key: "tickets", kind: "tickets", verdict: .pending, value: 93, numerator: 93, n: 93)

  private func run(_ words: String..., in services: RecordingServices) async throws {
    let command = try #require(try Gonogo.parseAsRoot(["metric"] + words) as? any GatewayCommand)
    try await command.run(in: services.session)
  }

  @Test("Prometheus gets each value with its labels, 1 for one verdict, and no line for an unknown value")
  func prometheus() {
    let csat = MetricView(
      key: #"eu "west"\1"#, kind: "csat", verdict: .met, value: 0.9, numerator: 45, denominator: 50, n: 50, low: 0.786,
      high: 0.957)
    let adoption = MetricView(
      key: "adoption", kind: "adoption", verdict: .unknown, value: 0, numerator: 0, denominator: 4, low: 0, high: 0.49)
    #expect(
      PrometheusText.text(of: [Self.view([csat, adoption])]) == #"""
        # HELP gonogo_metric_value The figure of a metric; shares are from 0 to 1.
        # TYPE gonogo_metric_value gauge
        gonogo_metric_value{launch="smart-routing",metric="eu \"west\"\\1",kind="csat"} 0.9
        # HELP gonogo_metric_observations The number of observations behind the figure.
        # TYPE gonogo_metric_observations gauge
        gonogo_metric_observations{launch="smart-routing",metric="eu \"west\"\\1",kind="csat"} 50
        gonogo_metric_observations{launch="smart-routing",metric="adoption",kind="adoption"} 0
        # HELP gonogo_metric_interval_low The lower end of the 95% interval.
        # TYPE gonogo_metric_interval_low gauge
        gonogo_metric_interval_low{launch="smart-routing",metric="eu \"west\"\\1",kind="csat"} 0.786
        # HELP gonogo_metric_interval_high The upper end of the 95% interval.
        # TYPE gonogo_metric_interval_high gauge
        gonogo_metric_interval_high{launch="smart-routing",metric="eu \"west\"\\1",kind="csat"} 0.957
        # HELP gonogo_metric_verdict 1 for the metric's verdict, 0 for the other verdicts.
        # TYPE gonogo_metric_verdict gauge
        gonogo_metric_verdict{launch="smart-routing",metric="eu \"west\"\\1",kind="csat",verdict="met"} 1
        gonogo_metric_verdict{launch="smart-routing",metric="eu \"west\"\\1",kind="csat",verdict="missed"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="eu \"west\"\\1",kind="csat",verdict="inconclusive"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="eu \"west\"\\1",kind="csat",verdict="pending"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="eu \"west\"\\1",kind="csat",verdict="unknown"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="adoption",kind="adoption",verdict="met"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="adoption",kind="adoption",verdict="missed"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="adoption",kind="adoption",verdict="inconclusive"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="adoption",kind="adoption",verdict="pending"} 0
        gonogo_metric_verdict{launch="smart-routing",metric="adoption",kind="adoption",verdict="unknown"} 1

        """#)
    #expect(PrometheusText.text(of: []) == "")
  }

  @Test("The CSV has a line for each day, and every field is read back unchanged")
  func csv() throws {
    let text = SeriesCSV.text(of: [
      SeriesView(
        launch: Sample.launch, key: "adoption", kind: "adoption",
        points: [
          SeriesPoint(day: 1, numerator: 2, denominator: 3, value: 2.0 / 3),
          SeriesPoint(day: 2, numerator: 0, denominator: 0),
        ]),
      SeriesView(
        launch: Sample.launch, key: #"a "b", c"#, kind: "tickets", points: [SeriesPoint(day: 1, numerator: 5, value: 5)]
      ),
    ])
    #expect(
      text.split(separator: "\r\n", omittingEmptySubsequences: false) == [
        "launch,metric,kind,day,numerator,denominator,value",
        "smart-routing,adoption,adoption,1,2,3,0.6666666666666666",
        "smart-routing,adoption,adoption,2,0,0,", #"smart-routing,"a ""b"", c",tickets,1,5,,5"#, "",
      ])
    let table = try CSVTable(parsing: Array(text.utf8))
    #expect(table.uneven.isEmpty)
    #expect(table.rows.last?.fields == ["smart-routing", #"a "b", c"#, "tickets", "1", "5", "", "5"])
  }

  private static func list(_ launches: [(id: String, status: LaunchStatus, tier: Tier)]) -> LaunchList {
    LaunchList(
      launches: launches.map { launch in
        LaunchSummary(
          id: Sample.id(launch.id), name: launch.id, tier: launch.tier, date: Sample.date("2027-03-02"),
          status: launch.status, owner: "dana", shortfallDays: 0, version: 1)
      })
  }

  @Test("An export without a launch has those that customers have and whose review is not closed, and minor ones")
  func launches() async throws {
    let list = Self.list([
      ("a", .preparing, .major), ("b", .live, .major), ("c", .inReview, .major), ("d", .closed, .major),
      ("e", .closed, .minor), ("f", .live, .minor), ("g", .preparing, .minor), ("h", .rolledBack, .minor),
    ])
    try await withRecordingServices(answer: { call in
      guard call.service == .metrics else { return try JSONCoding.value(list) }
      var view = Self.view([Self.tickets])
      view.launch = Sample.id(call.params["launch"]?.stringValue ?? "")
      return try JSONCoding.value(view)
    }) { services in
      try await run("export", "--prometheus", in: services)
      let lines = try services.output().split(separator: "\n").filter { $0.hasPrefix("gonogo_metric_value{") }
      #expect(
        lines == [
          #"gonogo_metric_value{launch="b",metric="tickets",kind="tickets"} 93"#,
          #"gonogo_metric_value{launch="c",metric="tickets",kind="tickets"} 93"#,
          #"gonogo_metric_value{launch="e",metric="tickets",kind="tickets"} 93"#,
          #"gonogo_metric_value{launch="f",metric="tickets",kind="tickets"} 93"#,
        ])
      #expect(try services.diagnostics() == "")
    }
  }

  @Test("An export of nothing succeeds with an empty exposition, or a header alone, and gives the reason apart from it")
  func nothing() async throws {
    let list = Self.list([("a", .preparing, .major)])
    try await withRecordingServices(answer: { call in
      guard call.service == .metrics else { return try JSONCoding.value(list) }
      return try JSONCoding.value(Self.view([]))
    }) { services in
      try await run("export", "--prometheus", in: services)
      #expect(try services.output() == "")
      #expect(try services.diagnostics().hasPrefix("nothing to export: no launch has reached customers"))
      try await run("export", "--csv", in: services)
      #expect(try services.output() == "launch,metric,kind,day,numerator,denominator,value\r\n")
      try await run("export", "smart-routing", "--prometheus", in: services)
      #expect(try services.diagnostics().contains("nothing to export: smart-routing has no metrics; define them"))
      #expect(try services.diagnostics().split(separator: "\n").count == 3)
    }
  }

  @Test("An export has exactly one format")
  func formats() {
    #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(["metric", "export", "smart-routing"]) }
    #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(["metric", "export", "--csv", "--prometheus"]) }
    #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(["metric", "export", "--csv", "-o", "json"]) }
  }

  @Test("A watch prints figures whenever they change, and once why there are none")
  func watch() async throws {
    try await withRecordingServices { services in
      var display = MetricWatchDisplay(session: services.session)
      func reply(_ count: Int, at time: String) throws -> Reply<MetricsView> {
        var metric = Self.tickets
        metric.value = Double(count)
        let view = Self.view([metric], asOf: time)
        return Reply(value: view, json: try JSONCoding.encode(view), parts: [])
      }
      let failure = CallError(
        service: .metrics, problem: .unavailable("lagging", title: "the figures are not complete yet", "try again"))
      display.open()
      try display.show(try reply(93, at: "2027-03-12T14:00:00Z"))
      try display.show(try reply(93, at: "2027-03-12T14:01:00Z"))
      display.show(failure)
      display.show(failure)
      try display.show(try reply(94, at: "2027-03-12T14:02:00Z"))
      display.close()
      let lines = try services.output().split(separator: "\n")
      #expect(lines.filter { $0.contains("as of") }.map { $0.suffix(6) } == ["14:00Z", "14:02Z"])
      #expect(lines.filter { $0.hasPrefix("tickets") }.map { $0.contains("94") } == [false, true])
      #expect(try !services.output().contains("\u{1B}"), "a file gets no control sequences")
      #expect(try services.diagnostics() == "warning: try again\n")
    }
  }

  @Test("An unknown figure is shown as a dash, without interval and trend")
  func unknown() throws {
    func row(_ verdict: Verdict) throws -> String {
      let metric = MetricView(
        key: "sso", kind: "adoption", verdict: verdict, value: 2.0 / 3, numerator: 2, denominator: 3, n: 3, low: 0.208,
        high: 0.939, curve: [CurvePoint(day: 1, numerator: 2, denominator: 3)])
      let lines = MetricWatchDisplay.page(Self.view([metric]), nil).lines(width: 120, style: .plain)
      return try #require(lines.first { $0.hasPrefix("sso ") })
    }
    #expect(try row(.missed).contains("66.7% (2/3)") && row(.missed).contains("20.8–93.9%"))
    #expect(try row(.unknown).split(separator: " ").prefix(4) == ["sso", "adoption", "unknown", "-"])
    #expect(try !row(.unknown).contains("%"))
  }

  @Test("The gap of an unknown figure has no parts, and the reason is shown")
  func unknownGap() {
    let gap = GapView(
      launch: Sample.launch, attempt: 1, key: "adoption", kind: "adoption", asOf: Sample.time("2027-03-12T14:00:00Z"),
      verdict: .unknown, unit: .share, value: nil, comparedWith: .target, reference: 0.3)
    var page = Page()
    gap.display(on: &page)
    let text = page.lines(width: 120, style: .plain).joined(separator: "\n")
    #expect(text.contains("The figure is not known, so there is no gap to explain"))
  }

  @Test("If there are no newer figures, a watch shows the reason above the last ones")
  func reason() {
    let page = MetricWatchDisplay.page(Self.view([Self.tickets]), "metrics is not running")
    let lines = page.lines(width: 80, style: .plain)
    #expect(
      lines.prefix(3) == ["metrics is not running", "", "Metrics of smart-routing, as of 2027-03-12 14:00Z"])
    #expect(MetricWatchDisplay.page(nil, "not running").lines(width: 80, style: .plain) == ["not running"])
  }
}
