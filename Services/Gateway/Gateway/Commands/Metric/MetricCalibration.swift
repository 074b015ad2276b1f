import ArgumentParser
import Contract
import LaunchModel

struct MetricCalibration: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibration", abstract: "Compare earlier projections of adoption with the outcome.",
    discussion: """
      For each launch whose adoption window has ended: its final adoption, beside the projection that gonogo would \
      have made on day N from the launches of its tier that had ended by then.
      """,
    examples: [
      "gonogo metric calibration",
      "gonogo metric calibration --tier 2 --day 14",
    ])

  @Option(help: "Only launches of this tier.") var tier: Tier?
  @Option(help: ArgumentHelp("Day to project from; default: \(CalibrationRequest.defaultDay).", valueName: "n"))
  var day: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.calibration, CalibrationRequest(tier: tier, day: day))
  }
}

extension CalibrationView: Displayable {
  func display(on page: inout Page) {
    page.heading("Adoption as projected on day \(day), and as it turned out")
    var table = Table(
      columns: [
        .flexible("launch"), .left("metric"), .left("tier"), .left("projected"), .right("came"), .left("inside"),
        .right("chance"), .left("reached"),
      ], whenEmpty: "no adoption window of more than \(counted(day, "day")) has ended yet")
    table.rows = launches.map(\.cells)
    page.table(table)
    guard !launches.isEmpty else { return }
    page.blank()
    summary.display(on: &page)
  }
}

extension ProjectedLaunch {
  fileprivate var cells: [Text] {
    [
      Text(launch), Text(metric), Text(tier?.rawValue), projected, Text(outcome.percent), inside.label,
      Text(projection?.chance?.percent), Text(reached ? "yes" : "no"),
    ]
  }

  private var projected: Text {
    guard let projection else { return Text("no account was active", .faint) }
    guard let median = projection.median, let low = projection.low, let high = projection.high else {
      return Text("too few: \(counted(projection.launches, "earlier launch", plural: "earlier launches"))", .faint)
    }
    return Text("\(median.percent) (\(low.percent) to \(high.percent))")
  }
}

extension Bool? {
  fileprivate var label: Text {
    switch self {
    case true?: Text("yes", .good)
    case false?: Text("no", .warning)
    case nil: Text("-", .faint)
    }
  }
}

extension CalibrationSummary: Displayable {
  func display(on page: inout Page) {
    guard count > 0 else {
      return page.paragraph(
        Text("Too few: a projection needs four earlier launches of the tier, with windows as long.", .warning))
    }
    page.fields([
      "Projections": Text(count),
      "Inside the 80% interval": coverage.map { coverage in
        Text("\(coverage.percent) (95% interval \(low?.percent ?? "-") to \(high?.percent ?? "-"))")
      },
      "Above the median": above.map { Text("\($0.percent) (50% if projections are neither too high nor too low)") },
      "Brier score": brier.map { Text("\($0.digits(3)) (0 is perfect, a constant chance of 50% gets 0.25)") },
    ])
    page.section(
      "Chances",
      bins.map { bin in
        Text(
          "\(bin.stated.percent) on average in \(counted(bin.count, "projection")), "
            + "of which \(bin.reached.percent) reached the target")
      })
  }
}
