import ArgumentParser
import Contract
import LaunchModel

struct LaunchOverride: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "override", abstract: "Override the computed tier, or clear the override.",
    examples: [
      "gonogo launch override smart-routing 2 --reason 'one customer only'",
      "gonogo launch override smart-routing 0 --dry-run",
      "gonogo launch override smart-routing --clear --reason 'for all after all'",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "Tier, 0 to 3; omit it with --clear.") var tier: Tier?
  @Flag(help: "Clear the override.") var clear = false
  @OptionGroup var preview: DryRunOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard clear == (tier == nil) else { throw ValidationError("pass either a tier, 0 to 3, or --clear") }
    guard !(clear && preview.dryRun) else { throw ValidationError("--dry-run previews a tier; omit --clear") }
  }

  func run(in session: Session) async throws {
    if preview.dryRun {
      try await change.show(PreviewLaunch(launch: launch.id, tier: tier, reason: change.reason), in: session)
      return
    }
    let override = OverrideTier(launch: launch.id, tier: tier, reason: change.reason)
    try await change.apply(TieringRoutes.override, override, to: launch.id, in: session)
  }
}
