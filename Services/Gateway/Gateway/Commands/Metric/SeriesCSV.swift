import Contract
import LaunchModel
import Reporting

/// Formats daily metrics as CSV (RFC 4180).
enum SeriesCSV {
  private static let columns = ["launch", "metric", "kind", "day", "numerator", "denominator", "value"]

  /// Returns the table, with one line for each day of each metric; a missing value is an empty field.
  static func text(of series: [SeriesView]) -> String {
    let rows = series.flatMap { series in series.points.map { row(of: $0, in: series) } }
    return CSVText.text(of: [columns] + rows)
  }

  private static func row(of point: SeriesPoint, in series: SeriesView) -> [String] {
    [
      series.launch.rawValue, series.key, series.kind, String(point.day), String(point.numerator),
      point.denominator.map { String($0) } ?? "", point.value?.exact ?? "",
    ]
  }
}
