/// The review service's methods.
public enum ReviewRoutes {
  public static let show = Route<ReviewReference, ReviewView>(.review, "review.show", .read)
  public static let list = Route<NoParameters, ReviewList>(.review, "review.list", .read)
  public static let agenda = Route<ReviewReference, AgendaView>(.review, "review.agenda", .read)
  public static let explain = Route<ExplainMetric, ReviewView>(.review, "review.explain", .change)
  public static let note = Route<NoteOutcome, ReviewView>(.review, "review.note", .change)
  public static let attend = Route<Attendance, ReviewView>(.review, "review.attend", .change)
  public static let close = Route<ReviewReference, ReviewView>(.review, "review.close", .change)
  public static let addAction = Route<AddAction, ActionView>(.review, "action.add", .change)
  public static let listActions = Route<ActionFilter, ActionList>(.review, "action.list", .read)
  public static let finishAction = Route<ActionReference, ActionView>(.review, "action.done", .change)
  public static let dropAction = Route<ActionReference, ActionView>(.review, "action.drop", .change)
  public static let assignAction = Route<AssignAction, ActionView>(.review, "action.assign", .change)
  public static let addLearning = Route<AddLearning, LearningView>(.review, "learning.add", .change)
  public static let listLearnings = Route<NoParameters, LearningList>(.review, "learning.list", .read)
  public static let proposeLearning = Route<ProposeLearning, LearningView>(.review, "learning.propose", .change)
}

/// Parameters of a method about one review.
public struct ReviewReference: Codable, Sendable, Hashable {
  public var launch: LaunchID
  /// Which attempt at launching, from 1; nil stands for the open review, the latest where several or none are open.
  public var attempt: Int?

  public init(launch: LaunchID, attempt: Int? = nil) {
    self.launch = launch
    self.attempt = attempt
  }
}

/// What explains a metric's gap.
public struct ExplainMetric: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var metric: String
  public var text: String
  /// As in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, metric: String, text: String, attempt: Int? = nil) {
    self.launch = launch
    self.metric = metric
    self.text = text
    self.attempt = attempt
  }
}

/// The outcome of an agenda point.
public struct NoteOutcome: Codable, Sendable, Hashable {
  public var launch: LaunchID
  /// The point's id in the agenda.
  public var point: String
  public var text: String
  /// As in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, point: String, text: String, attempt: Int? = nil) {
    self.launch = launch
    self.point = point
    self.text = text
    self.attempt = attempt
  }
}

/// Who attended the review.
public struct Attendance: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var people: [PersonID]
  /// As in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, people: [PersonID], attempt: Int? = nil) {
    self.launch = launch
    self.people = people
    self.attempt = attempt
  }
}
