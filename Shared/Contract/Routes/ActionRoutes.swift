public import JSON
public import LaunchModel

/// An action to add.
public struct AddAction: Codable, Sendable, Hashable {
  /// The launch whose review decided on it, as `smart-routing`.
  public var launch: LaunchID
  /// What is to be done, as `Write an article about routing by skill`.
  public var text: String
  /// Who is to do it; nil leaves it without an owner, and the review cannot be closed so.
  public var owner: PersonID?
  /// The local day by which it is to be done; nil for none, and then nobody is reminded.
  public var due: LocalDate?
  /// The id of the agenda point that it answers; it is then that point's outcome.
  public var point: String?
  /// As in `ReviewReference`.
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

/// An action by its id, with its outcome.
public struct ActionReference: Codable, Sendable, Hashable {
  /// The action's id, as `smart-routing-a1`.
  public var action: String
  /// What came of it, or why it was dropped; ending an action needs one.
  public var outcome: String?

  public init(action: String, outcome: String? = nil) {
    self.action = action
    self.outcome = outcome
  }
}

/// Gives an action another owner, another due date, or both.
public struct AssignAction: Codable, Sendable, Hashable {
  /// The action's id, as `smart-routing-a1`.
  public var action: String
  /// The new owner; nil leaves it as it is.
  public var owner: PersonID?
  /// The new due date; nil leaves it as it is.
  public var due: LocalDate?

  public init(action: String, owner: PersonID? = nil, due: LocalDate? = nil) {
    self.action = action
    self.owner = owner
    self.due = due
  }
}

/// Which actions to list.
public struct ActionFilter: Codable, Sendable, Hashable {
  /// Only actions of this launch's reviews; nil for those of every launch.
  public var launch: LaunchID?
  /// Only actions of this person; nil for everybody's.
  public var owner: PersonID?

  public init(launch: LaunchID? = nil, owner: PersonID? = nil) {
    self.launch = launch
    self.owner = owner
  }
}

/// An action that a review decided on.
public struct ActionView: Codable, Sendable, Hashable {
  /// What became of it.
  public enum State: String, Codable, Sendable, Hashable {
    case open, done, dropped
  }
  /// The launch, `-a` and a number from 1, as `smart-routing-a1`.
  public var id: String
  /// The launch whose review decided on it.
  public var launch: LaunchID
  /// The attempt whose review decided on it, from 1.
  public var attempt: Int
  /// What is to be done, in the words of whoever added it.
  public var text: String
  /// Who is to do it; nil while nobody is named, which keeps the review open.
  public var owner: PersonID?
  /// The last day on which it is in time, in the launch's zone; nil for none.
  public var due: LocalDate?
  /// `open` until somebody says that it is done or dropped.
  public var state: State
  /// Whether its due date is past in the launch's zone and it is still open.
  public var overdue: Bool
  /// The id of the agenda point that it answers.
  public var point: String?
  /// What came of it, or why it was dropped; nil while it is open.
  public var outcome: String?

  public init(
    id: String, launch: LaunchID, attempt: Int, text: String, owner: PersonID?, due: LocalDate?, state: State,
    overdue: Bool, point: String? = nil, outcome: String? = nil
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
  }
}

/// Actions by due date.
public struct ActionList: Codable, Sendable, Hashable {
  /// The actions that the filter lets through, open and ended.
  public var actions: [ActionView]

  public init(actions: [ActionView]) { self.actions = actions }
}

/// A learning to add.
public struct AddLearning: Codable, Sendable, Hashable {
  /// The launch that taught it.
  public var launch: LaunchID
  /// What was learnt, in plain words; a proposal of it tells it again.
  public var text: String

  public init(launch: LaunchID, text: String) {
    self.launch = launch
    self.text = text
  }
}

/// Proposes a learning as a change of the template.
public struct ProposeLearning: Codable, Sendable, Hashable {
  /// The learning's id, as `smart-routing-l1`.
  public var learning: String
  /// A template change as its file has it.
  public var change: JSONValue

  public init(learning: String, change: JSONValue) {
    self.learning = learning
    self.change = change
  }
}

/// Something that a launch taught.
public struct LearningView: Codable, Sendable, Hashable {
  /// The launch, `-l` and a number from 1, as `smart-routing-l1`.
  public var id: String
  /// The launch that taught it.
  public var launch: LaunchID
  /// What was learnt, in the words of whoever added it.
  public var text: String
  /// Who added it, as `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was added.
  public var at: Timestamp
  /// When it was proposed as a change of the template; nil where it was not.
  public var proposedAt: Timestamp?
  /// The template version that it became.
  public var adoptedAs: Int?

  public init(
    id: String, launch: LaunchID, text: String, by: String, at: Timestamp, proposedAt: Timestamp? = nil,
    adoptedAs: Int? = nil
  ) {
    self.id = id
    self.launch = launch
    self.text = text
    self.by = by
    self.at = at
    self.proposedAt = proposedAt
    self.adoptedAs = adoptedAs
  }
}

/// Learnings by time.
public struct LearningList: Codable, Sendable, Hashable {
  /// Those of all launches, oldest first.
  public var learnings: [LearningView]

  public init(learnings: [LearningView]) { self.learnings = learnings }
}
