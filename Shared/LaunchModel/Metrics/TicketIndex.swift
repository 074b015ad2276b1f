/// All known tickets, with merged tickets combined into one.
public struct TicketIndex: Sendable {
  /// The surviving tickets by id, each with its own events and those of the tickets merged into it.
  ///
  /// A ticket without a known `ticket.opened`, neither its own nor that of a ticket merged into it, is omitted: its
  /// start is unknown.
  public let tickets: [Ticket]
  /// All events, ascending by time and offset.
  public let events: [TicketEvent]
  private let successors: [String: String]
  /// The place of each surviving ticket in `tickets`.
  private let places: [String: Int]

  /// Creates an index of events in any order.
  public init(_ events: some Sequence<TicketEvent> = []) {
    let sorted = events.sorted { $0.precedes($1) }
    var successors: [String: String] = [:]
    for event in sorted {
      if let target = event.mergedInto, target != event.ticket { successors[event.ticket] = target }
    }
    // In the order of time, so that the events of each ticket are sorted as well.
    let members = Dictionary(grouping: sorted) { event in
      successors.isEmpty ? event.ticket : MergeChain.survivor(of: event.ticket) { successors[$0] }
    }
    tickets = members.compactMap { id, events in Ticket(id: id, events: events) }.sorted { $0.id < $1.id }
    places = Dictionary(uniqueKeysWithValues: tickets.enumerated().map { ($1.id, $0) })
    self.events = sorted
    self.successors = successors
  }

  /// The ticket that a merged one ended up in; the ticket itself if it was not merged. A cycle of merges resolves to
  /// its smallest id.
  public func survivor(of ticket: String) -> String {
    successors.isEmpty ? ticket : MergeChain.survivor(of: ticket) { successors[$0] }
  }

  /// The surviving ticket with an id; nil if it is unknown when it was opened.
  public subscript(id: String) -> Ticket? { places[id].map { tickets[$0] } }

  /// A ticket, including those merged into it.
  public struct Ticket: Sendable, Hashable {
    /// The surviving ticket's key in the helpdesk.
    public let id: String
    /// The event that opened it; the earliest if it was reopened.
    public let opening: TicketEvent
    /// The events of it and of the tickets merged into it, ascending by time and offset.
    public let events: [TicketEvent]

    /// Nil if none of the events opens a ticket.
    fileprivate init?(id: String, events: [TicketEvent]) {
      guard let opening = events.first(where: { $0.opens && $0.ticket == id }) ?? events.first(where: \.opens) else {
        return nil
      }
      self.id = id
      self.opening = opening
      self.events = events
    }
  }
}

/// The part of a ticket event that matters here: that it was opened, or what changed.
public struct TicketEvent: Sendable, Hashable, Codable {
  /// The ticket's key in the helpdesk, for example `T-1042`.
  public var ticket: String
  /// When it happened.
  public var at: Timestamp
  /// The event's offset in the log, which breaks ties between events of the same moment.
  public var offset: Int64
  /// When the bus stored it.
  public var storedAt: Timestamp
  /// Whether the event is `ticket.opened`.
  public var opens: Bool
  /// The customer account of the ticket; nil if the event does not state it.
  public var account: String?
  /// The feature that the event names; nil if it names none.
  public var feature: String?
  /// The ticket's tags at that time; nil if the event does not state them.
  public var tags: [String]?
  /// The channel it came in by, for example `email`; nil if the event does not state it.
  public var channel: String?
  /// The ticket it was merged into; nil if it was not.
  public var mergedInto: String?

  public init(
    ticket: String, at: Timestamp, offset: Int64, storedAt: Timestamp, opens: Bool, account: String? = nil,
    feature: String? = nil, tags: [String]? = nil, channel: String? = nil, mergedInto: String? = nil
  ) {
    self.ticket = ticket
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.opens = opens
    self.account = account
    self.feature = feature
    self.tags = tags
    self.channel = channel
    self.mergedInto = mergedInto
  }

  /// Orders by time, then by offset.
  func precedes(_ other: TicketEvent) -> Bool { (at, offset) < (other.at, other.offset) }
}

/// Determines whether a ticket is about the feature of one plan: by the `feature` that its events name, or by tags that the plan
/// maps to it (product.md, section 4); the latest counts.
///
/// The feature's own key is such a tag. Once an event names a feature, that feature counts until a later event names another, or
/// carries a tag of the plan; if no event ever named a feature, the latest tags decide. A merged ticket keeps the survivor's
/// attribution; those merged into it decide only where the survivor's own events say nothing. Other plans, and later versions of
/// this one, never matter: the tags are given.
public struct TicketAttribution: Sendable, Hashable {
  /// The feature's key.
  public let feature: String
  /// The tags that map to the feature, its own key included.
  public let tags: Set<String>

  /// - Parameter tags: the tags that the plan maps to the feature, besides its own key.
  public init(feature: String, tags: some Sequence<String> = []) {
    self.feature = feature
    self.tags = Set(tags).union([feature])
  }

  /// Whether a ticket is about the feature.
  public func includes(_ ticket: TicketIndex.Ticket) -> Bool {
    let isOwn = { (event: TicketEvent) in event.ticket == ticket.id }
    return decide(ticket.events.lazy.filter(isOwn)) ?? decide(ticket.events.lazy.filter { !isOwn($0) }) ?? false
  }

  /// Whether events, ascending by time, are about the feature; nil if they attribute the ticket to none.
  private func decide(_ events: some Sequence<TicketEvent>) -> Bool? {
    var isNamed = false
    var isAbout = false
    for event in events {
      if let feature = event.feature {
        isNamed = true
        isAbout = feature == self.feature
      } else if let tags = event.tags {
        let isTagged = tags.contains { self.tags.contains($0) }
        if isTagged || !isNamed { isAbout = isTagged }
      }
    }
    return isNamed || isAbout ? isAbout : nil
  }
}
