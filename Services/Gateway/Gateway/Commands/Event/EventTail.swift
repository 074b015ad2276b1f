import ArgumentParser
import Contract
import JSON
import LaunchModel
import Messaging
import StandardStreams

struct EventTail: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Print events as they are stored, until interrupted.",
    discussion: """
      With --output json each line is one event as its producer wrote it; with --offsets it is an object with offset, \
      storedAt and event. If the bus goes away, the command waits and then resumes.

      --consumer NAME stores the position under NAME on the bus, and resumes there the next time. After a crash some \
      events may be printed twice, but none is skipped. While NAME is registered, events that it has not read are not \
      pruned.
      """,
    examples: [
      "gonogo event tail",
      "gonogo event tail --after 0 --type dev.gonogo.decision. --no-follow",
      "gonogo event tail --consumer warehouse --after 0 --offsets --output json",
    ])

  @Option(
    name: .customLong("type"),
    help: ArgumentHelp("Only events whose type starts with PREFIX; repeatable.", valueName: "prefix"))
  var types: [String] = []
  @Option(
    help: ArgumentHelp(
      "Start after this offset, 0 for the whole log; default: where the consumer stopped, else the end of the "
        + "log.", valueName: "offset"))
  var after: Int64?
  @Flag(help: "Stop after the last event instead of waiting for more.") var noFollow = false
  @Flag(help: "Print each event with its offset and the time when it was stored.") var offsets = false
  @Option(help: ArgumentHelp("Resume where NAME stopped, and store progress under NAME.", valueName: "name"))
  var consumer: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws { if let consumer { try ServiceConsumer.refuse(consumer) } }

  /// How long the bus waits for the next event.
  private static let wait = Duration.seconds(20)

  func run(in session: Session) async throws {
    let bus = BusClient(client: try session.connections.client(of: .bus))
    do {
      var place = Place(after: try await start(bus, session))
      var outage = BusOutage(console: session.console)
      while true {
        do {
          try await store(&place, bus, session)
          if try await step(&place, bus, session) { return try await store(&place, bus, session) }
          outage.end(at: place.printed)
        } catch let problem as Problem where !noFollow && problem.mayPass {
          try await outage.wait(after: problem)
        }
      }
    } catch let problem as Problem {
      throw CallError(service: .bus, problem: problem)
    }
  }

  /// The progress of the command.
  private struct Place {
    /// The offset up to which lines have been written.
    var printed: Int64
    /// The offset that the bus has stored for the consumer; nil before the first time.
    var stored: Int64?

    init(after offset: Int64) { printed = offset }
  }

  /// Returns the offset after which to begin.
  private func start(_ bus: BusClient, _ session: Session) async throws -> Int64 {
    let head = try await bus.head(timeout: session.timeout).head
    if let after {
      guard (0...head).contains(after) else {
        throw GatewayError(.badInput, "no event after offset \(after): the log's head is \(head)")
      }
      return after
    }
    guard let consumer else { return head }
    let known = try await bus.client.call(BusRoutes.consumers, NoParameters(), timeout: session.timeout).consumers
    return known.first { $0.consumer == consumer }?.offset ?? head
  }

  /// Stores the offset up to which output has been written, if a consumer is named.
  private func store(_ place: inout Place, _ bus: BusClient, _ session: Session) async throws {
    guard let consumer, place.stored != place.printed else { return }
    try await bus.commit(consumer: consumer, offset: place.printed, timeout: session.timeout)
    place.stored = place.printed
  }

  /// Prints the next events.
  ///
  /// - Returns: whether the command is done.
  private func step(_ place: inout Place, _ bus: BusClient, _ session: Session) async throws -> Bool {
    let wait = noFollow ? Duration.zero : Self.wait
    let batch = try await bus.fetch(after: place.printed, types: types, max: 500, wait: wait, timeout: session.timeout)
    if let first = batch.first, first > place.printed + 1 {
      session.console.warning("events \(place.printed + 1) to \(first - 1) were pruned and cannot be printed")
    }
    let isLast = noFollow && batch.head == place.printed
    for event in batch.events {
      try session.printLine(of: event, withOffset: offsets)
      if session.console.output.isBroken { return true }
      place.printed = event.offset
    }
    place.printed = batch.head
    return isLast
  }
}

/// Waits while the bus is unavailable.
private struct BusOutage {
  let console: Console
  /// Why the bus does not answer; nil if it does.
  private var reason: String?
  private var delay = shortest

  private static let shortest = Duration.milliseconds(200)
  private static let longest = Duration.seconds(2)

  init(console: Console) { self.console = console }

  /// Waits before the next attempt, and prints the reason unless it was printed already.
  mutating func wait(after problem: Problem) async throws {
    let detail = problem.detail.isEmpty ? problem.title : problem.detail
    if reason != detail { console.warning("waiting for the bus: \(detail)") }
    reason = detail
    try await Task.sleep(for: delay)
    delay = min(delay * 2, Self.longest)
  }

  mutating func end(at offset: Int64) {
    if reason != nil { console.note("the bus is back; continuing after offset \(offset)") }
    reason = nil
    delay = Self.shortest
  }
}

extension Session {
  /// Prints one line for an event. In JSON, this is the event as published or, with its offset, an object that contains
  /// both.
  fileprivate func printLine(of event: StoredEvent, withOffset: Bool) throws {
    switch renderer.format {
    case .table:
      // An event that cannot be read is shown only by its offset.
      let content = try? event.event()
      let style = renderer.style
      let offset = String(event.offset)
      let columns = [
        String(repeating: " ", count: max(0, 6 - offset.count)) + offset, event.storedAt.short,
        style.apply(.strong, to: (content?.type ?? "?").printable), (content?.subject ?? "-").printable,
        style.apply(.faint, to: (content?.source ?? "-").printable),
      ]
      console.write(columns.joined(separator: "  ") + "\n")
    case .json:
      let line = withOffset ? event.placed : String(decoding: event.bytes, as: UTF8.self).onOneLine
      console.write((console.output.width == nil ? line : line.escapedForTerminal) + "\n")
    case .yaml:
      let bytes = withOffset ? Array(event.placed.utf8) : event.bytes
      console.write("---\n" + (try YAMLText.of(JSONValue(parsing: bytes))))
    }
  }
}

extension StoredEvent {
  /// The event with its offset as JSON on one line.
  fileprivate var placed: String {
    let event = String(decoding: bytes, as: UTF8.self).onOneLine
    return #"{"offset":\#(offset),"storedAt":"\#(storedAt)","event":\#(event)}"#
  }
}

extension String {
  /// The JSON with its line breaks replaced by spaces. Line breaks can occur only between tokens; other breaks, such as
  /// U+2028, may be part of a string.
  fileprivate var onOneLine: String {
    guard utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return self }
    return String(decoding: utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
  }
}
