/// An action to add.
public struct AddAction: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var text: String
  public var owner: PersonID?
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
  public var action: String
  public var outcome: String?

  public init(action: String, outcome: String? = nil) {
    self.action = action
    self.outcome = outcome
  }
}

/// Gives an action another owner, another due date, or both.
public struct AssignAction: Codable, Sendable, Hashable {
  public var action: String
  public var owner: PersonID?
  public var due: LocalDate?

  public init(action: String, owner: PersonID? = nil, due: LocalDate? = nil) {
    self.action = action
    self.owner = owner
    self.due = due
  }
}

/// Which actions to list.
public struct ActionFilter: Codable, Sendable, Hashable {
  public var launch: LaunchID?
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
  public var id: String
  public var launch: LaunchID
  public var attempt: Int
  public var text: String
  public var owner: PersonID?
  public var due: LocalDate?
  public var state: State
  /// Whether its due date is past in the launch's zone and it is still open.
  public var overdue: Bool
  /// The id of the agenda point that it answers.
  public var point: String?
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
  public var actions: [ActionView]

  public init(actions: [ActionView]) { self.actions = actions }
}
