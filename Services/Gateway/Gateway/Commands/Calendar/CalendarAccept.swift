import ArgumentParser
import Contract
import LaunchModel

struct CalendarAccept: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Accept a conflict (with a reason) so that it no longer blocks GO.",
    examples: [
      "gonogo calendar accept smart-routing blackout freeze --reason 'flag only'",
      "gonogo calendar accept routing-2 same-week smart-routing-eu --reason pilot",
    ])

  @Argument(help: "Launch that the conflict is stored with (the later of the two).") var launch: LaunchID
  @Argument(help: "Kind of the conflict.") var kind: ConflictKind
  @Argument(help: "The other launch, or the blackout.") var other: String
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let accept = AcceptConflict(launch: launch, kind: kind, other: other, reason: explanation.reason)
    switch kind {
    case .sameWeek, .sameOwner, .blackout: try await session.show(TieringRoutes.acceptConflict, accept)
    case .samePerson, .sameFunction: try await session.show(ChecklistRoutes.acceptBooking, accept)
    }
  }
}
