/// All known tickets, with merged tickets combined into one.
public struct TicketIndex: Sendable {
  private var events: [String: [TicketEvent]] = [:]
  private var successors: [String: String] = [:]

  public init(_ events: some Sequence<TicketEvent>) {
    for event in events.sorted(by: { $0.precedes($1) }) {
      self.events[event.ticket, default: []].append(event)
      if let target = event.mergedInto, target != event.ticket { successors[event.ticket] = target }
    }
  }

  /// The ticket that a merged one ended up in; the ticket itself if it was not merged. A cycle of merges resolves to
  /// its smallest id.
  public func survivor(of ticket: String) -> String {
    MergeChain.survivor(of: ticket) { successors[$0] }
  }

  /// The surviving tickets by id, each with its own events and those of the tickets merged into it.
  ///
  /// A ticket without a known `ticket.opened`, neither its own nor that of a ticket merged into it, is omitted: its
  /// start is unknown.
  public func tickets() -> [Ticket] {
    Dictionary(grouping: events.keys, by: survivor(of:)).compactMap { survivor, members in
      let all = members.flatMap { events[$0] ?? [] }
      let own = events[survivor] ?? []
      let openings = own.contains(where: \.opens) ? own : all
      guard let opening = openings.filter(\.opens).min(by: { $0.precedes($1) }) else { return nil }
      return Ticket(id: survivor, opening: opening, events: all)
    }.sorted { $0.id < $1.id }
  }

  /// A ticket, including those merged into it.
  public struct Ticket: Sendable, Hashable {
    /// The surviving ticket's key in the helpdesk.
    public var id: String
    /// The event that opened it; the earliest if it was reopened.
    public var opening: TicketEvent
    /// The events of it and of the tickets merged into it.
    public var events: [TicketEvent]
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

/// Determines which features a ticket is about: the `feature` it names, or those its tags map to; the latest counts.
///
/// A feature's own key is a tag that maps to that feature. Once an event names a feature, that feature counts until a
/// later event carries tags that map to features; if no event ever named a feature, the latest tags decide, even if
/// they map to none.
public struct TicketAttribution: Sendable, Hashable {
  /// The features each tag maps to.
  public var tags: [String: Set<String>]

  /// - Parameters:
  ///   - features: the keys of the known features.
  ///   - tags: the features that further tags map to.
  public init(features: some Sequence<String>, tags: [String: Set<String>] = [:]) {
    self.tags = tags
    for feature in features { self.tags[feature, default: []].insert(feature) }
  }

  /// The features that a ticket is about, from all its events, in any order.
  public func features(of events: some Sequence<TicketEvent>) -> Set<String> {
    var named: Set<String>?
    var tagged: Set<String> = []
    for event in events.sorted(by: { $0.precedes($1) }) {
      if let feature = event.feature {
        named = [feature]
      } else if let tags = event.tags {
        tagged = mapped(tags)
        if !tagged.isEmpty, named != nil { named = tagged }
      }
    }
    return named ?? tagged
  }

  private func mapped(_ tags: [String]) -> Set<String> {
    tags.reduce(into: []) { $0.formUnion(self.tags[$1] ?? []) }
  }
}
