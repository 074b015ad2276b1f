import ArgumentParser
import Contract
import LaunchModel

struct CalendarWorkday: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "workday", abstract: "Count business days from a date.",
    examples: [
      "gonogo calendar workday 2027-03-02 -5 --calendar US",
      "gonogo calendar workday 2027-03-02 10",
    ])

  @Argument(help: "Date to count from; not counted itself.") var date: LocalDate
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "Business days after the date, or before it if negative; 0 rolls the date forward.", valueName: "days"))
  var offset: [String]
  @Option(help: ArgumentHelp("Calendar key; default: Monday to Friday without holidays.", valueName: "key"))
  var calendar: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard offset.count == 1, Int(offset[0]) != nil else {
      let given = offset.isEmpty ? "nothing" : offset.joined(separator: " ")
      throw ValidationError("expected one number of business days, e.g. -5 or 3, but got \(given)")
    }
  }

  func run(in session: Session) async throws {
    let days = offset.first.flatMap { Int($0) } ?? 0
    try await session.show(
      TieringRoutes.workday, WorkdayRequest(date: date, offset: days, calendar: calendar))
  }
}
