import ArgumentParser
import Contract
import LaunchModel
import OrderedCollections

struct MetricCheck: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check whether a launch's metrics can be measured.",
    discussion: """
      Runs the plan on the last 30 days. Exits 1 if a metric cannot be measured; sealing it then needs a reason.
      """,
    examples: [
      "gonogo metric check smart-routing",
      "gonogo metric check smart-routing --timeout 60",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let view = try await session.show(MetricsRoutes.checkPlan, LaunchReference(launch: launch.id))
    guard view.measurable else { throw GatewayError(.no) }
  }
}

extension MeasurabilityView: Displayable {
  func display(on page: inout Page) {
    page.heading("Metrics of \(launch), by the 30 days up to \(asOf.short)")
    var table = Table(columns: [
      .left("metric"), .left("measurable"), .right("n expected"), .right("baseline"), .left("target"),
      .left("interval at target"), .right("power"),
    ])
    table.rows = metrics.map(\.cells)
    page.table(table)
    page.bullets(problems)
    page.bullets(metrics.compactMap(\.alarmsText))
    page.heading("Feeds in these days")
    page.table(feeds)
  }

  /// Each distinct problem once, with the metrics that have it.
  private var problems: [Text] {
    let problems = metrics.flatMap { metric in metric.problems.map { (key: metric.key, text: $0) } }
    return OrderedDictionary(grouping: problems, by: \.text).map { text, group in
      Text("\(group.map(\.key).joined(separator: ", ")): \(text)", .warning)
    }
  }

  private var feeds: Table {
    var table = Table(columns: [.flexible("feed"), .left("state"), .right("events"), .right("usable")])
    let feeds = metrics.flatMap { metric in metric.feeds.map { (key: metric.key, feed: $0) } }
    table.rows = OrderedDictionary(grouping: feeds, by: \.feed).keys.map { feed in
      [Text(feed.name), feed.state.label, Text(feed.events), Text(feed.fit?.percent)]
    }
    return table
  }
}

extension MetricMeasurability {
  fileprivate var cells: [Text] {
    [
      Text(key), measurable ? Text("yes", .good) : Text("no", .bad), Text(nText), Text(baseline.map(figure)),
      Text(target ?? forecast.map { "forecast \($0.digits(2))" }), Text(interval), Text(power?.percent),
    ]
  }

  fileprivate var alarmsText: Text? {
    guard !alarms.isEmpty else { return nil }
    let parts = alarms.map { "\($0.multiple.digits(2)) × the forecast by day \($0.day): \($0.probability.percent)" }
    return Text("\(key): probability of the alarm for \(parts.joined(separator: ", "))", .faint)
  }

  private var nText: String { others.map { "\(n), others \($0)" } ?? "\(n)" }

  private var interval: String? {
    guard let low, let high else { return nil }
    return "\(figure(low)) to \(figure(high))"
  }

  /// A figure in the metric's unit.
  private func figure(_ value: Double) -> String { isShare ? value.percent : value.digits(2) }

  private var isShare: Bool {
    kind == "adoption" || kind == "csat" || target?.contains("%") == true || target?.hasSuffix("helpful") == true
  }
}
