public import LaunchModel

/// All that an agenda is written from.
public struct AgendaSources: Sendable {
  /// The launch as tiering last announced it.
  public var launch: LaunchRecord
  /// Which attempt is reviewed, from 1.
  public var attempt: Int
  /// Every attempt so far.
  public var attempts: [ExposureAttempt]
  /// The local date on which the review opens.
  public var opensOn: LocalDate
  /// Whether the review is yet to open, open or closed.
  public var state: ReviewState
  /// The service's time at which the agenda is asked for.
  public var now: Timestamp
  /// What metrics and checklist say at that moment.
  public var remote: RemoteSources
  /// What customers said and did, of which the agenda takes what lies in the attempt's window.
  public var signals: CustomerSignals
  /// The features of all launches that are known, which tickets' tags are mapped to.
  public var features: Set<String>
  /// Overrides, stale decisions and violations of every attempt.
  public var story: [StoryEvent]
  /// When each item was last done.
  public var doneAt: [ItemReference: Timestamp]
  /// By metric key.
  public var explanations: [String: String]
  /// As they were noted, by the point's id.
  public var outcomes: [String: String]
  /// The review's actions; one that answers a point is its outcome where none is noted.
  public var actions: [ActionView]

  public init(
    launch: LaunchRecord, attempt: Int, attempts: [ExposureAttempt], opensOn: LocalDate, state: ReviewState,
    now: Timestamp, remote: RemoteSources, signals: CustomerSignals = CustomerSignals(), features: Set<String> = [],
    story: [StoryEvent] = [], doneAt: [ItemReference: Timestamp] = [:], explanations: [String: String] = [:],
    outcomes: [String: String] = [:], actions: [ActionView] = []
  ) {
    self.launch = launch
    self.attempt = attempt
    self.attempts = attempts
    self.opensOn = opensOn
    self.state = state
    self.now = now
    self.remote = remote
    self.signals = signals
    self.features = features
    self.story = story
    self.doneAt = doneAt
    self.explanations = explanations
    self.outcomes = outcomes
    self.actions = actions
  }
}

/// What other services answered, or why they did not.
public struct RemoteSources: Sendable {
  /// The sealed metrics with their verdicts, from the metrics service.
  public var metrics: Result<MetricsView, Problem>
  /// The articles that the metric plan names.
  public var articles: Result<Set<String>, Problem>
  /// The launch's items as they stand, from checklist.
  public var items: Result<[ItemView], Problem>

  public init(
    metrics: Result<MetricsView, Problem>, articles: Result<Set<String>, Problem>, items: Result<[ItemView], Problem>
  ) {
    self.metrics = metrics
    self.articles = articles
    self.items = items
  }
}
