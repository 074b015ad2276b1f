/// All known tickets, with merged tickets combined into one.
public struct TicketIndex: Sendable {
  /// The surviving tickets, ascending by id, each with its own events and those of the tickets merged into it.
  ///
  /// A ticket without a known `ticket.opened`, neither its own nor that of a ticket merged into it, is omitted: its
  /// start is unknown.
  public private(set) var tickets: [Ticket] = []
  /// The tickets by their ids.
  private var byID: [String: Ticket] = [:]
  /// The events of the surviving tickets that are omitted, ascending by time and offset, by the ticket's id.
  public private(set) var unopened: [String: [TicketEvent]] = [:]
  /// Where tickets that were merged ended up.
  private var survivors: [String: String] = [:]
  /// The number of the group of each ticket that an event merged, or merged another into.
  private var groupOf: [String: Int] = [:]
  /// The tickets that merges connect, whether they still count or not: what is known of one group never depends on another.
  private var groups: [[String]] = []

  /// Creates an index of events in any order.
  public init(_ events: some Sequence<TicketEvent> = []) { insert(events) }

  /// The ticket that a merged one ended up in; the ticket itself if it was not merged. A cycle of merges resolves to
  /// its smallest id.
  public func survivor(of ticket: String) -> String { survivors.isEmpty ? ticket : survivors[ticket] ?? ticket }

  /// The surviving ticket with an id; nil if it is unknown when it was opened.
  public subscript(id: String) -> Ticket? { byID[id] }

  /// A ticket, including those merged into it; shared by the indices that have it.
  public final class Ticket: Sendable, Hashable {
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

    public static func == (left: Ticket, right: Ticket) -> Bool {
      left === right || left.id == right.id && left.events == right.events
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
  }

  /// The events of a surviving ticket.
  private func events(of ticket: String) -> [TicketEvent] { byID[ticket]?.events ?? unopened[ticket] ?? [] }
}

extension TicketIndex {
  /// Adds events that are not in the index yet, in any order.
  public mutating func insert(_ events: some Sequence<TicketEvent>) {
    let added = Dictionary(grouping: events, by: \.ticket)
    guard !added.isEmpty else { return }
    for event in added.values.joined() {
      if let target = event.mergedInto, target != event.ticket { connect(event.ticket, target) }
    }
    var touched: Set<String> = []
    var mergeGroups: Set<Int> = []
    var changed: [Ticket] = []
    for (ticket, events) in added {
      if let group = groupOf[ticket] {
        mergeGroups.insert(group)
      } else {
        touched.insert(ticket)
        keep(Self.sorted(self.events(of: ticket) + events), of: ticket, in: &changed)
      }
    }
    for members in mergeGroups.map({ groups[$0] }) {
      touched.formUnion(members)
      combine(members, members.flatMap { self.events(of: $0) + (added[$0] ?? []) }, in: &changed)
    }
    for ticket in touched { byID[ticket] = nil }
    for ticket in changed { byID[ticket.id] = ticket }
    tickets.removeAll { touched.contains($0.id) }
    tickets += changed
    tickets.sort { $0.id < $1.id }
  }

  /// Puts the tickets of a group of merged ones together from all their events.
  private mutating func combine(_ members: [String], _ events: [TicketEvent], in changed: inout [Ticket]) {
    let sorted = Self.sorted(events)
    var successors: [String: String] = [:]
    for event in sorted {
      if let target = event.mergedInto, target != event.ticket { successors[event.ticket] = target }
    }
    let ends = MergeChain.survivors(of: members) { successors[$0] }
    for member in members {
      survivors[member] = ends[member] == member ? nil : ends[member]
      unopened[member] = nil
    }
    // In the order of time, so that the events of each ticket are sorted as well.
    for (ticket, events) in Dictionary(grouping: sorted, by: { ends[$0.ticket] ?? $0.ticket }) {
      keep(events, of: ticket, in: &changed)
    }
  }

  private mutating func keep(_ events: [TicketEvent], of ticket: String, in changed: inout [Ticket]) {
    if let ticket = Ticket(id: ticket, events: events) {
      changed.append(ticket)
      unopened[ticket.id] = nil
    } else {
      unopened[ticket] = events
    }
  }

  /// Makes the groups of two tickets one.
  private mutating func connect(_ left: String, _ right: String) {
    var (small, large) = (group(of: left), group(of: right))
    guard small != large else { return }
    if groups[small].count > groups[large].count { swap(&small, &large) }
    for member in groups[small] { groupOf[member] = large }
    groups[large] += groups[small]
    groups[small] = []
  }

  private mutating func group(of ticket: String) -> Int {
    if let group = groupOf[ticket] { return group }
    groups.append([ticket])
    groupOf[ticket] = groups.count - 1
    return groups.count - 1
  }

  private static func sorted(_ events: [TicketEvent]) -> [TicketEvent] {
    events.count < 2 ? events : events.sorted { $0.precedes($1) }
  }
}

extension TicketIndex {
  /// Whether an event fulfils a condition.
  public func contains(where condition: (TicketEvent) -> Bool) -> Bool {
    tickets.contains { $0.events.contains(where: condition) }
      || unopened.values.contains { $0.contains(where: condition) }
  }

  /// The index of only those events that fulfil a condition, such as to be stored before a moment.
  public func keeping(_ isKept: (TicketEvent) -> Bool) -> TicketIndex {
    let changed = tickets.count { !$0.events.allSatisfy(isKept) }
    // An index that loses most of its tickets is put together from the rest faster than it is taken apart.
    guard changed * 2 <= tickets.count else {
      return TicketIndex((tickets.map(\.events) + unopened.values).flatMap { $0.filter(isKept) })
    }
    var kept = self
    kept.tickets = []
    kept.tickets.reserveCapacity(tickets.count)
    // Of merged tickets, what is left is put together again.
    var split: Set<Int> = []
    for ticket in tickets {
      if ticket.events.allSatisfy(isKept) {
        kept.tickets.append(ticket)
      } else if let group = groupOf.isEmpty ? nil : groupOf[ticket.id] {
        split.insert(group)
      } else {
        kept.replace(ticket, by: ticket.events.filter(isKept))
      }
    }
    for (ticket, events) in unopened where !events.allSatisfy(isKept) {
      if let group = groupOf[ticket] {
        split.insert(group)
      } else {
        let events = events.filter(isKept)
        kept.unopened[ticket] = events.isEmpty ? nil : events
      }
    }
    let members = Set(split.flatMap { groups[$0] })
    kept.remove(members)
    kept.insert(members.flatMap { events(of: $0).filter(isKept) })
    return kept
  }

  /// Replaces a ticket, which is removed from `tickets` already, by what is left of its events.
  private mutating func replace(_ ticket: Ticket, by events: [TicketEvent]) {
    byID[ticket.id] = nil
    if let rest = Ticket(id: ticket.id, events: events) {
      byID[rest.id] = rest
      tickets.append(rest)
    } else if !events.isEmpty {
      unopened[ticket.id] = events
    }
  }

  /// Removes whole groups of tickets.
  private mutating func remove(_ removed: Set<String>) {
    guard !removed.isEmpty else { return }
    tickets.removeAll { removed.contains($0.id) }
    for ticket in removed {
      byID[ticket] = nil
      unopened[ticket] = nil
      survivors[ticket] = nil
      if let group = groupOf.removeValue(forKey: ticket) { groups[group] = [] }
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
/// attribution. Only where the survivor's own events say nothing, what those merged into it are about counts, each by its own events
/// and, where these say nothing, by those merged into it; the latest decides. Other plans, and later versions of this one, never
/// matter: the tags are given.
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
  public func includes(_ ticket: TicketIndex.Ticket) -> Bool { includes(ticket.events, of: ticket.id) }

  /// Whether a ticket with these events, ascending by time and with those of the tickets merged into it, is about the feature.
  public func includes(_ events: [TicketEvent], of ticket: String) -> Bool {
    if events.allSatisfy({ $0.ticket == ticket }) { return decision(by: events)?.isAbout ?? false }
    let events = Dictionary(grouping: events, by: \.ticket)
    var merged: [String: [String]] = [:]
    for (id, events) in events {
      if let target = events.last(where: { $0.mergedInto != nil && $0.mergedInto != id })?.mergedInto {
        merged[target, default: []].append(id)
      }
    }
    var undecided = [ticket]
    var seen: Set<String> = [ticket]
    var latest: Decision?
    while let id = undecided.popLast() {
      if let decision = decision(by: events[id] ?? []) {
        if latest.map({ $0.event.precedes(decision.event) }) ?? true { latest = decision }
      } else {
        undecided += (merged[id] ?? []).filter { seen.insert($0).inserted }
      }
    }
    return latest?.isAbout ?? false
  }

  /// Whether a ticket is about the feature by its own events, not by those of tickets merged into it; nil if they do not say.
  public func includesByItself(_ ticket: TicketIndex.Ticket) -> Bool? {
    decision(by: ticket.events.lazy.filter { $0.ticket == ticket.id })?.isAbout
  }

  /// What the events of a ticket say it is about, and the last one that says so.
  private struct Decision {
    var isAbout: Bool
    var event: TicketEvent
  }

  /// What events, ascending by time, say a ticket is about; nil if they attribute it to nothing.
  private func decision(by events: some Sequence<TicketEvent>) -> Decision? {
    var isNamed = false
    var decision: Decision?
    for event in events {
      if let feature = event.feature {
        isNamed = true
        decision = Decision(isAbout: feature == self.feature, event: event)
      } else if let tags = event.tags {
        if tags.contains(where: { self.tags.contains($0) }) {
          decision = Decision(isAbout: true, event: event)
        } else if !isNamed {
          decision = nil
        }
      }
    }
    return decision
  }
}
