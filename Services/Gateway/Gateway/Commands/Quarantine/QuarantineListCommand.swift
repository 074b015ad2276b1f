import ArgumentParser
import Contract
import LaunchModel

struct QuarantineListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the events in quarantine, each with the reason.",
    examples: [
      "gonogo event quarantine list",
      "gonogo event quarantine list --consumer metrics --max 100",
    ])

  @OptionGroup var filter: ConsumerOption
  @Option(help: ArgumentHelp("Maximum number, 1 to 1,000.", valueName: "count")) var max: Int?
  @Option(help: ArgumentHelp("Only entries after this id.", valueName: "id")) var after: Int64?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let max, !(1...1_000).contains(max) { throw ValidationError("--max \(max) is out of range: pass 1 to 1000") }
  }

  func run(in session: Session) async throws {
    let page = QuarantineListParameters(consumer: filter.consumer?.rawValue, after: after, max: max)
    try await session.show(BusRoutes.quarantineList, page)
  }
}
