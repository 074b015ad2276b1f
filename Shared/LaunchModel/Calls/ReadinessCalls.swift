/// A reason for or against GO, with the item, vote or fact concerned.
public struct ReadinessReason: Codable, Sendable, Hashable {
  /// A stable word: `item-not-done`, `item-blocked`, `waiver-expired`, `poll-missing`, `poll-no-go`, `not-sealed`, `shortfall`, …
  public var code: String
  public var item: ItemKey?
  public var instance: String?
  public var function: LaunchFunction?
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
  public var launch: LaunchID
  public var name: String
  public var tier: Tier
  public var date: LocalDate
  public var recommendation: Recommendation
  public var reasons: [ReadinessReason]
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
  public var function: LaunchFunction
  public var state: ReadinessState
  public var done: Int
  public var total: Int
  /// The blocking items that are not done, as `key` or `key/instance`.
  public var blocking: [String]
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
}

/// Asks for the board.
public struct BoardReference: Codable, Sendable, Hashable {
  /// The moment asked about; nil stands for now.
  public var asOf: Timestamp?

  public init(asOf: Timestamp? = nil) { self.asOf = asOf }
}

/// Every running launch's readiness.
public struct BoardView: Codable, Sendable, Hashable {
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
  public var launch: LaunchID
  public var answer: Answer
  /// Needed by a person who leads several functions.
  public var function: LaunchFunction?
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
  public var launch: LaunchID
  /// False for tiers 2 and 3, which have none.
  public var required: Bool
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
  public var function: LaunchFunction
  public var answer: PollAnswer.Answer
  public var by: String
  public var at: Timestamp
  public var note: String?

  public init(function: LaunchFunction, answer: PollAnswer.Answer, by: String, at: Timestamp, note: String? = nil) {
    self.function = function
    self.answer = answer
    self.by = by
    self.at = at
    self.note = note
  }
}
