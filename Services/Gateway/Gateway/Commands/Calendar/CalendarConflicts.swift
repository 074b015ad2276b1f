import ArgumentParser
import Contract
import LaunchModel

struct CalendarConflicts: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts", abstract: "List what launches' dates are in conflict with, and why.",
    discussion: """
      A conflict is charged to the launch that was proposed or moved later. Those of dates are tiering's; those of \
      persons and functions that are booked on items of two launches are the checklist's.
      """)

  @Option(help: "Only those that a launch takes part in.") var launch: LaunchID?
  @Option(help: ArgumentHelp("Only launches on this date or later.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("Only launches on this date or earlier.", valueName: "date")) var to: LocalDate?
  @Flag(help: "Only those that nobody has accepted.") var open = false
  @Option(help: "How many at most, up to 1,000.") var limit: Int?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let limit, !(1...ConflictFilter.maximum).contains(limit) {
      throw ValidationError("--limit is from 1 to \(ConflictFilter.maximum), not \(limit)")
    }
  }

  func run(in session: Session) async throws {
    let filter = ConflictFilter(launch: launch, from: from, to: to, accepted: open ? false : nil, limit: limit)
    async let dates = session.call(TieringRoutes.conflicts, filter).value
    async let bookings = session.call(ChecklistRoutes.bookingConflicts, filter).value
    let (first, second) = (try await dates, try await bookings)
    let all = ConflictList(first.conflicts + second.conflicts, filter)
    try session.print(ConflictList(conflicts: all.conflicts, total: first.total + second.total))
  }
}

struct CalendarAccept: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Accept a conflict, with a reason; it then stands in no GO's way.",
    discussion: "As in: gonogo calendar accept smart-routing same-week fast-search --reason 'two audiences'")

  @Argument(help: "The launch that the conflict is charged to.") var launch: LaunchID
  @Argument(help: "What is in conflict.") var kind: ConflictKind
  @Argument(help: "The other launch, or the blackout.") var other: String
  @Option(help: "Why.") var reason: String?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let accept = AcceptConflict(launch: launch, kind: kind, other: other, reason: reason)
    switch kind {
    case .sameWeek, .sameOwner, .blackout: try await session.show(TieringRoutes.acceptConflict, accept)
    case .samePerson, .sameFunction: try await session.show(ChecklistRoutes.acceptBooking, accept)
    }
  }
}
