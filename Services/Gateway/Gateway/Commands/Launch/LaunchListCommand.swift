import ArgumentParser
import Contract
import LaunchModel

struct LaunchListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List launches by date.",
    examples: [
      "gonogo launch list",
      "gonogo launch list --owner dana --from 2027-03-01 --to 2027-03-31",
    ])

  @OptionGroup var filter: LaunchFilterOptions
  @Option(help: "Filter by status.") var status: LaunchStatus?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let wanted = LaunchFilter(
      tier: filter.tier, status: status, owner: filter.owner, from: filter.from, to: filter.to)
    let list = try await session.launches(wanted)
    // Tiering does not know of halts; the warning is above the table.
    try await session.warnIfHalted()
    try session.print(list)
  }
}

extension Session {
  /// Returns all launches that match the filter, fetched page by page.
  ///
  /// - Throws: `GatewayError` if there are none and the owner is not on the roster.
  func launches(_ filter: LaunchFilter) async throws -> LaunchList {
    var (filter, launches): (LaunchFilter, [LaunchSummary]) = (filter, [])
    repeat {
      let page = try await call(TieringRoutes.list, filter).value
      launches += page.launches
      filter.after = page.next
    } while filter.after != nil
    try await requireKnown(owner: filter.owner, ofEmptyList: launches.isEmpty)
    return LaunchList(launches: launches)
  }
}
