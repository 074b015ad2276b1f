import ArgumentParser
import Contract
import Documents
import LaunchModel
import StandardStreams

struct CalendarExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print launches and blackouts as iCalendar.",
    examples: [
      "gonogo calendar export > launches.ics",
      "gonogo calendar export --tier 1 --from 2027-01-01 > major.ics",
    ])

  @OptionGroup var filter: LaunchFilterOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard global.output == .table else {
      throw ValidationError("export prints iCalendar; for JSON or YAML use gonogo launch list")
    }
  }

  func run(in session: Session) async throws {
    let wanted = LaunchFilter(tier: filter.tier, owner: filter.owner, from: filter.from, to: filter.to)
    let launches = try await session.launches(wanted).launches
    let blackouts = try await session.call(TieringRoutes.blackouts, NoParameters()).value.blackouts.map(\.blackout)
    let shown = blackouts.filter { blackout in
      filter.from.map { $0 <= blackout.to } ?? true && filter.to.map { blackout.from <= $0 } ?? true
    }
    let writer = ICalendarWriter(name: "gonogo launches", now: try await session.now(of: .tiering))
    let text = writer.text(of: launches.map(\.event) + shown.map(\.event))
    session.console.write(session.console.output.width == nil ? text : text.printableLines)
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
  /// The iCalendar sequence number, which increases with each change: seconds since the start of 2020, which fit into
  /// 32 bits until 2088.
  private var sequence: Int { max(0, Int(at.microseconds / 1_000_000) - 1_577_836_800) }

  fileprivate var event: ICalendarEvent {
    let excepted =
      exceptions.isEmpty ? [] : ["Exempt: \(exceptions.map(\.launch.description).joined(separator: ", "))"]
    return ICalendarEvent(
      uid: "\(key)@blackout.gonogo", sequence: sequence, first: from, last: to, summary: "Blackout: \(key)",
      description: ([reason] + excepted).joined(separator: "\n"), categories: ["Blackout"])
  }
}
