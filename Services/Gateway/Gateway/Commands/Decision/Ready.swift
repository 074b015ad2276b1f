import ArgumentParser
import Contract
import LaunchModel

struct Ready: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ready", abstract: "Show a launch's readiness, and what blocks a GO.",
    discussion: "Shows one line of reasons against GO for each function; --all shows every reason.",
    examples: [
      "gonogo ready smart-routing --all",
      "gonogo ready smart-routing --as-of 2027-02-01T09:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @Flag(help: "Show every reason against GO.") var all = false
  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reply = try await session.call(
      ChecklistRoutes.readiness, LaunchReference(launch: launch.id, asOf: moment.asOf))
    let page = ReadinessPage(view: reply.value, showsAll: all)
    try session.print(Reply(value: page, json: reply.json, parts: reply.parts))
  }
}
