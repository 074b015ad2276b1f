public import JSON
public import LaunchModel

/// An action to add.
public struct AddAction: Codable, Sendable, Hashable {
  /// The launch whose review decided on it, for example `smart-routing`.
  public var launch: LaunchID
  /// What to do, for example `Write an article about routing by skill`.
  public var text: String
  /// The owner; nil leaves it unassigned, and then the review cannot be closed.
  public var owner: PersonID?
  /// The due date: the last local day to do it; nil for none, so that nobody is reminded.
  public var due: LocalDate?
  /// The id of the agenda point it resolves; the action becomes that point's outcome. If the point is a customer to
  /// call, this is an outreach action, which counts as the outcome only once it has an owner.
  public var point: String?
  /// The attempt, as in `ReviewReference`.
  public var attempt: Int?

  public init(
    launch: LaunchID, text: String, owner: PersonID? = nil, due: LocalDate? = nil, point: String? = nil,
    attempt: Int? = nil
  ) {
    self.launch = launch
    self.text = text
    self.owner = owner
    self.due = due
    self.point = point
    self.attempt = attempt
  }
}

/// Adds an outreach action for each customer on the agenda that has none yet, all with one owner.
public struct AddOutreach: Codable, Sendable, Hashable {
  /// The launch whose review lists the customers.
  public var launch: LaunchID
  /// The owner of every added action; nil leaves them unassigned, and then the review cannot be closed.
  public var owner: PersonID?
  /// The due date: the last local day to call; nil for none, so that nobody is reminded.
  public var due: LocalDate?
  /// The attempt, as in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, owner: PersonID? = nil, due: LocalDate? = nil, attempt: Int? = nil) {
    self.launch = launch
    self.owner = owner
    self.due = due
    self.attempt = attempt
  }
}

/// The outreach actions that a call added.
public struct OutreachAdded: Codable, Sendable, Hashable {
  /// One action for each customer that had none, in the agenda's order; empty if every customer had one.
  public var actions: [ActionView]

  public init(actions: [ActionView]) { self.actions = actions }
}

/// An action by its id, with its outcome.
public struct ActionReference: Codable, Sendable, Hashable {
  /// The action's id, for example `smart-routing-a1`.
  public var action: String
  /// The result, or why the action was dropped; required to mark it as done or dropped.
  public var outcome: String?

  public init(action: String, outcome: String? = nil) {
    self.action = action
    self.outcome = outcome
  }
}

/// Gives an action another owner, another due date, or both.
public struct AssignAction: Codable, Sendable, Hashable {
  /// The action's id, for example `smart-routing-a1`.
  public var action: String
  /// The new owner; nil leaves it unchanged.
  public var owner: PersonID?
  /// The new due date; nil leaves it unchanged.
  public var due: LocalDate?

  public init(action: String, owner: PersonID? = nil, due: LocalDate? = nil) {
    self.action = action
    self.owner = owner
    self.due = due
  }
}

/// Gives all open actions of a person to another one.
public struct ReassignActions: Codable, Sendable, Hashable {
  /// The current owner, for example `lena`, who need not be on the roster any more.
  public var from: PersonID
  /// The new owner, for example `ibrahim`.
  public var to: PersonID

  public init(from: PersonID, to: PersonID) {
    self.from = from
    self.to = to
  }
}

/// The result of giving a person's actions to another one.
public struct ReassignedActions: Codable, Sendable, Hashable {
  /// The reassigned actions in their new state, by launch; empty if the person had none.
  public var actions: [ActionView]
  /// The ids of the actions that the caller may not change, for example `smart-routing-a1`; these keep their owner.
  public var refused: [String]

  public init(actions: [ActionView], refused: [String] = []) {
    self.actions = actions
    self.refused = refused
  }
}

/// Selects the actions to list.
public struct ActionFilter: Codable, Sendable, Hashable {
  /// Only actions from this launch's reviews; nil for all launches.
  public var launch: LaunchID?
  /// Only actions of this person; nil for everyone's.
  public var owner: PersonID?
  /// Whether to list only overdue actions; nil for no.
  public var overdue: Bool?

  public init(launch: LaunchID? = nil, owner: PersonID? = nil, overdue: Bool? = nil) {
    self.launch = launch
    self.owner = owner
    self.overdue = overdue
  }
}

/// An action that a review decided on.
public struct ActionView: Codable, Sendable, Hashable {
  /// The state of an action.
  public enum State: String, Codable, Sendable, Hashable, CaseIterable {
    case open, done, dropped
  }

  /// What an action is for.
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    /// To call a customer that the agenda lists.
    case outreach
    /// Anything else.
    case followUp = "follow-up"
  }

  /// The launch, `-a` and a number starting at 1, for example `smart-routing-a1`.
  public var id: String
  /// The launch whose review decided on it.
  public var launch: LaunchID
  /// The attempt whose review decided on it, starting at 1.
  public var attempt: Int
  /// What to do, in the author's words.
  public var text: String
  /// The owner; nil if it is unassigned, and then the review cannot be closed.
  public var owner: PersonID?
  /// The due date: the last day on which it is on time, in the launch's zone; nil if it has none.
  public var due: LocalDate?
  /// `open` until it is marked done or dropped.
  public var state: State
  /// Whether it is still open and its due date has passed in the launch's zone.
  public var overdue: Bool
  /// The id of the agenda point it resolves; nil if it resolves none.
  public var point: String?
  /// The result, or why it was dropped; nil while it is open.
  public var outcome: String?
  /// `outreach` if it is to call a customer, else `follow-up`; nil from a service of version 0.1.0.
  public var kind: Kind?

  public init(
    id: String, launch: LaunchID, attempt: Int, text: String, owner: PersonID?, due: LocalDate?, state: State,
    overdue: Bool, point: String? = nil, outcome: String? = nil, kind: Kind? = nil
  ) {
    self.id = id
    self.launch = launch
    self.attempt = attempt
    self.text = text
    self.owner = owner
    self.due = due
    self.state = state
    self.overdue = overdue
    self.point = point
    self.outcome = outcome
    self.kind = kind
  }
}

/// Actions, with overdue ones first, then by due date.
public struct ActionList: Codable, Sendable, Hashable {
  /// The actions that match the filter, open and ended.
  public var actions: [ActionView]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(actions: [ActionView]) { self.actions = actions }
}

/// A learning to add.
public struct AddLearning: Codable, Sendable, Hashable {
  /// The launch it comes from.
  public var launch: LaunchID
  /// What was learned, in plain words; included in every proposal made from it.
  public var text: String

  public init(launch: LaunchID, text: String) {
    self.launch = launch
    self.text = text
  }
}

/// The document that a learning proposes to change.
public enum LearningTarget: String, Codable, Sendable, Hashable, CaseIterable {
  case template, policy
  case metricDefaults = "metric-defaults"
}

/// Turns a learning into a proposal: a change to the template, or a new tier policy or new metric defaults.
public struct ProposeLearning: Codable, Sendable, Hashable {
  /// The learning's id, for example `smart-routing-l1`.
  public var learning: String
  /// The template change, or the whole policy or defaults, as written in its file; errors have pointers into it.
  public var change: JSONValue
  /// The document to change; nil means the template.
  public var target: LearningTarget?

  public init(learning: String, change: JSONValue, target: LearningTarget? = nil) {
    self.learning = learning
    self.change = change
    self.target = target
  }
}

/// Something learned from a launch.
public struct LearningView: Codable, Sendable, Hashable {
  /// The launch, `-l` and a number starting at 1, for example `smart-routing-l1`.
  public var id: String
  /// The launch it comes from.
  public var launch: LaunchID
  /// What was learned, in the author's words.
  public var text: String
  /// Who added it: `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was added.
  public var at: Timestamp
  /// When it was proposed as a change to a document; nil if it was not.
  public var proposedAt: Timestamp?
  /// The version of the document in which it was adopted; nil if it was not adopted.
  public var adoptedAs: Int?
  /// The document that it proposes to change; nil until it is proposed.
  public var target: LearningTarget?

  public init(
    id: String, launch: LaunchID, text: String, by: String, at: Timestamp, proposedAt: Timestamp? = nil,
    adoptedAs: Int? = nil, target: LearningTarget? = nil
  ) {
    self.target = target
    self.id = id
    self.launch = launch
    self.text = text
    self.by = by
    self.at = at
    self.proposedAt = proposedAt
    self.adoptedAs = adoptedAs
  }
}

/// Learnings, sorted by time.
public struct LearningList: Codable, Sendable, Hashable {
  /// The learnings of all launches, oldest first.
  public var learnings: [LearningView]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(learnings: [LearningView]) { self.learnings = learnings }
}
