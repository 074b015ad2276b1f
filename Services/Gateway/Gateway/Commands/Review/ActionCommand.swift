import ArgumentParser
import Contract
import LaunchModel

/// `gonogo review action …`
struct ActionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "action", abstract: "What a review decided to do.",
    subcommands: [ActionAdd.self, ActionAssign.self, ActionListCommand.self, ActionDone.self, ActionDrop.self])
}

struct ActionAdd: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Add an action to a launch's review.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "What is to be done.") var text: String
  @Option(help: ArgumentHelp("Who does it.", valueName: "person")) var owner: PersonID?
  @Option(help: ArgumentHelp("Until when.", valueName: "date")) var due: LocalDate?
  @Option(help: "The id of the agenda point that it answers.") var point: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(
      ReviewRoutes.addAction, AddAction(launch: launch, text: text, owner: owner, due: due, point: point))
  }
}

struct ActionAssign: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Give an action another owner or another date.")

  @Argument(help: "The action's id.") var action: String
  @Option(help: ArgumentHelp("Who does it.", valueName: "person")) var owner: PersonID?
  @Option(help: ArgumentHelp("Until when.", valueName: "date")) var due: LocalDate?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard owner != nil || due != nil else { throw ValidationError("give --owner, --due or both") }
  }

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.assignAction, AssignAction(action: action, owner: owner, due: due))
  }
}

struct ActionListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List actions by due date.")

  @Option(help: "Only those of a launch.") var launch: LaunchID?
  @Option(help: ArgumentHelp("Only those of an owner.", valueName: "person")) var owner: PersonID?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.listActions, ActionFilter(launch: launch, owner: owner))
  }
}

struct ActionDone: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "done", abstract: "Record that an action is done.")

  @Argument(help: "The action's id.") var action: String
  @Option(help: "What came of it.") var outcome: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.finishAction, ActionReference(action: action, outcome: outcome))
  }
}

struct ActionDrop: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Record that an action will not be done.")

  @Argument(help: "The action's id.") var action: String
  @Option(help: "Why.") var outcome: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.dropAction, ActionReference(action: action, outcome: outcome))
  }
}
