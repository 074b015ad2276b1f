import ArgumentParser

/// `gonogo review learning …`
struct LearningCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learning", abstract: "Record learnings, and propose changes based on them.",
    subcommands: [LearningAdd.self, LearningListCommand.self, LearningPropose.self])
}
