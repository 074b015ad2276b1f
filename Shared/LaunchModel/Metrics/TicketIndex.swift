/// Every ticket that is known of, with merged ones as one.
public struct TicketIndex: Sendable {
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
    MergeChain.survivor(of: ticket) { successors[$0] }
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

/// What one event said of a ticket: that it was opened, or how it changed.
public struct TicketEvent: Sendable, Hashable, Codable {
  /// The ticket's key in the helpdesk, as `T-1042`.
  public var ticket: String
  /// When it happened.
  public var at: Timestamp
  /// Where it stands in the log: of two at the same moment the later in the log is the later.
  public var offset: Int64
  /// When the bus stored it.
  public var storedAt: Timestamp
  /// Whether it was `ticket.opened`.
  public var opens: Bool
  /// The customer whose ticket it is; nil where the event does not say.
  public var account: String?
  /// The feature it is said to be about.
  public var feature: String?
  /// The ticket's tags as they then were; nil where the event says nothing of them.
  public var tags: [String]?
  /// The way it came in, as `email`; nil where the event does not say.
  public var channel: String?
  /// The ticket it was merged into.
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

  /// Earlier happened first; of the same moment, was stored first.
  func precedes(_ other: TicketEvent) -> Bool { (at, offset) < (other.at, other.offset) }
}

/// Which features a ticket is about: by the `feature` it names, or by tags that are mapped to one; the latest counts.
///
/// A tag that is a feature's own key is mapped to that feature. An event that names a feature decides until a later event
/// carries tags that are mapped; where none ever named a feature, the latest tags decide, also when they are mapped to none.
public struct TicketAttribution: Sendable, Hashable {
  /// The features that tags are mapped to.
  public var tags: [String: Set<String>]

  /// - Parameters:
  ///   - features: the keys of the features that are known.
  ///   - tags: further tags of each feature.
  public init(features: some Sequence<String>, tags: [String: Set<String>] = [:]) {
    self.tags = tags
    for feature in features { self.tags[feature, default: []].insert(feature) }
  }

  /// The features that a ticket is about, from all that was said of it, in any order.
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
