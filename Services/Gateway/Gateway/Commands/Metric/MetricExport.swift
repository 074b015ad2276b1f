import ArgumentParser
import Contract
import LaunchModel
import StandardStreams

struct MetricExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print metrics as CSV by day, or for Prometheus.",
    discussion: """
      Without a launch, exports every launch that has shipped and whose review is not closed; minor launches have no \
      review and are always included. --csv prints the days of gonogo metric series, --prometheus the current figures, \
      for the textfile collector of the node exporter.
      With nothing to export, --csv prints its header alone and --prometheus nothing, which is a valid exposition; a \
      note on standard error gives the reason, and the exit status is 0.
      """,
    examples: [
      "gonogo metric export smart-routing --csv > smart-routing.csv",
      "gonogo metric export --prometheus > gonogo.prom",
    ])

  @Argument(help: ArgumentHelp("Launch id, e.g. smart-routing.", valueName: "launch")) var launch: LaunchID?
  @Flag var format: Format
  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  /// The formats of exported files.
  enum Format: EnumerableFlag {
    case csv, prometheus

    static func help(for value: Format) -> ArgumentHelp? {
      switch value {
      case .csv: "Every metric by day (RFC 4180)."
      case .prometheus: "Every figure, in Prometheus' text format."
      }
    }
  }

  func validate() throws {
    guard global.output == .table else {
      throw ValidationError("export prints CSV or Prometheus' format; for JSON or YAML use metric show or series")
    }
  }

  func run(in session: Session) async throws {
    var views: [MetricsView] = []
    for launch in try await launches(session) {
      views.append(
        try await session.call(MetricsRoutes.verdicts, VerdictRequest(launch: launch, asOf: moment.asOf)).value)
    }
    let text: String
    switch format {
    case .csv: text = SeriesCSV.text(of: try await series(of: views, session))
    case .prometheus: text = PrometheusText.text(of: views)
    }
    session.console.write(session.console.output.width == nil ? text : text.printableLines)
    if let reason = reason(forNoneOf: views) { session.console.note("nothing to export: \(reason)") }
  }

  /// Why there are no figures; nil if there are.
  private func reason(forNoneOf views: [MetricsView]) -> String? {
    guard views.allSatisfy(\.metrics.isEmpty) else { return nil }
    if let launch { return "\(launch) has no metrics; define them with gonogo metric define \(launch) FILE" }
    return views.isEmpty
      ? "no launch has reached customers, or the review of each is closed; name one to export it anyway"
      : "none of the launches that customers have has metrics"
  }

  private func launches(_ session: Session) async throws -> [LaunchID] {
    if let launch { return [launch] }
    return try await session.launches(LaunchFilter()).launches.filter { launch in
      launch.status.isMeasured || (launch.status == .closed && launch.tier == .minor)
    }.map(\.id)
  }

  private func series(of views: [MetricsView], _ session: Session) async throws -> [SeriesView] {
    var series: [SeriesView] = []
    for view in views {
      for metric in view.metrics {
        let request = SeriesRequest(launch: view.launch, key: metric.key, asOf: moment.asOf)
        series.append(try await session.call(MetricsRoutes.series, request).value)
      }
    }
    return series
  }
}

extension LaunchStatus {
  /// Whether customers have the launch and its review is not closed.
  fileprivate var isMeasured: Bool {
    switch self {
    case .live, .hypercare, .measuring, .inReview: true
    case .proposed, .preparing, .decided, .closed, .postponed, .rolledBack, .cancelled: false
    }
  }
}
