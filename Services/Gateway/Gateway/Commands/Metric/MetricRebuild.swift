import ArgumentParser
import Contract
import LaunchModel

struct MetricRebuild: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild", abstract: "Rebuild a launch's figures from the bus's log.",
    examples: [
      "gonogo metric rebuild smart-routing",
      "gonogo metric rebuild smart-routing --timeout 60",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.rebuild, LaunchAction(launch: launch.id))
  }
}
