import ArgumentParser
import Contract
import LaunchModel

struct MetricSeal: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal", abstract: "Seal the metrics; from then on they can only be amended.",
    discussion: """
      Needs a reason if gonogo metric check finds a metric that cannot be measured, or cannot run.
      """,
    examples: [
      "gonogo metric seal smart-routing",
      "gonogo metric seal smart-routing --reason 'the feeds come next week'",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.seal, LaunchAction(launch: launch.id, reason: explanation.reason))
  }
}
