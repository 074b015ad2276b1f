/// Every ticket that is known of, with merged ones as one.
public struct TicketBook: Sendable {
  private var events: [String: [TicketEvent]] = [:]
  private var successors: [String: String] = [:]

  public init(_ events: some Sequence<TicketEvent>) {
    for event in events.sorted(by: { $0.precedes($1) }) {
      self.events[event.ticket, default: []].append(event)
      if let target = event.mergedInto, target != event.ticket { successors[event.ticket] = target }
    }
  }

  /// The ticket that a merged one lives on in; itself where it was not merged. A circle of merges ends at its least id.
  public func survivor(of ticket: String) -> String {
    var path = [ticket]
    var current = ticket
    while let next = successors[current] {
      if let start = path.firstIndex(of: next) { return path[start...].min() ?? next }
      path.append(next)
      current = next
    }
    return current
  }

  /// The tickets that live on, by id, each with all that was said of it and of those merged into it.
  ///
  /// A ticket of which no `ticket.opened` is known, neither its own nor a merged one's, is left out: there is no telling when
  /// it began.
  public func tickets() -> [Ticket] {
    Dictionary(grouping: events.keys, by: survivor(of:)).compactMap { survivor, members in
      let all = members.flatMap { events[$0] ?? [] }
      let own = events[survivor] ?? []
      let openings = own.contains(where: \.opens) ? own : all
      guard let opening = openings.filter(\.opens).min(by: { $0.precedes($1) }) else { return nil }
      return Ticket(id: survivor, opening: opening, events: all)
    }.sorted { $0.id < $1.id }
  }

  /// One ticket, with those that were merged into it.
  public struct Ticket: Sendable, Hashable {
    /// The key of the ticket that lives on, in the helpdesk's words.
    public var id: String
    /// The event that opened it; the first, where it was opened again.
    public var opening: TicketEvent
    /// All that was said of it and of the tickets merged into it.
    public var events: [TicketEvent]
  }
}
