import ArgumentParser
import Contract
import LaunchModel

/// Prints whether a launch may ship. The checklist decides it: `checkGate` in `DecisionHandlers`.
struct Gate: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "Check whether a launch may ship, for deploy pipelines.",
    discussion: """
      Exit status: 0 if a GO is in force and not stale; 1 if not, with the reasons; 69 if the answer is unknown.
      """,
    examples: [
      "gonogo gate smart-routing",
      "gonogo gate smart-routing --output json --timeout 30",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard try await isOpen(session) else { throw GatewayError(.no) }
  }

  /// Whether the gate is open; an answer that is late, or that the bus does not vouch for, is as unknown as one from a
  /// service that is down.
  private func isOpen(_ session: Session) async throws -> Bool {
    do {
      return try await session.requiringHead().show(ChecklistRoutes.checkGate, LaunchReference(launch: launch.id)).open
    } catch let failure as CallError {
      var error = GatewayError(failure)
      if error.status == .timedOut { error.status = .unavailable }
      if error.status == .unavailable {
        error.messages = error.messages.map { "unknown whether \(launch.id) may ship: \($0)" }
      }
      throw error
    }
  }
}
