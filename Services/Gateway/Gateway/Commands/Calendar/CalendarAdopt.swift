import ArgumentParser
import Contract
import Documents
import JSON
import LaunchModel

struct CalendarAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt a calendar of business days.",
    discussion: """
      Due dates and earliest dates then use it. The file is YAML or JSON with calendar, weekend, holidays and years, \
      or an iCalendar file (.ics) whose all-day events are the holidays. A launch names its calendar by key; in \
      calendars joined by +, such as US+ACME, a day is a business day only if it is one in all of them. At a terminal: \
      if items of running launches would move, lists them, requires --reason and asks.
      """,
    examples: [
      "gonogo calendar adopt acme.ics --key ACME --dry-run",
      "gonogo calendar adopt acme.ics --key ACME --weekend Fri,Sat --years 2027",
    ])

  @Argument(help: "Calendar file; - for standard input.") var file: String
  @Option(help: "Calendar key, e.g. ACME; required for an iCalendar file.") var key: String?
  @Option(help: ArgumentHelp("Weekend days, for an iCalendar file, e.g. Sat,Sun.", valueName: "days"))
  var weekend: CommaSeparated?
  @Option(
    help: ArgumentHelp("Years to read from an iCalendar file, e.g. 2026-2035.", valueName: "years"))
  var years: YearSpan?
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reason = explanation.reason
    guard isICalendar else {
      guard key == nil, weekend == nil, years == nil else {
        throw GatewayError(
          .usage, "--key, --weekend and --years are for iCalendar files; set them inside \(file) instead")
      }
      let document = try DocumentFile(file, for: .change)
      return try await document.explaining {
        try await adopt(AdoptCalendar(document: document.value, reason: reason), in: session)
      }
    }
    try await adopt(AdoptCalendar(document: try await converted(session), reason: reason), in: session)
  }

  private func adopt(_ adoption: AdoptCalendar, in session: Session) async throws {
    if preview.dryRun || confirmation.asks(in: session) {
      let consequences = try await session.call(ChecklistRoutes.previewCalendar, adoption)
      if preview.dryRun { return try session.print(consequences) }
      if !consequences.value.launches.isEmpty {
        try explanation.require(for: "adopting a calendar that moves items of running launches")
        try confirmation.ask("Adopt this calendar?", showing: consequences.value, in: session)
      }
    }
    try await session.show(TieringRoutes.adoptCalendar, adoption)
  }

  private var isICalendar: Bool { file.lowercased().hasSuffix(".ics") || (key != nil && InputFile(file).isUnnamed) }

  /// Converts the iCalendar file to a calendar document.
  private func converted(_ session: Session) async throws -> JSONValue {
    guard let key else { throw GatewayError(.usage, "an iCalendar file needs a key: pass --key, e.g. --key ACME") }
    let bytes = try InputFile(file).bytes()
    let reader: ICalendarReader
    if let years {
      reader = ICalendarReader(years: years.range)
    } else {
      reader = ICalendarReader(around: ZoneRules.utc.localDate(at: try await session.now(of: .tiering)).components.year)
    }
    let holidays: ICalendarHolidays
    do throws(Problem) {
      holidays = try reader.read(bytes)
    } catch {
      throw GatewayError(error, file: InputFile(file).name, for: .change)
    }
    let span = "\(reader.years.lowerBound) to \(reader.years.upperBound)"
    guard !holidays.names.isEmpty else {
      throw GatewayError(
        .badInput, "\(file) has no all-day events in \(span), so it names no holidays; choose the years with --years")
    }
    if let first = holidays.leftOut.min() {
      session.console.warning(
        "left out \(counted(holidays.leftOut.count, "day")) of \(file) outside \(span); the first is \(first)")
    }
    let named = holidays.names.map { ($0.key.description, JSONValue.string($0.value)) }
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

/// A first and last year, or a single year: `2026-2035`, `2027`.
struct YearSpan: ExpressibleByArgument, Sendable, Hashable {
  var range: ClosedRange<Int>

  init?(argument: String) {
    let ends = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
      (1...9998).contains(first), last <= 9998, last - first <= 200
    else { return nil }
    range = first...last
  }
}
