import BusCore
import LaunchModel
import Testing

@testable import BusService

@Suite("Recent events in memory")
struct RecentEventsTests {
  private func event(_ offset: Int64, type: String = "a", size: Int = 100) -> LoggedEvent {
    let bytes = Array(type.utf8) + [UInt8](repeating: 0x20, count: size - type.utf8.count)
    return LoggedEvent(
      offset: offset, storedAt: Timestamp(microseconds: offset), bytes: bytes,
      type: AttributeText(start: 0, count: type.utf8.count))
  }

  private func recent(_ offsets: ClosedRange<Int64>, capacity: Int = 1 << 20) -> RecentEvents {
    var recent = RecentEvents(capacity: capacity, head: offsets.lowerBound - 1)
    for offset in offsets { recent.append(event(offset, type: offset % 2 == 0 ? "even" : "odd")) }
    return recent
  }

  @Test("Events beyond the capacity are not served from memory")
  func isBounded() {
    let recent = recent(1...100, capacity: 2_280)
    #expect(recent.first == 91)
    #expect(recent.head == 100)
    #expect(recent.page(after: 89, matching: .all, limits: ReadLimits()) == nil)
    #expect(recent.page(after: 90, matching: .all, limits: ReadLimits())?.events.map(\.offset) == Array(91...100))
  }

  @Test("Pages respect the limits and report how far they searched")
  func pages() throws {
    let recent = recent(11...20)
    let page = { (after: Int64, prefixes: [String], limits: ReadLimits) in
      recent.page(after: after, matching: TypeFilter(prefixes), limits: limits).map {
        $0.events.map(\.offset) + [$0.searched]
      }
    }
    #expect(page(10, ["even"], ReadLimits()) == [12, 14, 16, 18, 20, 20])
    #expect(page(10, ["even"], ReadLimits(events: 2)) == [12, 14, 15])
    #expect(page(10, [], ReadLimits(bytes: 250)) == [11, 12, 12])
    #expect(page(10, [], ReadLimits(bytes: 50)) == [11, 11])
    #expect(page(20, [], ReadLimits()) == [20])
    #expect(page(10, ["none"], ReadLimits()) == [20])
  }

  @Test("A matching event after an offset is found")
  func matches() {
    let recent = recent(11...20)
    #expect(recent.hasMatch(after: 19, TypeFilter(["even"])))
    #expect(!recent.hasMatch(after: 19, TypeFilter(["odd"])))
    #expect(!recent.hasMatch(after: 20, .all))
    #expect(recent.hasMatch(after: 0, TypeFilter(["odd"])))
  }

  @Test("Pruned events are removed")
  func prunes() {
    var recent = recent(11...20)
    recent.prune(through: 15)
    #expect(recent.first == 16)
    recent.prune(through: 30)
    #expect(recent.first == 21)
    #expect(recent.page(after: 20, matching: .all, limits: ReadLimits())?.searched == 20)
  }
}
