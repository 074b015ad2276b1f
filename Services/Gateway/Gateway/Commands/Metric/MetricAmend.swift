import ArgumentParser
import Contract
import LaunchModel

struct MetricAmend: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "amend", abstract: "Amend sealed metrics; both verdicts stay visible.",
    examples: [
      "gonogo metric amend smart-routing metrics.yaml --reason 'forecast corrected'",
      "gonogo metric amend smart-routing - --reason 'new target' < metrics.yaml",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var document: DocumentArgument
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    try await document.explaining {
      try await session.show(
        MetricsRoutes.amend,
        DefinePlan(launch: launch.id, document: document.value, reason: explanation.reason))
    }
  }
}
