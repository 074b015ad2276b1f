import ArgumentParser
import Contract
import LaunchModel

/// `gonogo review learning …`
struct LearningCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learning", abstract: "What a launch taught, and the better checklist it leads to.",
    subcommands: [LearningAdd.self, LearningListCommand.self, LearningPropose.self])
}

struct LearningAdd: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a learning to a launch's review.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "What it taught.") var text: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.addLearning, AddLearning(launch: launch, text: text))
  }
}

struct LearningListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List all learnings.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.listLearnings, NoParameters())
  }
}

struct LearningPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a learning as a change of the checklist template.")

  @Argument(help: "The learning's id.") var learning: String
  @Argument(help: "The change, YAML or JSON; - for standard input.") var file: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(
        ReviewRoutes.proposeLearning, ProposeLearning(learning: learning, change: document.value))
    }
  }
}
