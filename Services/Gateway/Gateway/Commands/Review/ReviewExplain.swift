import ArgumentParser
import Contract
import LaunchModel

struct ReviewExplain: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Record why a metric missed its target.",
    examples: [
      "gonogo review explain smart-routing adoption 'admins did not find the switch'",
      "gonogo review explain smart-routing csat 'too few answers' --attempt 1",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var metric: MetricArgument
  @Argument(help: "The explanation.") var text: String
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let explanation = ExplainMetric(launch: launch.id, metric: metric.key, text: text, attempt: attempt.attempt)
    try await session.show(ReviewRoutes.explain, explanation)
  }
}
