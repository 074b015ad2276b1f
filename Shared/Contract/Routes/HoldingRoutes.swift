public import LaunchModel

/// Selects the people whose holdings to show.
public struct HoldingsReference: Codable, Sendable, Hashable {
  /// The person, for example `lena`, on the roster or not; nil for everyone who is not on the roster but still holds
  /// something.
  public var person: PersonID?

  public init(person: PersonID? = nil) { self.person = person }
}

/// What people hold on the running launches.
public struct HoldingsReport: Codable, Sendable, Hashable {
  /// One entry for each person, by key.
  public var people: [PersonHoldings]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(people: [PersonHoldings]) { self.people = people }
}

/// What one person holds on the running launches.
public struct PersonHoldings: Codable, Sendable, Hashable {
  /// The person's key, for example `lena`.
  public var person: PersonID
  /// The launches on which the person holds something, by date; empty if there are none.
  public var launches: [LaunchHoldings]

  public init(person: PersonID, launches: [LaunchHoldings]) {
    self.person = person
    self.launches = launches
  }
}

/// What one person holds on a launch.
public struct LaunchHoldings: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// Whether the person owns the launch.
  public var owns: Bool
  /// The open items that are assigned to the person, for example `kb-article/de`; `item.reassign` moves them.
  public var items: [String]
  /// The approvals that a group of the person has been asked for, for example `launch-copy for legal`. For a person who
  /// has left, these are known only during the adoption of the roster that drops them.
  public var asked: [String]
  /// The person's approvals that count, for example `launch-copy for legal`. They remain valid if the person leaves.
  public var approvals: [String]
  /// The functions for which the person answered the poll; if the person has left, each must be answered again.
  public var votes: [LaunchFunction]

  public init(
    launch: LaunchID, owns: Bool = false, items: [String] = [], asked: [String] = [], approvals: [String] = [],
    votes: [LaunchFunction] = []
  ) {
    self.launch = launch
    self.owns = owns
    self.items = items
    self.asked = asked
    self.approvals = approvals
    self.votes = votes
  }
}

/// Moves all open items of a person to another one, on one launch or on all.
public struct ReassignItems: Codable, Sendable, Hashable {
  /// The current owner, for example `lena`, who need not be on the roster any more.
  public var from: PersonID
  /// The new owner, for example `ibrahim`.
  public var to: PersonID
  /// The launch; nil for all launches that are neither cancelled nor closed.
  public var launch: LaunchID?
  /// Why, for the audit trail; nil for none.
  public var reason: String?

  public init(from: PersonID, to: PersonID, launch: LaunchID? = nil, reason: String? = nil) {
    self.from = from
    self.to = to
    self.launch = launch
    self.reason = reason
  }
}

/// What moving a person's items did or, in a preview, would do.
public struct Reassignment: Codable, Sendable, Hashable {
  /// The previous owner, for example `lena`.
  public var from: PersonID
  /// The new owner, for example `ibrahim`.
  public var to: PersonID
  /// One entry for each open item of the person, by launch date and in the launch's order.
  public var items: [ReassignedItem]

  public init(from: PersonID, to: PersonID, items: [ReassignedItem]) {
    self.from = from
    self.to = to
    self.items = items
  }
}

/// What moving a person's items did or, in a preview, would do with one of them.
public struct ReassignedItem: Codable, Sendable, Hashable {
  /// The launch that it belongs to.
  public var launch: LaunchID
  /// The item's key in the template, for example `kb-article`.
  public var key: ItemKey
  /// The instance it was expanded to, for example `de`; nil if it was not expanded.
  public var instance: String?
  /// Its state, which does not change.
  public var state: ItemState
  /// Its due day.
  public var due: LocalDate
  /// Why it was not moved, for example `mia may not do this; Engineering's lead or Product Ops may`; nil if it was
  /// moved.
  public var refused: String?

  public init(
    launch: LaunchID, key: ItemKey, instance: String?, state: ItemState, due: LocalDate, refused: String? = nil
  ) {
    self.launch = launch
    self.key = key
    self.instance = instance
    self.state = state
    self.due = due
    self.refused = refused
  }

  /// Its key and instance.
  public var reference: ItemReference { ItemReference(key: key, instance: instance) }
}
