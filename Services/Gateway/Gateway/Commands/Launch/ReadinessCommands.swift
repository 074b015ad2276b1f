public import ArgumentParser
public import Contract
import LaunchModel

struct Ready: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ready", abstract: "Show a launch's readiness by function, and the recommendation.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: ArgumentHelp("As it was at a time.", valueName: "time")) var asOf: Timestamp?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.readiness, LaunchReference(launch: launch, asOf: asOf))
  }
}

struct Board: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "board", abstract: "Show every running launch, function by function.")

  @Option(help: ArgumentHelp("As it was at a time.", valueName: "time")) var asOf: Timestamp?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.board, BoardReference(asOf: asOf))
  }
}

struct Poll: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "poll", abstract: "Show a launch's poll, or answer it for the function you lead.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "go or no-go; nothing to look.") var answer: PollAnswer.Answer?
  @Option(help: "The function, where you lead several.") var function: LaunchFunction?
  @Option(help: "What you want to say with it.") var note: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let answer else {
      try await session.show(ChecklistRoutes.showPoll, LaunchReference(launch: launch))
      return
    }
    try await session.show(
      ChecklistRoutes.answerPoll, PollAnswer(launch: launch, answer: answer, function: function, note: note))
  }
}

extension PollAnswer.Answer: ExpressibleByArgument {}
