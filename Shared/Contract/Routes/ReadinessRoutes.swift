public import LaunchModel

/// A reason for or against GO, with the item, vote or fact concerned.
public struct ReadinessReason: Codable, Sendable, Hashable {
  /// A stable word: `item-not-done`, `item-blocked`, `waiver-expired`, `poll-missing`, `poll-no-go`, `not-sealed`, `shortfall`, …
  public var code: String
  /// The key of the item concerned, as `load-test`; nil where it is about none.
  public var item: ItemKey?
  /// What the item was expanded to, as `de`; nil where it was not.
  public var instance: String?
  /// Whose item or vote it is; nil where it is about the whole launch.
  public var function: LaunchFunction?
  /// A sentence for a person that names what is in the way.
  public var detail: String

  public init(
    code: String, item: ItemKey? = nil, instance: String? = nil, function: LaunchFunction? = nil, detail: String
  ) {
    self.code = code
    self.item = item
    self.instance = instance
    self.function = function
    self.detail = detail
  }
}

/// The readiness of a launch, function by function.
public struct ReadinessView: Codable, Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// As people call the launch, as `Smart routing`.
  public var name: String
  /// The tier in force, which says what readiness takes.
  public var tier: Tier
  /// The planned local date.
  public var date: LocalDate
  /// GO only where nothing at all speaks against it.
  public var recommendation: Recommendation
  /// All that speaks against GO; empty where GO is recommended.
  public var reasons: [ReadinessReason]
  /// Those that have items, in board order.
  public var functions: [FunctionReadiness]

  public init(
    launch: LaunchID, name: String, tier: Tier, date: LocalDate, recommendation: Recommendation,
    reasons: [ReadinessReason], functions: [FunctionReadiness]
  ) {
    self.launch = launch
    self.name = name
    self.tier = tier
    self.date = date
    self.recommendation = recommendation
    self.reasons = reasons
    self.functions = functions
  }
}

/// One function's readiness for one launch.
public struct FunctionReadiness: Codable, Sendable, Hashable {
  /// Whose items these are.
  public var function: LaunchFunction
  /// What its worst blocking item makes of it.
  public var state: ReadinessState
  /// How many items are done and still valid; waived ones are not counted.
  public var done: Int
  /// How many items it has, advisory ones too, voided ones not.
  public var total: Int
  /// The blocking items that are not done, as `key` or `key/instance`.
  public var blocking: [String]
  /// The earliest due date among what is not done, also one that is past; nil where all is done.
  public var nextDue: LocalDate?
  /// The owners of what is not done.
  public var owners: [PersonID]
  /// The items that are waived, which is not done, as `key` or `key/instance`.
  public var waived: [String]

  public init(
    function: LaunchFunction, state: ReadinessState, done: Int, total: Int, blocking: [String], nextDue: LocalDate?,
    owners: [PersonID] = [], waived: [String] = []
  ) {
    self.function = function
    self.state = state
    self.done = done
    self.total = total
    self.blocking = blocking
    self.nextDue = nextDue
    self.owners = owners
    self.waived = waived
  }

  /// Writes every field, with null for what there is not, so that scripts always find it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(function, forKey: .function)
    try container.encode(state, forKey: .state)
    try container.encode(done, forKey: .done)
    try container.encode(total, forKey: .total)
    try container.encode(blocking, forKey: .blocking)
    try container.encode(nextDue, forKey: .nextDue)
    try container.encode(owners, forKey: .owners)
    try container.encode(waived, forKey: .waived)
  }
}

/// Asks for the board.
public struct BoardReference: Codable, Sendable, Hashable {
  /// The moment asked about; nil stands for now.
  public var asOf: Timestamp?

  public init(asOf: Timestamp? = nil) { self.asOf = asOf }
}

/// Every running launch's readiness.
public struct BoardView: Codable, Sendable, Hashable {
  /// One entry for each launch, by date.
  public var launches: [ReadinessView]

  public init(launches: [ReadinessView]) { self.launches = launches }
}

/// A lead's answer to the poll.
public struct PollAnswer: Codable, Sendable, Hashable {
  /// A lead's answer.
  public enum Answer: String, Codable, Sendable, Hashable {
    case go
    case noGo = "no-go"
  }
  /// The launch that is polled.
  public var launch: LaunchID
  /// Go or no-go; a later answer of the function replaces it.
  public var answer: Answer
  /// Needed by a person who leads several functions.
  public var function: LaunchFunction?
  /// What else the lead says, shown with a no-go; nil for nothing.
  public var note: String?

  public init(launch: LaunchID, answer: Answer, function: LaunchFunction? = nil, note: String? = nil) {
    self.launch = launch
    self.answer = answer
    self.function = function
    self.note = note
  }
}

/// The poll of a launch.
public struct PollView: Codable, Sendable, Hashable {
  /// The launch that is polled.
  public var launch: LaunchID
  /// False for tiers 2 and 3, which have none.
  public var required: Bool
  /// The answers that stand, one of each function at most; a new date or tier voids them.
  public var votes: [PollVote]
  /// The functions that have not answered.
  public var silent: [LaunchFunction]

  public init(launch: LaunchID, required: Bool, votes: [PollVote], silent: [LaunchFunction]) {
    self.launch = launch
    self.required = required
    self.votes = votes
    self.silent = silent
  }
}

/// One function's vote.
public struct PollVote: Codable, Sendable, Hashable {
  /// The function that it was given for.
  public var function: LaunchFunction
  /// Go or no-go; a no-go is a reason against GO.
  public var answer: PollAnswer.Answer
  /// The lead who gave it, as `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was given.
  public var at: Timestamp
  /// What else the lead says; nil for nothing.
  public var note: String?

  public init(function: LaunchFunction, answer: PollAnswer.Answer, by: String, at: Timestamp, note: String? = nil) {
    self.function = function
    self.answer = answer
    self.by = by
    self.at = at
    self.note = note
  }
}
