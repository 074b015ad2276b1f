import ArgumentParser
import LaunchModel

struct EventPublish: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publish events from a file, one CloudEvent per line.",
    discussion: """
      An event is acknowledged once it is on disk. After an interruption, run the same command again: events that are \
      already stored count as duplicates. Missing attributes are not filled in: an event without id, source, type or \
      specversion is rejected and reported with its file and line; the others are stored.
      """,
    examples: [
      "gonogo event publish events.ndjson",
      "gonogo event publish - --output json < events.ndjson",
    ])

  @Argument(help: "NDJSON file; - for standard input.") var file: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let progress = PublishProgress(console: session.console, file: InputFile(file).name)
    let publisher = EventFilePublisher(
      client: try session.connections.client(of: .bus), timeout: session.timeout, progress: progress)
    do {
      try await publisher.publish(try LineReader(path: file))
    } catch let failure as CallError {
      progress.finish()
      var error = GatewayError(failure)
      error.messages.append(
        "\(counted(progress.tally.acknowledged, "event")) stored; run the same command again to continue")
      throw error
    }
    progress.finish()
    try session.print(progress.tally)
    guard progress.tally.rejected == 0 else { throw GatewayError(.badInput) }
  }
}
