import ArgumentParser
import Contract
import LaunchModel

struct Decide: GatewayCommand {
  /// What is decided, or that the standing GO is confirmed on its date.
  enum Step: String, ExpressibleByArgument, CaseIterable {
    case go
    case noGo = "no-go"
    case hold, confirm
  }

  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Decide GO, NO-GO or hold; confirm a GO on its date; or show what was decided.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "go, no-go, hold or confirm; nothing to look.") var step: Step?
  @Flag(help: "Decide against the recommendation; needs --reason.") var override = false
  @Option(help: "Why.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    switch step {
    case .go?: try await decide(.go, in: session)
    case .noGo?: try await decide(.noGo, in: session)
    case .hold?: try await decide(.hold, in: session)
    case .confirm?:
      try await session.show(ChecklistRoutes.confirmDecision, LaunchAction(launch: launch, reason: reason))
    case nil: try await session.show(ChecklistRoutes.showDecision, LaunchReference(launch: launch))
    }
  }

  private func decide(_ decision: DecisionKind, in session: Session) async throws {
    let request = DecisionRequest(
      launch: launch, decision: decision, reason: reason, override: override ? true : nil)
    try await session.show(ChecklistRoutes.makeDecision, request)
  }
}

struct Gate: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "May this ship? For pipelines.",
    discussion: """
      Exit status: 0 for a standing GO that is in force and not stale, 1 for no, with the reasons, and 69 when it \
      cannot be known.
      """)

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard try await isOpen(session) else { throw ExitCode(ExitStatus.no.rawValue) }
  }

  /// What did not answer in time is as unknown as what is out of reach, and is said to be.
  private func isOpen(_ session: Session) async throws -> Bool {
    do {
      return try await session.show(ChecklistRoutes.checkGate, LaunchReference(launch: launch)).open
    } catch let failure as CallError {
      var known = GatewayError(failure)
      if known.status == .timedOut { known.status = .unavailable }
      if known.status == .unavailable {
        known.messages = known.messages.map { "unknown whether \(launch) may ship: \($0)" }
      }
      throw known
    }
  }
}
