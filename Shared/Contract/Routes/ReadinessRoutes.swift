public import LaunchModel

/// A reason for or against GO, with the item, vote or fact behind it.
public struct ReadinessReason: Codable, Sendable, Hashable {
  /// A stable identifier: `item-not-done`, `item-blocked`, `waiver-expired`, `poll-missing`, `poll-no-go`,
  /// `not-sealed`, `shortfall`, …
  public var code: String
  /// The item's key, for example `load-test`; nil if it is not about an item.
  public var item: ItemKey?
  /// The instance it was expanded to, for example `de`; nil if it was not expanded.
  public var instance: String?
  /// The function of the item or vote; nil if it is about the whole launch.
  public var function: LaunchFunction?
  /// The obstacle, as a sentence for people.
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

/// The readiness of a launch by function.
public struct ReadinessView: Codable, Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// The display name of the launch, for example `Smart routing`.
  public var name: String
  /// The tier in force, which determines what readiness requires.
  public var tier: Tier
  /// The planned local date.
  public var date: LocalDate
  /// The recommendation: GO only if there is no reason against it.
  public var recommendation: Recommendation
  /// All reasons against GO; empty if GO is recommended.
  public var reasons: [ReadinessReason]
  /// The functions that have items, in board order.
  public var functions: [FunctionReadiness]
  /// The elevated support coverage in the first 14 days of exposure; nil outside these days, and for a launch without
  /// hypercare.
  public var hypercare: HypercareSummary?
  /// The same reasons in groups, one for the launch as a whole and one for each function: the launch first, then
  /// functions with overdue items. Nil from services that are older than this field.
  public var groups: [ReasonGroup]?
  /// What will become a reason against GO but is not one yet, such as a date that must be confirmed again; nil if there
  /// is nothing.
  public var risks: [ReadinessReason]?
  /// The halt that closes the launch's gate; nil if there is none.
  public var halt: Halt?
  /// When the blocking items will be done, estimated from the organisation's own history. It is never a reason for or
  /// against GO. Absent for a past moment, once customers have the launch, and on the board until it has been computed.
  public var forecast: ForecastView?

  public init(
    launch: LaunchID, name: String, tier: Tier, date: LocalDate, recommendation: Recommendation,
    reasons: [ReadinessReason], functions: [FunctionReadiness], hypercare: HypercareSummary? = nil,
    groups: [ReasonGroup]? = nil, risks: [ReadinessReason]? = nil, halt: Halt? = nil, forecast: ForecastView? = nil
  ) {
    self.launch = launch
    self.name = name
    self.tier = tier
    self.date = date
    self.recommendation = recommendation
    self.reasons = reasons
    self.functions = functions
    self.hypercare = hypercare
    self.groups = groups
    self.risks = risks
    self.halt = halt
    self.forecast = forecast
  }
}

/// The reasons against GO of one function, or of the launch as a whole.
public struct ReasonGroup: Codable, Sendable, Hashable {
  /// The function; nil for the launch as a whole.
  public var function: LaunchFunction?
  /// The number of these reasons that are about overdue items.
  public var overdue: Int
  /// The indices of its reasons in `reasons`, from 0; overdue items first.
  public var reasons: [Int]

  public init(function: LaunchFunction?, overdue: Int, reasons: [Int]) {
    self.function = function
    self.overdue = overdue
    self.reasons = reasons
  }
}

extension ReasonGroup {
  /// The function's name, or `Launch`.
  public var title: String { function?.title ?? "Launch" }

  /// Summarizes the group in one line: the number of reasons and the first one, such as `Engineering (5, 2 overdue): qa
  /// is open, and 4 more`.
  ///
  /// - Parameter all: the reasons that the group's indices refer to.
  public func summary(of all: [ReadinessReason]) -> String {
    let counts = [
      reasons.count > 1 ? "\(reasons.count)" : nil,
      overdue > 0 ? (reasons.count > 1 ? "\(overdue) overdue" : "overdue") : nil,
    ].compactMap(\.self)
    let heading = counts.isEmpty ? title : "\(title) (\(counts.joined(separator: ", ")))"
    let first = reasons.first.flatMap { all.indices.contains($0) ? all[$0].detail : nil } ?? ""
    return "\(heading): \(first)" + (reasons.count > 1 ? ", and \(reasons.count - 1) more" : "")
  }
}

/// When all blocking items of a launch will be satisfied, simulated from recorded durations and the items' dependencies
/// (product.md, section 2).
public struct ForecastView: Codable, Sendable, Hashable {
  /// The probability that all are satisfied by the launch date, from 0 to 1.
  public var chance: Double
  /// The low end of the 80% interval: the day before which they are with a probability nearest to 10%.
  public var low: LocalDate
  /// The first day by which all are satisfied with a probability of 50%.
  public var median: LocalDate
  /// The high end of the 80% interval: the day by which they are with a probability nearest to 90%.
  public var high: LocalDate
  /// The three items with the greatest gain, greatest first; fewer if fewer can be late.
  public var drivers: [ForecastDriver]
  /// The number of past launches that the durations come from.
  public var launches: Int
  /// Why the forecast is unreliable, for example `too little history: 2 launches of 5; …`; absent if it is not.
  public var note: String?

  public init(
    chance: Double, low: LocalDate, median: LocalDate, high: LocalDate, drivers: [ForecastDriver], launches: Int,
    note: String? = nil
  ) {
    self.chance = chance
    self.low = low
    self.median = median
    self.high = high
    self.drivers = drivers
    self.launches = launches
    self.note = note
  }
}

/// An item that a forecast depends on.
public struct ForecastDriver: Codable, Sendable, Hashable {
  /// The item's key, for example `load-test`.
  public var item: ItemKey
  /// The instance it was expanded to, for example `de`; absent if it was not expanded.
  public var instance: String?
  /// The item's function.
  public var function: LaunchFunction
  /// The increase in the probability if the item were done today, from 0 to 1.
  public var gain: Double
  /// The probability that the item itself is done in time, from 0 to 1.
  public var chance: Double

  public init(item: ItemKey, instance: String? = nil, function: LaunchFunction, gain: Double, chance: Double) {
    self.item = item
    self.instance = instance
    self.function = function
    self.gain = gain
    self.chance = chance
  }
}

/// One function's readiness for one launch.
public struct FunctionReadiness: Codable, Sendable, Hashable {
  /// The function.
  public var function: LaunchFunction
  /// The state of its worst blocking item.
  public var state: ReadinessState
  /// The number of items that are done and still valid; waived items do not count.
  public var done: Int
  /// The number of items, including advisory ones but not voided ones.
  public var total: Int
  /// The blocking items that are not done, as `key` or `key/instance`.
  public var blocking: [String]
  /// The earliest due date among the items not done, possibly in the past; nil if all are done.
  public var nextDue: LocalDate?
  /// The owners of the items not done.
  public var owners: [PersonID]
  /// The waived items, which do not count as done, as `key` or `key/instance`.
  public var waived: [String]
  /// The languages of its items that are expanded by locale; nil if there is at most one.
  public var locales: LocaleReadiness?
  /// The items with a request to waive them, for example `kb-article/de`; nil in decisions that are older than such
  /// requests.
  public var waiverRequests: [String]?

  public init(
    function: LaunchFunction, state: ReadinessState, done: Int, total: Int, blocking: [String], nextDue: LocalDate?,
    owners: [PersonID] = [], waived: [String] = [], locales: LocaleReadiness? = nil, waiverRequests: [String]? = nil
  ) {
    self.function = function
    self.state = state
    self.done = done
    self.total = total
    self.blocking = blocking
    self.nextDue = nextDue
    self.owners = owners
    self.waived = waived
    self.locales = locales
    self.waiverRequests = waiverRequests
  }

  /// Encodes every field, with null for missing values, so that scripts always find them.
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
    try container.encode(locales, forKey: .locales)
    try container.encodeIfPresent(waiverRequests, forKey: .waiverRequests)
  }
}

/// Which languages are ready, and which are missing.
public struct LocaleReadiness: Codable, Sendable, Hashable, CustomStringConvertible {
  /// The locales whose items are all satisfied, for example `en`, in the order of the launch.
  public var ready: [String]
  /// The other locales, for example `fr`, in the order of the launch.
  public var missing: [String]

  public init(ready: [String], missing: [String]) {
    self.ready = ready
    self.missing = missing
  }

  /// The locales in words, such as `ready in en and de, fr missing`.
  public var description: String {
    let have = ready.isEmpty ? [] : ["ready in \(Self.list(ready))"]
    let lack = missing.isEmpty ? [] : ["\(Self.list(missing)) missing"]
    return (have + lack).joined(separator: ", ")
  }

  private static func list(_ locales: [String]) -> String {
    guard locales.count > 1, let last = locales.last else { return locales.joined() }
    return "\(locales.dropLast().joined(separator: ", ")) and \(last)"
  }
}

/// Parameters of the board.
public struct BoardReference: Codable, Sendable, Hashable {
  /// The moment to answer for; nil means now.
  public var asOf: Timestamp?

  public init(asOf: Timestamp? = nil) { self.asOf = asOf }
}

/// The readiness of all running launches.
public struct BoardView: Codable, Sendable, Hashable {
  /// One entry for each launch, sorted by date.
  public var launches: [ReadinessView]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?
  /// The halt that closes all gates except those of exempt launches; nil if there is none.
  public var halt: Halt?

  public init(launches: [ReadinessView], halt: Halt? = nil) {
    self.launches = launches
    self.halt = halt
  }
}

/// A lead's answer to the poll.
public struct PollAnswer: Codable, Sendable, Hashable {
  /// Go or no-go.
  public enum Answer: String, Codable, Sendable, Hashable, CaseIterable {
    case go
    case noGo = "no-go"
  }
  /// The polled launch.
  public var launch: LaunchID
  /// Go or no-go; replaces the function's previous answer.
  public var answer: Answer
  /// The function to answer for; required if the caller leads several.
  public var function: LaunchFunction?
  /// A remark, shown with a no-go; nil for none.
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
  /// The polled launch.
  public var launch: LaunchID
  /// Whether the tier requires a poll; false for tiers 2 and 3.
  public var required: Bool
  /// The valid answers, at most one for each function; a new date or tier voids them.
  public var votes: [PollVote]
  /// The functions that have not answered.
  public var silent: [LaunchFunction]
  /// The halt that closes the launch's gate; nil if none does.
  public var halt: Halt?

  public init(
    launch: LaunchID, required: Bool, votes: [PollVote], silent: [LaunchFunction], halt: Halt? = nil
  ) {
    self.launch = launch
    self.required = required
    self.votes = votes
    self.silent = silent
    self.halt = halt
  }
}

/// A function's vote.
public struct PollVote: Codable, Sendable, Hashable {
  /// The function that voted.
  public var function: LaunchFunction
  /// Go or no-go; a no-go is a reason against GO.
  public var answer: PollAnswer.Answer
  /// The lead who answered: `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was answered.
  public var at: Timestamp
  /// The lead's remark; nil for none.
  public var note: String?

  public init(function: LaunchFunction, answer: PollAnswer.Answer, by: String, at: Timestamp, note: String? = nil) {
    self.function = function
    self.answer = answer
    self.by = by
    self.at = at
    self.note = note
  }
}
