import ArgumentParser
import Contract

struct CalendarShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a calendar's weekend and holidays.",
    discussion: "Also lists the known calendars.",
    examples: [
      "gonogo calendar show US",
      "gonogo calendar show US+PL",
    ])

  @Argument(help: "Calendar key; default: Monday to Friday without holidays.") var calendar: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.showCalendar, CalendarReference(calendar: calendar))
  }
}
