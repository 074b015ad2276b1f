import ArgumentParser
import Contract
import LaunchModel

struct MetricPlan: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show how the metrics are defined, sealed and amended.",
    examples: [
      "gonogo metric plan smart-routing",
      "gonogo metric plan smart-routing --output yaml",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.showPlan, LaunchReference(launch: launch.id))
  }
}
