import ArgumentParser
import Contract
import LaunchModel
import Messaging

struct EventShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one event of the log.",
    examples: [
      "gonogo event show 1",
      "gonogo event show 1 --output json",
    ])

  @Argument(help: "Offset of the event.") var offset: Int64
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let head = try await session.call(BusRoutes.head, NoParameters()).value.head
    guard (1...max(1, head)).contains(offset), head > 0 else {
      throw GatewayError(.badInput, "no event at offset \(offset): the log's head is \(head)")
    }
    let reply = try await session.call(BusRoutes.fetch, FetchParameters(after: offset - 1, max: 1))
    guard let place = reply.value.events.first, place.offset == offset, let bytes = reply.parts.first else {
      let first = reply.value.first.map { ", and its first event is at \($0)" } ?? ""
      throw GatewayError(.badInput, "no event at offset \(offset): the log's head is \(reply.value.head)\(first)")
    }
    let event = StoredEvent(offset: offset, storedAt: place.storedAt, bytes: bytes)
    try session.print(Reply(value: event, json: bytes, parts: []))
  }
}
