import ArgumentParser
import Contract
import LaunchModel

struct LaunchShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a launch: its tier and why, dates and status.",
    examples: [
      "gonogo launch show smart-routing",
      "gonogo launch show smart-routing --as-of 2027-02-01T09:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.show, LaunchReference(launch: launch.id, asOf: moment.asOf))
    if moment.asOf == nil { try await session.warnIfHalted(launch.id) }
  }
}
