import ArgumentParser
import Documents
import Contract
import LaunchModel

struct CalendarExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print launches and blackouts as an iCalendar file, for calendar clients.",
    discussion: "As in: gonogo calendar export > launches.ics")

  @Option(help: "Only launches of a tier, 0 to 3.") var tier: Tier?
  @Option(help: ArgumentHelp("Only launches of an owner.", valueName: "person")) var owner: PersonID?
  @Option(help: ArgumentHelp("Only what is on this date or later.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("Only what is on this date or earlier.", valueName: "date")) var to: LocalDate?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard global.output == .table else {
      throw ValidationError("export writes iCalendar; gonogo launch list has launches as JSON and YAML")
    }
  }

  func run(in session: Session) async throws {
    let filter = LaunchFilter(tier: tier, owner: owner, from: from, to: to)
    let launches = try await session.launches(filter).launches
    let blackouts = try await session.call(TieringRoutes.blackouts, NoParameters()).value.blackouts.map(\.blackout)
    let (first, last) = (from, to)
    let shown = blackouts.filter { blackout in
      first.map { $0 <= blackout.to } ?? true && last.map { blackout.from <= $0 } ?? true
    }
    let writer = ICalendarWriter(name: "gonogo launches", now: SystemClock().now())
    session.console.write(writer.text(of: launches.map(\.event) + shown.map(\.event)))
  }
}

extension LaunchSummary {
  fileprivate var event: ICalendarEvent {
    let short = shortfallDays == 0 ? [] : ["\(counted(shortfallDays, "day")) too early"]
    return ICalendarEvent(
      uid: "\(id)@launch.gonogo", sequence: version, first: date, last: date,
      summary: "\(name) (tier \(tier.rawValue))",
      description: (["Launch \(id), \(status.rawValue), owner \(owner)"] + short).joined(separator: "\n"),
      categories: ["Launch", tier.title], status: eventStatus)
  }

  private var eventStatus: ICalendarEvent.Status {
    switch status {
    case .cancelled, .postponed: .cancelled
    case .proposed, .preparing, .rolledBack: .tentative
    case .decided, .live, .hypercare, .measuring, .inReview, .closed: .confirmed
    }
  }
}

extension Blackout {
  /// Grows whenever it is set anew: seconds from the beginning of 2020 on, which a 32-bit number holds until 2088.
  private var sequence: Int { max(0, Int(at.microseconds / 1_000_000) - 1_577_836_800) }

  fileprivate var event: ICalendarEvent {
    let excepted =
      exceptions.isEmpty ? [] : ["Excepted: \(exceptions.map(\.launch.description).joined(separator: ", "))"]
    return ICalendarEvent(
      uid: "\(key)@blackout.gonogo", sequence: sequence, first: from, last: to, summary: "Blackout: \(key)",
      description: ([reason] + excepted).joined(separator: "\n"), categories: ["Blackout"])
  }
}
