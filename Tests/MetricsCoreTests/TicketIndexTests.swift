import LaunchModel
import TestSupport
import Testing

@Suite("Tickets: attribution and merges")
struct TicketIndexTests {
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
    let index = TicketIndex([
      event(1, "old", opens: true, feature: "billing"), event(5, "dup", opens: true, feature: "routing"),
      event(6, "dup", into: "old"), event(7, "third", opens: true), event(8, "third", into: "dup"),
    ])
    #expect(index.tickets.map(\.id) == ["old"])
    #expect(index["old"]?.opening.offset == 1)
    #expect(index.survivor(of: "third") == "old")
  }

  @Test("A merged ticket keeps the survivor's attribution; the others' counts only if the survivor has none")
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
    let index = TicketIndex([event(9, "a", opens: true), event(2, "a", opens: true), event(3, "b")])
    #expect(index.tickets.map(\.opening.offset) == [2])
  }

  @Test("A cycle of merges is one ticket")
  func circle() {
    let index = TicketIndex([
      event(1, "a", opens: true), event(2, "b", opens: true), event(3, "a", into: "b"), event(4, "b", into: "a"),
    ])
    #expect(index.tickets.map(\.id) == ["a"])
  }

  @Test("A long chain of merges, or one whose tickets arrive last, ends at the survivor")
  func longChain() {
    let merges = (0..<20_000).map { event(Int64($0), "t\($0)", into: "t\($0 + 1)") }
    let openings = [event(30_000, "t20000", opens: true), event(30_001, "t0", opens: true)]
    let index = TicketIndex(Array(merges.reversed()) + openings)
    #expect(index.tickets.map(\.id) == ["t20000"])
    #expect(index.survivor(of: "t0") == "t20000")
  }

  @Test(
    "In any batches and as of any moment, the index equals a count of its events from scratch",
    arguments: 0..<300)
  func fromScratch(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let events = randomEvents(&random)
    var index = TicketIndex()
    var rest = events.shuffled(using: &random)[...]
    while !rest.isEmpty {
      let part = rest.prefix(Int.random(in: 1...6, using: &random))
      rest = rest.dropFirst(part.count)
      index.insert(part)
    }
    expect(index, isOf: events, seed)
    let limit = Int64.random(in: 0...40, using: &random)
    let known = index.keeping { $0.offset <= limit }
    expect(known, isOf: events.filter { $0.offset <= limit }, seed)
    var again = known
    again.insert(events.filter { $0.offset > limit })
    expect(again, isOf: events, seed)
    #expect(index.contains { $0.offset == limit } == events.contains { $0.offset == limit })
  }

  private func randomEvents(_ random: inout SeededGenerator) -> [TicketEvent] {
    (1...Int64.random(in: 1...40, using: &random)).map { offset in
      var event = event(
        offset, "\(Int.random(in: 0..<8, using: &random))", opens: Int.random(in: 0..<3, using: &random) == 0,
        into: Int.random(in: 0..<3, using: &random) == 0 ? "\(Int.random(in: 0..<8, using: &random))" : nil)
      event.at = MetricEvents.exposure.adding(seconds: Int64.random(in: 0..<9, using: &random))
      return event
    }
  }

  /// Compares with the definition: the latest merge of each ticket counts, and whatever leads to a ticket belongs to it.
  private func expect(_ index: TicketIndex, isOf events: [TicketEvent], _ seed: UInt64) {
    let sorted = events.sorted { ($0.at, $0.offset) < ($1.at, $1.offset) }
    let ids = (0..<8).map { "\($0)" }
    let ends = Dictionary(
      uniqueKeysWithValues: ids.map { id in
        var path: [String] = []
        var end = id
        while !path.contains(end) {
          path.append(end)
          let merge = sorted.last { $0.ticket == end && $0.mergedInto != nil && $0.mergedInto != end }
          guard let target = merge?.mergedInto else { return (id, end) }
          end = target
        }
        return (id, path[(path.firstIndex(of: end) ?? 0)...].min() ?? end)
      })
    let members = ids.map { id in sorted.filter { ends[$0.ticket] == id } }
    let opened = zip(ids, members).filter { $1.contains(where: \.opens) }
    #expect(index.tickets.map(\.id) == opened.map(\.0), "seed \(seed)")
    #expect(index.tickets.map(\.events) == opened.map(\.1), "seed \(seed)")
    for (id, events) in opened {
      let opening = events.first { $0.opens && $0.ticket == id } ?? events.first(where: \.opens)
      #expect(index[id]?.opening == opening, "seed \(seed)")
    }
    for id in ids where events.contains(where: { $0.ticket == id }) {
      #expect(index.survivor(of: id) == ends[id], "seed \(seed)")
    }
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
