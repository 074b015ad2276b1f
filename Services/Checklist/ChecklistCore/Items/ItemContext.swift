public import LaunchModel

/// What an item's verbs need to know beside the item: who, when, and what stands around it.
public struct ItemContext: Sendable {
  /// Who acts, with what the roster lets them do.
  public var actor: Actor
  /// The service's time at which it happens.
  public var now: Timestamp
  /// The local day in the launch's zone.
  public var today: LocalDate
  /// Nil before one was adopted; then any name is taken as given.
  public var roster: Roster?
  /// The items it depends on that are not satisfied, as `key` or `key/instance`.
  public var awaited: [String]
  /// Whether it is done but fails: stale, or held too late.
  public var isFailing: Bool

  public init(
    actor: Actor, now: Timestamp, today: LocalDate, roster: Roster? = nil, awaited: [String] = [],
    isFailing: Bool = false
  ) {
    self.actor = actor
    self.now = now
    self.today = today
    self.roster = roster
    self.awaited = awaited
    self.isFailing = isFailing
  }

  /// Groups whose approvals count only from proven identities.
  var provenOnly: Set<String> { Set(roster?.provenOnly ?? []) }

  /// Throws where a roster has been adopted and does not know one of the people.
  func requireKnown(_ people: [PersonID], at pointer: String) throws(Problem) {
    guard let roster else { return }
    let strangers = people.filter { roster.people[$0] == nil }
    guard !strangers.isEmpty else { return }
    throw Problem(
      .invalid, code: "unknown-person", title: "not on the roster",
      detail: "not on the roster: \(strangers.joined(separator: ", "))",
      errors: strangers.map { FieldError(pointer: pointer, detail: "\"\($0)\" is not on the roster") })
  }
}

/// What a verb or an event did to an item.
public struct ItemStep: Sendable, Hashable {
  /// The state before; the same as `to` where only something else changed.
  public var from: ItemState
  /// The state after.
  public var to: ItemState
  /// What was done, as `submit`, or what happened by itself, as `rescheduled`.
  public var action: String
  /// A sentence for the history; nil where the action says it all.
  public var detail: String?

  public init(from: ItemState, to: ItemState, action: String, detail: String? = nil) {
    self.from = from
    self.to = to
    self.action = action
    self.detail = detail
  }
}

extension Problem {
  /// A parameter that the call cannot do without.
  static func missing(_ field: String, _ why: String) -> Problem {
    .invalid("missing-\(field)", title: "something is missing", pointer: "/\(field)", why)
  }

  /// A parameter that does not fit.
  static func unfit(_ field: String, _ why: String) -> Problem {
    .invalid("unfit-\(field)", title: "something does not fit", pointer: "/\(field)", why)
  }
}

extension String {
  /// Without white space at both ends; nil where nothing is left.
  var trimmedOrNil: String? {
    let trimmed = drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}
