import ArgumentParser
import JSON
import Contract
import LaunchModel
import Messaging

struct EventTail: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Print events as they are stored, until interrupted.",
    discussion: "With --output json, one event a line, as its producer wrote it.")

  @Option(
    name: .customLong("type"), help: ArgumentHelp("Only types that begin so; may be repeated.", valueName: "prefix"))
  var types: [String] = []
  @Option(help: ArgumentHelp("Begin after this offset, 0 for the whole log; default now.", valueName: "offset"))
  var after: Int64?
  @Flag(help: "End when there is nothing more, rather than wait.") var noFollow = false
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let bus = BusClient(client: try session.connections.client(of: .bus))
    do {
      let head = try await bus.head(timeout: session.timeout).head
      var offset = after ?? head
      guard (0...head).contains(offset) else {
        throw GatewayError(.badInput, "there is no event after \(offset): the log's head is \(head)")
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

struct EventShow: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one event of the log.")

  @Argument(help: "Its offset.") var offset: Int64
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let head = try await session.call(BusRoutes.head, NoParameters()).value.head
    guard (1...max(1, head)).contains(offset), head > 0 else {
      throw GatewayError(.badInput, "there is no event \(offset): the log's head is \(head)")
    }
    let reply = try await session.call(BusRoutes.fetch, FetchParameters(after: offset - 1, max: 1))
    guard let place = reply.value.events.first, place.offset == offset, let bytes = reply.parts.first else {
      let first = reply.value.first.map { ", and the first that is left is \($0)" } ?? ""
      throw GatewayError(.badInput, "there is no event \(offset): the log's head is \(reply.value.head)\(first)")
    }
    let event = StoredEvent(offset: offset, storedAt: place.storedAt, bytes: bytes)
    try session.print(Reply(value: event, json: bytes, parts: []))
  }
}

extension Session {
  /// One line for an event; in JSON the event itself, as it was published.
  fileprivate func printLine(of event: StoredEvent) throws {
    switch renderer.format {
    case .table:
      // The line of an event that cannot be read shows its offset alone.
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
  /// Line breaks, which JSON has only between its tokens, as spaces.
  fileprivate var onOneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}
