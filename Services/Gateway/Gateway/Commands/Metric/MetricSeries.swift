import ArgumentParser
import Contract
import LaunchModel

struct MetricSeries: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "series", abstract: "Show a metric day by day.",
    examples: [
      "gonogo metric series smart-routing adoption",
      "gonogo metric series smart-routing tickets --output json",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var metric: MetricArgument
  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = SeriesRequest(launch: launch.id, key: metric.key, asOf: moment.asOf)
    try await session.show(MetricsRoutes.series, request)
  }
}
