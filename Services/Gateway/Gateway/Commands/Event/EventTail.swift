import ArgumentParser
import Contract
import JSON
import LaunchModel
import Messaging

struct EventTail: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Print events as they are stored, until interrupted.",
    discussion: "With --output json each line is one event as its producer wrote it.",
    examples: [
      "gonogo event tail",
      "gonogo event tail --after 0 --type dev.gonogo.decision. --no-follow",
    ])

  @Option(
    name: .customLong("type"),
    help: ArgumentHelp("Only events whose type starts with PREFIX; repeatable.", valueName: "prefix"))
  var types: [String] = []
  @Option(help: ArgumentHelp("Start after this offset, 0 for the whole log; default: now.", valueName: "offset"))
  var after: Int64?
  @Flag(help: "Stop after the last event instead of waiting for more.") var noFollow = false
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let bus = BusClient(client: try session.connections.client(of: .bus))
    do {
      let head = try await bus.head(timeout: session.timeout).head
      var offset = after ?? head
      guard (0...head).contains(offset) else {
        throw GatewayError(.badInput, "no event after offset \(offset): the log's head is \(head)")
      }
      while true {
        let wait = noFollow ? Duration.zero : .seconds(20)
        let batch = try await bus.fetch(
          after: offset, types: types, max: 500, wait: wait, timeout: wait + session.timeout)
        for event in batch.events { try session.printLine(of: event) }
        if noFollow, batch.head == offset { return }
        offset = batch.head
      }
    } catch let problem as Problem {
      throw CallError(service: .bus, problem: problem)
    }
  }
}

extension Session {
  /// One line for an event; in JSON the event itself, as it was published.
  fileprivate func printLine(of event: StoredEvent) throws {
    switch renderer.format {
    case .table:
      // An event that cannot be read is shown by its offset alone.
      let content = try? event.event()
      let style = renderer.style
      let offset = String(event.offset)
      let columns = [
        String(repeating: " ", count: max(0, 6 - offset.count)) + offset, event.storedAt.short,
        style.apply(.strong, to: (content?.type ?? "?").printable), (content?.subject ?? "-").printable,
        style.apply(.faint, to: (content?.source ?? "-").printable),
      ]
      console.write(columns.joined(separator: "  ") + "\n")
    case .json: console.write(String(decoding: event.bytes, as: UTF8.self).onOneLine + "\n")
    case .yaml: console.write("---\n" + (try YAMLText.of(JSONValue(parsing: event.bytes))))
    }
  }
}

extension String {
  /// The text with line breaks, which JSON has only between its tokens, as spaces.
  fileprivate var onOneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
