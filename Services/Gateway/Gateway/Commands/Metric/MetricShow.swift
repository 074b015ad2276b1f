import ArgumentParser
import Contract
import LaunchModel

struct MetricShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the figures and verdicts of a launch's metrics.",
    examples: [
      "gonogo metric show smart-routing",
      "gonogo metric show smart-routing --as-of 2027-03-09T14:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var moment: AsOfOption
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = VerdictRequest(launch: launch.id, attempt: attempt.attempt, asOf: moment.asOf)
    try await session.show(MetricsRoutes.verdicts, request)
  }
}
