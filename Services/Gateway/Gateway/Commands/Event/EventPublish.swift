import ArgumentParser
import LaunchModel

struct EventPublish: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publish events from a file, one CloudEvent in JSON a line.",
    discussion: """
      Every event is acknowledged when it is on disk. An interrupted run is simply repeated: what is stored already \
      counts as duplicate. Nothing is filled in: an event without id, source, type or specversion is refused, by file \
      and line, and the others are stored all the same.
      """)

  @Argument(help: "The file; - for standard input.") var file: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let name = file == "-" ? "stdin" : file
    let progress = PublishProgress(console: session.console, file: name)
    let publisher = EventFilePublisher(
      client: try session.connections.client(of: .bus), timeout: session.timeout, progress: progress)
    do {
      try await publisher.publish(try LineReader(path: file))
    } catch let failure as CallError {
      progress.finish()
      var failure = GatewayError(failure)
      failure.messages.append("\(counted(progress.tally.acknowledged, "event")) stored; run the same again to go on")
      throw failure
    }
    progress.finish()
    try session.print(progress.tally)
    guard progress.tally.rejected == 0 else { throw ExitCode(ExitStatus.badInput.rawValue) }
  }
}

/// What became of the events of a file.
struct PublishTally: Codable, Sendable, Hashable {
  var read = 0
  var stored = 0
  var duplicate = 0
  var rejected = 0

  var acknowledged: Int { stored + duplicate }
}

extension PublishTally: Displayable {
  func display(on page: inout Page) {
    let text = "\(counted(read, "event")): \(stored) stored, \(duplicate) duplicate, \(rejected) rejected"
    page.paragraph(Text(text, rejected > 0 ? .bad : .good))
  }
}
