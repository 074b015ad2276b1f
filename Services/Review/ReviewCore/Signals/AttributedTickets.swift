import LaunchModel

/// The tickets that are about a feature, merged ones as one.
struct AttributedTickets {
  private let book: TicketBook
  private let tickets: [String: TicketBook.Ticket]

  init(_ events: [TicketEvent], about feature: String, attribution: TicketAttribution) {
    book = TicketBook(events)
    let own = book.tickets().filter { attribution.features(of: $0.events).contains(feature) }
    tickets = Dictionary(own.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The ticket, by its own id or that of one merged into it; nil where it is not about the feature.
  func ticket(_ id: String) -> TicketBook.Ticket? { tickets[book.survivor(of: id)] }

  /// Those that were opened in the window, by id.
  func opened(in window: AttemptWindow) -> [TicketBook.Ticket] {
    tickets.values.filter { window.contains($0.opening.at) }.sorted { $0.id < $1.id }
  }
}
