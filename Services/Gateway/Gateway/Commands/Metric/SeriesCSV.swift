import Contract
import LaunchModel

/// Metrics by day as CSV (RFC 4180).
enum SeriesCSV {
  private static let columns = ["launch", "metric", "kind", "day", "numerator", "denominator", "value"]

  /// The table, with one line for each day of each metric; a missing value is an empty field.
  static func text(of series: [SeriesView]) -> String {
    let rows = series.flatMap { series in series.points.map { row(of: $0, in: series) } }
    return ([columns] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func row(of point: SeriesPoint, in series: SeriesView) -> [String] {
    [
      series.launch.rawValue, series.key, series.kind, String(point.day), String(point.numerator),
      point.denominator.map { String($0) } ?? "", point.value?.exact ?? "",
    ]
  }

  /// The text of a field, in quotes if it has characters that end fields or lines.
  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { [",", "\"", "\r", "\n"].contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
