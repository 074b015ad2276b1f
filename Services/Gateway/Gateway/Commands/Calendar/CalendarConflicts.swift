import ArgumentParser
import Contract
import LaunchModel

struct CalendarConflicts: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts", abstract: "List conflicts of dates, people and blackouts.",
    discussion: """
      A conflict is charged to the launch that was proposed or moved last. Conflicts of kind same-week, same-owner \
      and blackout block GO until the launch moves or they are accepted; see gonogo calendar accept.
      """,
    examples: [
      "gonogo calendar conflicts --open",
      "gonogo calendar conflicts --launch smart-routing",
    ])

  @OptionGroup var launch: LaunchOption
  @OptionGroup var dates: DateRangeOptions
  @Flag(help: "Only conflicts that nobody has accepted.") var open = false
  @Option(help: ArgumentHelp("Maximum number, 1 to 1,000; default: all.", valueName: "count")) var limit: Int?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let limit, !(1...ConflictFilter.maximum).contains(limit) {
      throw ValidationError("--limit \(limit) is out of range: pass 1 to \(ConflictFilter.maximum)")
    }
  }

  func run(in session: Session) async throws {
    let filter = ConflictFilter(
      launch: launch.launch, from: dates.from, to: dates.to, accepted: open ? false : nil, limit: limit)
    // Tiering has the conflicts between dates; the checklist has those of people and functions with work on two
    // launches.
    async let dated = all(TieringRoutes.conflicts, filter, session)
    async let booked = all(ChecklistRoutes.bookingConflicts, filter, session)
    let (first, second) = (try await dated, try await booked)
    let sorted = ConflictList.sorted(first.conflicts + second.conflicts)
    let shown = Array(sorted.prefix(limit ?? sorted.count))
    try session.print(ConflictList(conflicts: shown, total: first.total + second.total))
  }

  /// Returns the conflicts up to the limit, or all, page by page.
  private func all(
    _ route: Route<ConflictFilter, ConflictList>, _ filter: ConflictFilter, _ session: Session
  ) async throws -> ConflictList {
    var list = try await session.call(route, filter).value
    while limit == nil, let next = list.next {
      var filter = filter
      filter.after = next
      let page = try await session.call(route, filter).value
      list.conflicts += page.conflicts
      list.next = page.next
    }
    return list
  }
}
