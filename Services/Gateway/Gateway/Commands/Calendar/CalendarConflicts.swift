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
  @Option(help: ArgumentHelp("Maximum number, 1 to 1,000.", valueName: "count")) var limit: Int?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let limit, !(1...ConflictFilter.maximum).contains(limit) {
      throw ValidationError("--limit \(limit) is out of range: pass 1 to \(ConflictFilter.maximum)")
    }
  }

  func run(in session: Session) async throws {
    let filter = ConflictFilter(
      launch: launch.launch, from: dates.from, to: dates.to, accepted: open ? false : nil, limit: limit)
    // Tiering has the conflicts of dates, the checklist those of people and functions booked on two launches.
    async let dated = session.call(TieringRoutes.conflicts, filter).value
    async let booked = session.call(ChecklistRoutes.bookingConflicts, filter).value
    let (first, second) = (try await dated, try await booked)
    let all = ConflictList(first.conflicts + second.conflicts, filter)
    try session.print(ConflictList(conflicts: all.conflicts, total: first.total + second.total))
  }
}
