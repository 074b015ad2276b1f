import ArgumentParser
import Contract
import LaunchModel

struct MetricGap: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "gap", abstract: "Break down the gap between a figure and its target.",
    discussion: """
      Splits the gap by properties of the events, such as segment, locale, channel and week, and shows how much late \
      events and amendments changed it. Tickets are compared with their forecast, CSAT with the other features.
      """,
    examples: [
      "gonogo metric gap smart-routing adoption",
      "gonogo metric gap smart-routing tickets --as-of 2027-03-05T14:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var metric: MetricArgument
  @OptionGroup var moment: AsOfOption
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = GapRequest(
      launch: launch.id, key: metric.key, attempt: attempt.attempt, asOf: moment.asOf)
    try await session.show(MetricsRoutes.gap, request)
  }
}

extension GapView: Displayable {
  func display(on page: inout Page) {
    page.heading("Gap of \(key) of \(launch), as of \(asOf.short)")
    page.fields([
      "Verdict": verdict.label,
      "Value": value.map { Text(number($0)) },
      comparedWith.label: reference.map { Text(number($0)) },
      "Gap": gap.map { Text(difference($0)) },
      "Baseline": baseline.map { Text("\(number($0)), since then \(sinceBaseline.map(difference) ?? "-")") },
    ])
    guard gap != nil else {
      let reason =
        verdict == .unknown
        ? "The figure is not known, so there is no gap to explain; gonogo metric show \(launch) has the reasons."
        : "There is no gap to explain yet."
      page.paragraph(Text(reason, .faint))
      return
    }
    for dimension in dimensions {
      page.heading(Text("By \(dimension.kind.rawValue)"))
      var table = Table(columns: [.left("part"), .right("gap"), .right("count"), .right("of")], whenEmpty: "nothing")
      table.rows = dimension.parts.map { part in
        [
          Text(part.label == Self.notGiven ? "not given" : part.label), Text(part.contribution.map(difference)),
          Text(part.count?.digits(2)), Text(part.total?.digits(2)),
        ]
      }
      page.table(table)
    }
  }

  private func number(_ value: Double) -> String { unit == .share ? value.percent : value.digits(2) }

  /// Formats a difference with its sign; differences between shares are in percentage points.
  private func difference(_ value: Double) -> String {
    let text = unit == .share ? (value * 100).digits(1) + " pp" : value.digits(2)
    return value > 0 ? "+\(text)" : text
  }
}

extension GapView.Comparison {
  fileprivate var label: String {
    switch self {
    case .target: "Target"
    case .forecast: "Forecast by now"
    case .others: "Other features"
    }
  }
}
