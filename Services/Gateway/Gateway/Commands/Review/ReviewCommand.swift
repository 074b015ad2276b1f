import ArgumentParser
import Contract
import LaunchModel

/// `gonogo review …`
struct ReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "Review a launch on day 30, and learn from it.",
    subcommands: [
      ReviewShow.self, ReviewListCommand.self, ReviewAgenda.self, ReviewExplain.self, ReviewNote.self,
      ReviewAttend.self, ReviewClose.self, ActionCommand.self, LearningCommand.self,
    ])
}

struct ReviewShow: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the review of a launch.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: "Which attempt at launching, from 1; default the open review, else the latest.") var attempt: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.show, ReviewReference(launch: launch, attempt: attempt))
  }
}

struct ReviewListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List all reviews.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.list, NoParameters())
  }
}

struct ReviewAgenda: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "agenda", abstract: "Assemble the agenda of a review from the data.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: "Which attempt at launching, from 1; default the open review, else the latest.") var attempt: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.agenda, ReviewReference(launch: launch, attempt: attempt))
  }
}

struct ReviewExplain: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Record what explains a metric's gap.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "The metric's key.") var metric: String
  @Argument(help: "The explanation.") var text: String
  @Option(help: "Which attempt at launching, from 1; default the open review, else the latest.") var attempt: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(
      ReviewRoutes.explain, ExplainMetric(launch: launch, metric: metric, text: text, attempt: attempt))
  }
}

struct ReviewNote: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Record the outcome of an agenda point.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "The point's id, in brackets in the agenda.") var point: String
  @Argument(help: "The outcome.") var text: String
  @Option(help: "Which attempt at launching, from 1; default the open review, else the latest.") var attempt: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.note, NoteOutcome(launch: launch, point: point, text: text, attempt: attempt))
  }
}

struct ReviewAttend: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "attend", abstract: "Record who attended the review.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "Who was there.") var people: [PersonID]
  @Option(help: "Which attempt at launching, from 1; default the open review, else the latest.") var attempt: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.attend, Attendance(launch: launch, people: people, attempt: attempt))
  }
}

struct ReviewClose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close the review; its agenda is stored with a digest.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: "Which attempt at launching, from 1; default the open review, else the latest.") var attempt: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.close, ReviewReference(launch: launch, attempt: attempt))
  }
}
