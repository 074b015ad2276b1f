import ArgumentParser

/// `gonogo review learning …`
struct LearningCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learning", abstract: "Record learnings, and turn them into template changes.",
    subcommands: [LearningAdd.self, LearningListCommand.self, LearningPropose.self])
}
