public import LaunchModel

extension Announcements {
  /// Sent by review when an action is added; its owner is reminded from then on.
  public static let actionAdded = EventType<ActionAnnounced>("dev.gonogo.action.added.v1")
  /// Sent by review when an action gets another owner or due date.
  public static let actionAssigned = EventType<ActionAnnounced>("dev.gonogo.action.assigned.v1")
  /// Sent by review when an action is done.
  public static let actionDone = EventType<ActionAnnounced>("dev.gonogo.action.done.v1")
  /// Sent by review when an action is dropped.
  public static let actionDropped = EventType<ActionAnnounced>("dev.gonogo.action.dropped.v1")
}

/// A review's action in its current state.
public struct ActionAnnounced: Codable, Sendable, Hashable {
  /// The action's id, for example `smart-routing-a1`.
  public var action: String
  /// The attempt whose review decided on it, starting at 1.
  public var attempt: Int
  /// What to do, in the author's words.
  public var text: String
  /// The owner; nil if it is unassigned.
  public var owner: PersonID?
  /// The due date: the last day on which it is on time, in the launch's zone; nil if it has none.
  public var due: LocalDate?
  /// `open`, `done` or `dropped`.
  public var state: ActionView.State
  /// The id of the agenda point it resolves; nil if it resolves none.
  public var point: String?
  /// The result, or why it was dropped; nil while it is open.
  public var outcome: String?
  /// `outreach` if it is to call a customer, else `follow-up`; nil from a service of version 0.1.0.
  public var kind: ActionView.Kind?

  public init(of view: ActionView) {
    action = view.id
    attempt = view.attempt
    text = view.text
    owner = view.owner
    due = view.due
    state = view.state
    point = view.point
    outcome = view.outcome
    kind = view.kind
  }
}
