internal import LaunchModel

/// Parses the built-in holiday table, whose lines have a region, a name and dates; the first line of each region is its
/// weekend.
enum CalendarTable {
  /// The years that the built-in table covers.
  static let years = 2024...2032

  /// Returns the calendars by region. Comments and other lines that are not rows are skipped.
  static func read(_ bytes: [UInt8]) -> [String: CalendarDocument] {
    var weekends: [String: Set<Weekday>] = [:]
    var holidays: [String: [LocalDate: String]] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: ",")
      guard fields.count == 3 else { continue }
      let region = String(fields[0])
      if fields[1] == "weekend" {
        weekends[region] = Set(fields[2].split(separator: " ").compactMap { Weekday(rawValue: String($0)) })
        continue
      }
      for date in fields[2].split(separator: " ").compactMap({ LocalDate(String($0)) }) {
        holidays[region, default: [:]][date] = String(fields[1])
      }
    }
    return Dictionary(
      uniqueKeysWithValues: weekends.map { region, weekend in
        (region, CalendarDocument(key: region, weekend: weekend, holidays: holidays[region] ?? [:], years: years))
      })
  }
}
