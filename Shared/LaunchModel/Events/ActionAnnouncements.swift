extension Announcements {
  public static let actionAdded = EventType<ActionAnnounced>("dev.gonogo.action.added.v1")
  public static let actionAssigned = EventType<ActionAnnounced>("dev.gonogo.action.assigned.v1")
  public static let actionDone = EventType<ActionAnnounced>("dev.gonogo.action.done.v1")
  public static let actionDropped = EventType<ActionAnnounced>("dev.gonogo.action.dropped.v1")
}

/// An action of a review as it now is.
public struct ActionAnnounced: Codable, Sendable, Hashable {
  public var action: String
  public var attempt: Int
  public var text: String
  public var owner: PersonID?
  public var due: LocalDate?
  public var state: ActionView.State
  public var point: String?
  public var outcome: String?

  public init(of view: ActionView) {
    action = view.id
    attempt = view.attempt
    text = view.text
    owner = view.owner
    due = view.due
    state = view.state
    point = view.point
    outcome = view.outcome
  }
}
