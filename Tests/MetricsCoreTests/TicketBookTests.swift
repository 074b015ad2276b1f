import LaunchModel
import Testing

@Suite("Tickets: attribution and merges")
struct TicketBookTests {
  private let attribution = TicketAttribution(features: ["routing", "billing"], tags: ["route-help": ["routing"]])

  @Test("A ticket belongs to its named feature, or to the feature mapped to its tags")
  func sources() {
    #expect(features(event(1, feature: "routing")) == ["routing"])
    #expect(features(event(1, tags: ["x", "route-help"])) == ["routing"])
    #expect(features(event(1, tags: ["billing"])) == ["billing"])
    #expect(features(event(1, tags: ["x"])) == [])
    #expect(features(event(1, feature: "unheard-of")) == ["unheard-of"])
    #expect(features(event(1, feature: "billing", tags: ["route-help"])) == ["billing"])
  }

  @Test("The latest attribution counts, regardless of arrival order")
  func latest() {
    #expect(features(event(2, feature: "billing"), event(1, feature: "routing")) == ["billing"])
    #expect(features(event(1, feature: "routing"), event(2, tags: ["billing"])) == ["billing"])
    #expect(features(event(1, tags: ["routing"]), event(2, tags: ["x"])) == [])
    #expect(features(event(1, feature: "routing"), event(2, tags: ["x"])) == ["routing"])
    #expect(features(event(1, feature: "routing"), event(2)) == ["routing"])
    #expect(features(event(1, tags: ["billing"]), event(2, feature: "routing")) == ["routing"])
  }

  @Test("Merged tickets count as one, which begins when the surviving ticket was opened")
  func merged() {
    let book = TicketIndex([
      event(1, "old", opens: true, feature: "billing"), event(5, "dup", opens: true, feature: "routing"),
      event(6, "dup", into: "old"), event(7, "third", opens: true), event(8, "third", into: "dup"),
    ])
    #expect(book.tickets().map(\.id) == ["old"])
    #expect(book.tickets().first?.opening.offset == 1)
    #expect(book.tickets().map { attribution.features(of: $0.events) } == [["routing"]])
    #expect(book.survivor(of: "third") == "old")
  }

  @Test("A reopened ticket begins at its first opening, and one without an opening is left out")
  func openings() {
    let book = TicketIndex([event(9, "a", opens: true), event(2, "a", opens: true), event(3, "b")])
    #expect(book.tickets().map(\.opening.offset) == [2])
  }

  @Test("A cycle of merges is one ticket")
  func circle() {
    let book = TicketIndex([
      event(1, "a", opens: true), event(2, "b", opens: true), event(3, "a", into: "b"), event(4, "b", into: "a"),
    ])
    #expect(book.tickets().map(\.id) == ["a"])
  }

  private func features(_ events: TicketEvent...) -> Set<String> { attribution.features(of: events) }

  private func event(
    _ minute: Int64, _ ticket: String = "t", opens: Bool = false, feature: String? = nil, tags: [String]? = nil,
    into target: String? = nil
  ) -> TicketEvent {
    let moment = MetricEvents.exposure.adding(seconds: minute * 60)
    return TicketEvent(
      ticket: ticket, at: moment, offset: minute, storedAt: moment, opens: opens, account: opens ? "a" : nil,
      feature: feature, tags: tags, mergedInto: target)
  }
}
