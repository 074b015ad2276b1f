public import LaunchModel

/// The circumstances in which a verb is applied to an item: the actor, the time, the roster and the other items.
public struct ItemContext: Sendable {
  /// Who acts, with the rights the roster grants them.
  public var actor: Actor
  /// The current time of the service's clock.
  public var now: Timestamp
  /// What the item's requirements are checked against.
  public var launch: LaunchSituation
  /// The items it depends on that are not satisfied, each as `key` or `key/instance`.
  public var awaited: [String]
  /// Whether the item is not satisfied, such as done but stale or done too late.
  public var isFailing: Bool
  /// Whether the launch's metrics are sealed.
  public var isSealed: Bool

  public init(
    actor: Actor, now: Timestamp, launch: LaunchSituation, awaited: [String] = [], isFailing: Bool = false,
    isSealed: Bool = false
  ) {
    self.actor = actor
    self.now = now
    self.launch = launch
    self.awaited = awaited
    self.isFailing = isFailing
    self.isSealed = isSealed
  }

  /// The local day in the launch's zone.
  var today: LocalDate { launch.today }

  /// The adopted roster; nil before there is one, when any name is accepted.
  var roster: Roster? { launch.roster }

  /// The groups whose approvals count only from proven identities.
  var provenOnly: Set<String> { Set(roster?.provenOnly ?? []) }

  /// Throws if a roster has been adopted and lacks one of the people.
  func requireKnown(_ people: [PersonID], at pointer: String) throws(Problem) {
    guard let roster else { return }
    try roster.requireKnown(people, at: pointer)
  }
}

/// The effect of a verb or an event on an item.
public struct ItemStep: Sendable, Hashable {
  /// The state before; equal to `to` if the state did not change.
  public var from: ItemState
  /// The state after.
  public var to: ItemState
  /// The verb, such as `submit`, or what happened without one, such as `rescheduled`.
  public var action: String
  /// Details for the history; nil if the action is enough.
  public var detail: String?

  public init(from: ItemState, to: ItemState, action: String, detail: String? = nil) {
    self.from = from
    self.to = to
    self.action = action
    self.detail = detail
  }
}

extension Problem {
  /// A required parameter is missing.
  static func missing(_ field: String, _ why: String) -> Problem {
    .invalid("missing-\(field)", title: "missing \(field)", pointer: "/\(field)", why)
  }

  /// A parameter has an invalid value.
  static func unfit(_ field: String, _ why: String) -> Problem {
    .invalid("unfit-\(field)", title: "invalid \(field)", pointer: "/\(field)", why)
  }
}

extension String {
  /// The text without white space at either end; nil if nothing remains.
  var trimmedOrNil: String? {
    let trimmed = drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}
