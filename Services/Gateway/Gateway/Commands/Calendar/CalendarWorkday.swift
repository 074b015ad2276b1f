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

  /// The words of the number, without a `--` before it.
  private var number: ArraySlice<String> { offset.first == "--" ? offset.dropFirst() : offset[...] }

  /// The number of days; nil if the words are not a number.
  var days: Int? { number.count == 1 ? number.first.flatMap { Int($0) } : nil }

  func validate() throws {
    guard days != nil else {
      let given = number.isEmpty ? "nothing" : number.joined(separator: " ")
      throw ValidationError("expected one number of business days, e.g. -5 or 3, but got \(given)")
    }
  }

  func run(in session: Session) async throws {
    try await session.show(
      TieringRoutes.workday, WorkdayRequest(date: date, offset: days ?? 0, calendar: calendar))
  }
}
