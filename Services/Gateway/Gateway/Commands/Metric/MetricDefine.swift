import ArgumentParser
import Contract
import LaunchModel

struct MetricDefine: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "define", abstract: "Define a launch's success metrics before the seal.",
    discussion: "Values that the file leaves out get the defaults of the launch's tier; see gonogo metric defaults.",
    examples: [
      "gonogo metric define smart-routing metrics.yaml",
      "gonogo metric define smart-routing - < metrics.yaml",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var document: DocumentArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    try await document.explaining {
      try await session.show(MetricsRoutes.define, DefinePlan(launch: launch.id, document: document.value))
    }
  }
}
