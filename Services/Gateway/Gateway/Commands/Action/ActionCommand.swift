import ArgumentParser
import LaunchModel

/// `gonogo review action …`
struct ActionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "action", abstract: "Track the actions agreed in reviews.",
    discussion: """
      Owners are reminded on the due date and every week after it, even after the review was closed. Three business days after \
      the due date, the lead of the owner's function is notified, too.
      """,
    subcommands: [
      ActionAdd.self, ActionOutreach.self, ActionAssign.self, ActionListCommand.self, ActionDone.self, ActionDrop.self,
    ])
}

/// The action that a command applies to.
struct ActionArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("Action id, e.g. smart-routing-a1.", valueName: "action")) var id: String
}

/// The day by which an action is to be done.
struct DueOption: ParsableArguments {
  @Option(help: ArgumentHelp("Due date.", valueName: "date")) var due: LocalDate?
}

/// The outcome of an action.
struct ActionOutcomeOption: ParsableArguments {
  @Option(help: ArgumentHelp("The outcome, or why it was dropped.", valueName: "text")) var outcome: String?
}
