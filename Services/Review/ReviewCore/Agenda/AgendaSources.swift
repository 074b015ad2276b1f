public import LaunchModel

/// All that an agenda is written from.
public struct AgendaSources: Sendable {
  public var launch: LaunchRecord
  public var attempt: Int
  /// Every attempt so far.
  public var attempts: [ExposureAttempt]
  public var opensOn: LocalDate
  public var state: ReviewState
  public var now: Timestamp
  public var remote: RemoteSources
  public var signals: CustomerSignals
  /// The features of all launches that are known, which tickets' tags are mapped to.
  public var features: Set<String>
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
  public var metrics: Result<MetricsView, Problem>
  /// The articles that the metric plan names.
  public var articles: Result<Set<String>, Problem>
  public var items: Result<[ItemView], Problem>

  public init(
    metrics: Result<MetricsView, Problem>, articles: Result<Set<String>, Problem>, items: Result<[ItemView], Problem>
  ) {
    self.metrics = metrics
    self.articles = articles
    self.items = items
  }
}
