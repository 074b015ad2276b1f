import Contract
import JSON
import LaunchModel
import Messaging
import Testing

@testable import Gateway

@Suite("The demo's tickets")
struct DemoTicketsTests {
  /// The texts of the tickets of a day.
  private func texts(on day: Int) -> [String] {
    let demo = DemoEvents(launch: "smart-routing", exposure: Timestamp(microseconds: 0))
    let opened = demo.signals(days: day..<(day + 1)).filter { $0.type == SignalType.ticketOpened.rawValue }
    return opened.compactMap { $0.data?["body"]?.stringValue }
  }

  private func share(ofThose texts: [String]) -> Double {
    Double(texts.count { $0.contains("switch") }) / Double(texts.count)
  }

  @Test("Half of the month's tickets ask for the switch, as the review's explanation says")
  func explanation() {
    let month = (0..<30).flatMap { texts(on: $0) }
    #expect(month.count == 199)
    #expect((0.5..<0.55).contains(share(ofThose: month)))
  }

  @Test("The share of tickets about the switch more than doubles on the second day, which drives the spike")
  func drivers() {
    #expect(share(ofThose: texts(on: 1)) > 2 * share(ofThose: texts(on: 0)))
  }
}
