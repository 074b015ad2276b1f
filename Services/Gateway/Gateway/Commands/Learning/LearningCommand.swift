import ArgumentParser

/// `gonogo review learning …`
struct LearningCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learning", abstract: "Record learnings, and propose what they change.",
    subcommands: [LearningAdd.self, LearningListCommand.self, LearningPropose.self])
}
