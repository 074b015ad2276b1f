import ArgumentParser
import Documents
import JSON
import Contract
import LaunchModel

struct CalendarAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt a calendar: due days and earliest dates are counted by it from then on.",
    discussion: """
      The file is YAML or JSON with calendar, weekend, holidays and years, or an iCalendar file (.ics), of which the \
      all-day events are the holidays. Launches name it by its key; several joined by +, as US+ACME, are worked only on \
      the days that all of them work.
      """)

  @Argument(help: "The calendar; - for standard input.") var file: String
  @Option(help: "The calendar's key, as ACME; needed for an iCalendar file.") var key: String?
  @Option(
    help: ArgumentHelp("The days of the week that are not worked, for an iCalendar file.", valueName: "days"))
  var weekend: CommaSeparated?
  @Option(
    help: ArgumentHelp(
      "The years that an iCalendar file's yearly events are spread over, as 2026-2035.", valueName: "years"))
  var years: YearSpan?
  @Option(help: "Why.") var reason: String?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard try isICalendar else {
      guard key == nil, weekend == nil, years == nil else {
        throw GatewayError(.usage, "--key, --weekend and --years are for iCalendar files; \(file) says these itself")
      }
      let document = try DocumentFile(file)
      try await document.explaining {
        try await session.show(
          TieringRoutes.adoptCalendar, AdoptCalendar(document: document.value, reason: reason))
      }
      return
    }
    try await session.show(TieringRoutes.adoptCalendar, AdoptCalendar(document: try converted(), reason: reason))
  }

  private var isICalendar: Bool {
    get throws { file.lowercased().hasSuffix(".ics") || (key != nil && file == "-") }
  }

  /// The iCalendar file as a calendar document.
  private func converted() throws -> JSONValue {
    guard let key else { throw GatewayError(.usage, "give the calendar's key with --key, as --key ACME") }
    let range = years?.range ?? YearSpan.standard
    let holidays: [LocalDate: String]
    do {
      holidays = try ICalendarReader(years: range).holidays(of: try InputFile(file).bytes())
    } catch let problem as Problem {
      throw GatewayError(problem, file: file)
    }
    guard !holidays.isEmpty else { throw GatewayError(.badInput, "\(file) has no all-day events") }
    let named = holidays.map { ($0.key.description, JSONValue.string($0.value)) }
    var members: [String: JSONValue] = [
      "calendar": .string(key), "holidays": .object(Dictionary(named, uniquingKeysWith: { first, _ in first })),
    ]
    if let weekend { members["weekend"] = .array(weekend.values.map { .string($0) }) }
    if let years {
      members["years"] = [.integer(Int64(years.range.lowerBound)), .integer(Int64(years.range.upperBound))]
    }
    return .object(members)
  }
}

/// A first and a last year, as `2026-2035`.
struct YearSpan: ExpressibleByArgument, Sendable, Hashable {
  var range: ClosedRange<Int>

  /// From last year, for launches that are running, for ten years.
  static var standard: ClosedRange<Int> {
    let year = ZoneRules.utc.localDate(at: SystemClock().now()).components.year
    return (year - 1)...(year + 9)
  }

  init?(argument: String) {
    let ends = argument.split(separator: "-").compactMap { Int($0) }
    guard let first = ends.first, let last = ends.last, (1...2).contains(ends.count), first <= last,
      (1...9998).contains(first), last <= 9998, last - first <= 200
    else { return nil }
    range = first...last
  }
}
