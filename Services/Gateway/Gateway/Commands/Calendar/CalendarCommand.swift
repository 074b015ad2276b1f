import ArgumentParser
import Contract
import LaunchModel

/// `gonogo calendar …`
struct CalendarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar", abstract: "Business days, blackouts, and conflicts of launch dates.",
    subcommands: [
      CalendarShow.self, CalendarAdopt.self, CalendarConflicts.self, CalendarAccept.self, BlackoutCommand.self,
      CalendarExport.self, CalendarWorkday.self,
    ])
}

struct CalendarShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a calendar's weekend and holidays, and which calendars there are.")

  @Argument(help: "The calendar; default Monday to Friday without holidays.") var calendar: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.showCalendar, CalendarReference(calendar: calendar))
  }
}

struct CalendarWorkday: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "workday", abstract: "Count business days from a date.",
    discussion: "As in: gonogo calendar workday 2027-03-02 -5 --calendar US")

  @Argument(help: "The date to count from, not counted itself.") var date: LocalDate
  @Argument(
    parsing: .allUnrecognized, help: "How many: before it negative, after it positive, 0 the date rolled forward.")
  var offset: [String]
  @Option(help: "The calendar; default Monday to Friday without holidays.") var calendar: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard offset.count == 1, Int(offset[0]) != nil else {
      throw ValidationError("give one number of business days, as -5 or +3")
    }
  }

  func run(in session: Session) async throws {
    let days = offset.first.flatMap { Int($0) } ?? 0
    try await session.show(
      TieringRoutes.workday, WorkdayRequest(date: date, offset: days, calendar: calendar))
  }
}
