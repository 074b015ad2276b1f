import ArgumentParser
import Contract
import LaunchModel

struct MetricPower: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "power", abstract: "Show how soon a spike in tickets raises the alarm.",
    discussion: """
      Simulates 1,000 windows for each multiple of the forecast, or as many as there is time for (--timeout).
      """,
    examples: [
      "gonogo metric power smart-routing",
      "gonogo metric power smart-routing tickets --timeout 60",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: ArgumentHelp("Metric key; omit it for the first tickets metric.", valueName: "metric"))
  var key: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.spikePower, SpikePowerRequest(launch: launch.id, key: key))
  }
}

extension SpikePowerView: Displayable {
  func display(on page: inout Page) {
    page.heading("\(key) of \(launch): probability that the alarm is raised by the end of the day")
    var table = Table(
      columns: [Table.Column.right("day")] + multiples.map { Table.Column.right("\($0.multiple.digits(2)) ×") })
    let days = multiples.map(\.byDay.count).min() ?? 0
    table.rows = (0..<days).map { day in
      [Text(day + 1)] + multiples.map { Text($0.byDay[day].percent) }
    }
    page.table(table)
    page.bullets([
      Text("1 × is the forecast of \(forecast.digits(2)) tickets: alarms at 1 × are false alarms", .faint),
      Text("\(windows) simulated windows; daily counts vary by \(dispersion.digits(2)) times their mean", .faint),
    ])
  }
}
