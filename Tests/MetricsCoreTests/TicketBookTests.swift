import LaunchModel
import Testing

@Suite("Tickets: attribution and merges")
struct TicketBookTests {
  private let attribution = TicketAttribution(feature: "routing", tags: ["route-help"])

  @Test("A ticket belongs to its named feature, or to the feature that the plan maps its tags to")
  func sources() {
    #expect(isAbout(event(1, feature: "routing")))
    #expect(isAbout(event(1, tags: ["x", "route-help"])))
    #expect(isAbout(event(1, tags: ["routing"])))
    #expect(!isAbout(event(1, tags: ["x"])))
    #expect(!isAbout(event(1, feature: "unheard-of")))
    #expect(!isAbout(event(1, feature: "billing", tags: ["route-help"])))
  }

  @Test("The latest attribution counts, regardless of arrival order")
  func latest() {
    #expect(!isAbout(event(2, feature: "billing"), event(1, feature: "routing")))
    #expect(isAbout(event(1, feature: "billing"), event(2, tags: ["route-help"])))
    #expect(!isAbout(event(1, tags: ["routing"]), event(2, tags: ["x"])))
    #expect(isAbout(event(1, feature: "routing"), event(2, tags: ["x"])))
    #expect(isAbout(event(1, feature: "routing"), event(2)))
    #expect(isAbout(event(1, tags: ["x"]), event(2, feature: "routing")))
  }

  @Test("A tag that another plan maps to its feature changes nothing")
  func otherPlans() {
    #expect(isAbout(event(1, feature: "routing"), event(2, tags: ["billing"])))
  }

  @Test("Merged tickets count as one, which begins when the surviving ticket was opened")
  func merged() {
    let book = TicketIndex([
      event(1, "old", opens: true, feature: "billing"), event(5, "dup", opens: true, feature: "routing"),
      event(6, "dup", into: "old"), event(7, "third", opens: true), event(8, "third", into: "dup"),
    ])
    #expect(book.tickets.map(\.id) == ["old"])
    #expect(book["old"]?.opening.offset == 1)
    #expect(book.survivor(of: "third") == "old")
  }

  @Test("A merged ticket keeps the survivor's attribution; that of the others counts only where it has none")
  func mergedAttribution() {
    let kept = TicketIndex([
      event(1, "old", opens: true, feature: "billing"), event(5, "dup", opens: true, feature: "routing"),
      event(6, "dup", into: "old"),
    ])
    #expect(kept.tickets.map(attribution.includes) == [false])
    for tags in [nil, ["x"]] {
      let inherited = TicketIndex([
        event(1, "old", opens: true), event(5, "dup", opens: true, feature: "routing"), event(6, "dup", into: "old"),
        event(7, "old", tags: tags),
      ])
      #expect(inherited.tickets.map(attribution.includes) == [true])
    }
  }

  @Test("A reopened ticket begins at its first opening, and one without an opening is left out")
  func openings() {
    let book = TicketIndex([event(9, "a", opens: true), event(2, "a", opens: true), event(3, "b")])
    #expect(book.tickets.map(\.opening.offset) == [2])
  }

  @Test("A cycle of merges is one ticket")
  func circle() {
    let book = TicketIndex([
      event(1, "a", opens: true), event(2, "b", opens: true), event(3, "a", into: "b"), event(4, "b", into: "a"),
    ])
    #expect(book.tickets.map(\.id) == ["a"])
  }

  private func isAbout(_ events: TicketEvent...) -> Bool {
    let opening = event(0, opens: true)
    return TicketIndex(events + [opening]).tickets.map(attribution.includes) == [true]
  }

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
