import Contract
import LaunchModel

/// Formats figures in the Prometheus text format, version 0.0.4.
enum PrometheusText {
  /// Returns the figures of all launches. Missing and unknown values have no line.
  static func text(of views: [MetricsView]) -> String {
    let metrics = views.flatMap { view in view.metrics.map { (launch: view.launch, metric: $0) } }
    func gauge(_ name: String, _ help: String, _ value: (MetricView) -> Double?) -> String {
      let samples = metrics.compactMap { launch, metric in
        value(metric).map { Sample(launch: launch, metric: metric, value: $0) }
      }
      return text(name, help, samples)
    }
    let verdicts = metrics.flatMap { launch, metric in
      Verdict.allCases.map {
        Sample(launch: launch, metric: metric, verdict: $0, value: $0 == metric.verdict ? 1 : 0)
      }
    }
    let families = [
      gauge("gonogo_metric_value", "The figure of a metric; shares are from 0 to 1.") { $0.known?.value },
      gauge("gonogo_metric_observations", "The number of observations behind the figure.") { Double($0.n) },
      gauge("gonogo_metric_interval_low", "The lower end of the 95% interval.") { $0.known?.low },
      gauge("gonogo_metric_interval_high", "The upper end of the 95% interval.") { $0.known?.high },
      text("gonogo_metric_verdict", "1 for the metric's verdict, 0 for the other verdicts.", verdicts),
    ]
    return families.joined()
  }

  /// One value of a gauge.
  private struct Sample {
    var launch: LaunchID
    var metric: MetricView
    /// The verdict that the value is for; nil if it is for the figure.
    var verdict: Verdict?
    var value: Double

    var labels: String {
      var pairs = [("launch", launch.rawValue), ("metric", metric.key), ("kind", metric.kind)]
      if let verdict { pairs.append(("verdict", verdict.rawValue)) }
      return pairs.map { name, value in "\(name)=\"\(PrometheusText.escaped(value))\"" }.joined(separator: ",")
    }
  }

  private static func text(_ name: String, _ help: String, _ samples: [Sample]) -> String {
    guard !samples.isEmpty else { return "" }
    return "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
      + samples.map { "\(name){\($0.labels)} \($0.value.exact)\n" }.joined()
  }

  /// Returns the value of a label with backslashes, quotes and line feeds escaped.
  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
