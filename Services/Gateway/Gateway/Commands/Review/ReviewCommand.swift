import ArgumentParser

/// `gonogo review …`
struct ReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "Review a launch on day 30, and learn from it.",
    subcommands: [
      ReviewShow.self, ReviewListCommand.self, ReviewAgenda.self, ReviewTopics.self, ReviewExplain.self,
      ReviewNote.self, ReviewAttend.self, ReviewClose.self, ActionCommand.self, LearningCommand.self,
    ])
}
