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

  @OptionGroup var tier: TierFilter
  @Option(help: "Filter by status.") var status: LaunchStatus?
  @OptionGroup var owner: OwnerFilter
  @OptionGroup var dates: DateRangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let filter = LaunchFilter(
      tier: tier.tier, status: status, owner: owner.owner, from: dates.from, to: dates.to)
    try session.print(try await session.launches(filter))
  }
}

extension Session {
  /// All launches that match the filter, fetched page by page.
  func launches(_ filter: LaunchFilter) async throws -> LaunchList {
    var (filter, launches): (LaunchFilter, [LaunchSummary]) = (filter, [])
    repeat {
      let page = try await call(TieringRoutes.list, filter).value
      launches += page.launches
      filter.after = page.next
    } while filter.after != nil
    return LaunchList(launches: launches)
  }
}
