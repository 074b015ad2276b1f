public import LaunchModel

extension Announcements {
  /// By review: an action was added; its owner is reminded from then on.
  public static let actionAdded = EventType<ActionAnnounced>("dev.gonogo.action.added.v1")
  /// By review: an action has another owner or due date.
  public static let actionAssigned = EventType<ActionAnnounced>("dev.gonogo.action.assigned.v1")
  /// By review: an action is done.
  public static let actionDone = EventType<ActionAnnounced>("dev.gonogo.action.done.v1")
  /// By review: an action was given up.
  public static let actionDropped = EventType<ActionAnnounced>("dev.gonogo.action.dropped.v1")
}

/// An action of a review as it now is.
public struct ActionAnnounced: Codable, Sendable, Hashable {
  /// The action's id, as `smart-routing-a1`.
  public var action: String
  /// The attempt whose review decided on it, from 1.
  public var attempt: Int
  /// What is to be done, in the words of whoever added it.
  public var text: String
  /// Who is to do it; nil while nobody is named.
  public var owner: PersonID?
  /// The last day on which it is in time, in the launch's zone; nil for none.
  public var due: LocalDate?
  /// `open`, `done` or `dropped`.
  public var state: ActionView.State
  /// The id of the agenda point that it answers; nil where it answers none.
  public var point: String?
  /// What came of it, or why it was dropped; nil while it is open.
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
