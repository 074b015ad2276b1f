/// The review service's methods.
public enum ReviewRoutes {
  /// A review with its explanations, outcomes, actions and learnings.
  public static let show = Route<ReviewReference, ReviewView>(.review, "review.show", .read)
  /// Every review, past and to come.
  public static let list = Route<NoParameters, ReviewList>(.review, "review.list", .read)
  /// The agenda, assembled now; what could not be reached is named in it.
  public static let agenda = Route<ReviewReference, AgendaView>(.review, "review.agenda", .read)
  /// Says what explains a metric's gap.
  public static let explain = Route<ExplainMetric, ReviewView>(.review, "review.explain", .change)
  /// Says what came of an agenda point.
  public static let note = Route<NoteOutcome, ReviewView>(.review, "review.note", .change)
  /// Records who took part; people already recorded stay.
  public static let attend = Route<Attendance, ReviewView>(.review, "review.attend", .change)
  /// Closes a review and stores its agenda; refused while a missed metric, a point or an action lacks something.
  public static let close = Route<ReviewReference, ReviewView>(.review, "review.close", .change)
  /// Adds an action item, with its owner and due date where they are known.
  public static let addAction = Route<AddAction, ActionView>(.review, "action.add", .change)
  /// Action items, by launch or owner.
  public static let listActions = Route<ActionFilter, ActionList>(.review, "action.list", .read)
  /// Marks an action as done, with what came of it.
  public static let finishAction = Route<ActionReference, ActionView>(.review, "action.done", .change)
  /// Gives an action up, with the reason as its outcome.
  public static let dropAction = Route<ActionReference, ActionView>(.review, "action.drop", .change)
  /// Gives an action another owner or due date.
  public static let assignAction = Route<AssignAction, ActionView>(.review, "action.assign", .change)
  /// Notes what a launch taught.
  public static let addLearning = Route<AddLearning, LearningView>(.review, "learning.add", .change)
  /// What launches have taught, and what became of it.
  public static let listLearnings = Route<NoParameters, LearningList>(.review, "learning.list", .read)
  /// Makes a learning a proposed change of the checklist template.
  public static let proposeLearning = Route<ProposeLearning, LearningView>(.review, "learning.propose", .change)
}

/// Parameters of a method about one review.
public struct ReviewReference: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
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
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// The metric's key in the plan, as `adoption`.
  public var metric: String
  /// What explains the gap; it replaces what was said before.
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
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// The point's id in the agenda.
  public var point: String
  /// What came of the point; it replaces what was said before.
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
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// Their keys on the roster, as `dana`.
  public var people: [PersonID]
  /// As in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, people: [PersonID], attempt: Int? = nil) {
    self.launch = launch
    self.people = people
    self.attempt = attempt
  }
}
