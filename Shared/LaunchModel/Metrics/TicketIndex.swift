/// All known tickets, with merged tickets combined into one.
public struct TicketIndex: Sendable {
  /// The surviving tickets, ascending by id, each with its own events and those of the tickets merged into it.
  ///
  /// A ticket is omitted if neither it nor a ticket merged into it has a known `ticket.opened`, because it is unknown
  /// when it was opened.
  public private(set) var tickets: [Ticket] = []
  /// The tickets by their ids.
  private var byID: [String: Ticket] = [:]
  /// The events of the omitted surviving tickets, ascending by time and offset, by the ticket's id.
  public private(set) var unopened: [String: [TicketEvent]] = [:]
  /// The surviving ticket of each merged one.
  private var survivors: [String: String] = [:]
  /// The group number of each ticket that took part in a merge.
  private var groupOf: [String: Int] = [:]
  /// The groups of tickets connected by merges, including merges that no longer count: no group ever depends on the
  /// events of another.
  private var groups: [[String]] = []

  /// Creates an index of events in any order.
  public init(_ events: some Sequence<TicketEvent> = []) { insert(events) }

  /// Returns the ticket that a merged one ended up in; the ticket itself if it was not merged. A cycle of merges
  /// resolves to its smallest id.
  public func survivor(of ticket: String) -> String { survivors.isEmpty ? ticket : survivors[ticket] ?? ticket }

  /// The surviving ticket with an id; nil if it is unknown when the ticket was opened.
  public subscript(id: String) -> Ticket? { byID[id] }

  /// A ticket, including those merged into it; the indices that contain it share one object.
  public final class Ticket: Sendable, Hashable {
    /// The surviving ticket's key in the helpdesk.
    public let id: String
    /// The event that opened it; the earliest if there are several.
    public let opening: TicketEvent
    /// The events of the ticket and of those merged into it, ascending by time and offset.
    public let events: [TicketEvent]

    /// Creates a ticket; nil if none of the events opens one.
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

  /// Rebuilds the tickets of a group of merged ones from all their events.
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
    // In the order of time, so that each ticket's events are sorted, too.
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

  /// Joins the groups of two tickets.
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
  /// Returns whether any event satisfies a condition.
  public func contains(where condition: (TicketEvent) -> Bool) -> Bool {
    tickets.contains { $0.events.contains(where: condition) }
      || unopened.values.contains { $0.contains(where: condition) }
  }

  /// Returns an index of only the events that satisfy a condition, for example those stored before a moment.
  public func keeping(_ isKept: (TicketEvent) -> Bool) -> TicketIndex {
    let changed = tickets.count { !$0.events.allSatisfy(isKept) }
    // If an index loses most of its tickets, rebuilding it from the rest is faster than removing them one by one.
    guard changed * 2 <= tickets.count else {
      return TicketIndex((tickets.map(\.events) + unopened.values).flatMap { $0.filter(isKept) })
    }
    var kept = self
    kept.tickets = []
    kept.tickets.reserveCapacity(tickets.count)
    // The remaining events of merged tickets are regrouped.
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

  /// Replaces a ticket, which has already been removed from `tickets`, by what remains of its events.
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

/// The part of a ticket event that matters here: the ticket's opening, or what changed.
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
  /// The ticket it was merged into; nil if it was not merged.
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

  /// Orders events by time, then by offset.
  func precedes(_ other: TicketEvent) -> Bool { (at, offset) < (other.at, other.offset) }
}

/// Determines whether a ticket is about the feature of one plan: by the `feature` that its events name, or by tags that
/// the plan maps to the feature (product.md, section 4). The latest statement counts.
///
/// The feature's own key counts as such a tag. Once an event names a feature, that feature counts until a later event
/// names another one or carries a tag of the plan; if no event names a feature, the latest tags decide.
///
/// A surviving ticket's own events decide about it. Only if they state nothing do the tickets merged into it count,
/// each by its own events or, if these state nothing, by those of the tickets merged into that one; the latest decides.
/// Other plans, and later versions of this one, never matter, because the tags are given.
public struct TicketAttribution: Sendable, Hashable {
  /// The feature's key.
  public let feature: String
  /// The tags that map to the feature, including its own key.
  public let tags: Set<String>

  /// - Parameter tags: the tags that the plan maps to the feature, in addition to its own key.
  public init(feature: String, tags: some Sequence<String> = []) {
    self.feature = feature
    self.tags = Set(tags).union([feature])
  }

  /// Returns whether a ticket is about the feature.
  public func includes(_ ticket: TicketIndex.Ticket) -> Bool { includes(ticket.events, of: ticket.id) }

  /// Returns whether a ticket is about the feature, given its events and those of the tickets merged into it, ascending
  /// by time.
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

  /// Returns whether a ticket is about the feature by its own events, without those of tickets merged into it; nil if
  /// they do not state it.
  public func includesByItself(_ ticket: TicketIndex.Ticket) -> Bool? {
    decision(by: ticket.events.lazy.filter { $0.ticket == ticket.id })?.isAbout
  }

  /// What the events of a ticket state about its feature, and the last event that states it.
  private struct Decision {
    var isAbout: Bool
    var event: TicketEvent
  }

  /// Returns what events, ascending by time, state about a ticket's feature; nil if they state nothing.
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
