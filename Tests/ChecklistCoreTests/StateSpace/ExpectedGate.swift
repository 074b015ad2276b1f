import ChecklistCore
import Contract
import LaunchModel

/// What the rules of a GO say (product.md, section 2), followed beside the state of a launch from what is stored of it.
/// None of the product's own judgements are asked.
struct ExpectedGate: Hashable {
  /// The GO that stands, with what it rests on.
  struct Go: Hashable {
    var ranks: [ItemKey: Int]
    var tier: Tier
    var date: LocalDate
    var facts: Facts
    var vote: PollAnswer.Answer?
    var madeOn: LocalDate
    /// Whether customers had the launch when it was given.
    var isForLaterStages: Bool
    /// Whether something it rests on got worse since, for good or not.
    var isSpoiled = false
    /// Whether a rollback ended it.
    var isEnded = false
    var isConfirmed = false
    /// Whether an item was done after the rollback that ended it.
    var hasRepeatedWork = false
  }

  /// The latest decision; nil before the first.
  private(set) var decision: DecisionKind?
  private(set) var go: Go?
  /// The day on which customers got the launch; nil if they do not have it.
  private(set) var exposedOn: LocalDate?

  /// Follows an action that was accepted.
  mutating func follow(_ action: SpaceAction, to next: SpaceState) {
    switch action {
    case .decide(.go, override: _), .automaticGo:
      decision = .go
      go = Go(
        ranks: Self.ranks(in: next), tier: next.checklist.record.tier, date: next.checklist.record.plan.date,
        facts: next.checklist.record.plan.facts, vote: Self.vote(in: next), madeOn: next.moment.today,
        isForLaterStages: exposedOn != nil)
    case .decide(let kind, override: _):
      decision = kind
      go = nil
    case .confirm: go?.isConfirmed = true
    case .ship: exposedOn = next.moment.today
    case .rollback:
      exposedOn = nil
      go?.isEnded = true
      go?.hasRepeatedWork = false
    case .item(.done, _, by: _):
      // Only the GO of tier 3 asks for it.
      if let standing = go, standing.tier == .minor { go?.hasRepeatedWork = standing.isEnded }
    case .item, .vote, .halt, .lift, .tier, .date, .pricing, .status, .tomorrow: break
    }
    if let standing = go, isWorse(next, than: standing) { go?.isSpoiled = true }
  }

  /// Whether something that a GO rests on is worse now.
  private func isWorse(_ next: SpaceState, than go: Go) -> Bool {
    let record = next.checklist.record
    let ranks = Self.ranks(in: next)
    if ranks.contains(where: { key, rank in go.ranks[key].map { rank < $0 } ?? (rank < 2) }) { return true }
    if record.tier != go.tier || record.plan.facts != go.facts { return true }
    if go.tier != .minor, record.plan.date != go.date { return true }
    if Self.isStopped(record) { return true }
    let vote = Self.vote(in: next)
    return (vote == .noGo && go.vote != .noGo) || (vote == nil && go.vote == .go)
  }

  /// How each blocking item stands: 2 if nothing is left to do, 0 if somebody or something stops it, else 1.
  static func ranks(in state: SpaceState) -> [ItemKey: Int] {
    let blocking = state.checklist.items.filter { item in
      item.definition.gate == .blocking && item.definition.phase != .after && item.state != .voided
    }
    let ranks = blocking.map { ($0.definition.key, rank(of: $0, on: state.moment.today)) }
    return Dictionary(ranks, uniquingKeysWith: { first, _ in first })
  }

  private static func rank(of item: ChecklistItem, on today: LocalDate) -> Int {
    switch item.state {
    case .done, .notApplicable, .voided: 2
    case .waived: item.waiver?.until.map { today < $0 ? 2 : 1 } ?? 2
    case .blocked: 0
    case .inReview: item.approvals.contains { $0.endedAt == nil && $0.verdict == .rejected } ? 0 : 1
    case .open, .inProgress: 1
    }
  }

  private static func vote(in state: SpaceState) -> PollAnswer.Answer? {
    state.checklist.votes.first { $0.function == .engineering }?.answer
  }

  private static func isStopped(_ record: LaunchRecord) -> Bool {
    record.status == .cancelled || record.status == .postponed
  }
}

extension ExpectedGate {
  /// Whether the gate is open.
  func isOpen(in state: SpaceState) -> Bool {
    guard let go, !go.isSpoiled, !go.isEnded, state.halt.map({ $0.lifted != nil }) ?? true else { return false }
    if go.tier == .minor { return true }
    guard go.isConfirmed || !isUnconfirmed(go) else { return false }
    let today = state.moment.today
    if today > go.date, let exposedOn { return exposedOn == go.date || go.isForLaterStages }
    return today == go.date
  }

  /// Whether GO is recommended.
  func isRecommended(in state: SpaceState) -> Bool {
    let record = state.checklist.record
    let isHalted = state.halt.map { $0.lifted == nil } ?? false
    guard !isHalted, !Self.isStopped(record), Self.ranks(in: state).values.allSatisfy({ $0 == 2 }) else { return false }
    let isPast = exposedOn == nil && record.plan.date < state.moment.today
    switch record.tier {
    case .minor: return true
    case .moderate: return !isPast
    case .major, .launchEvent: return !isPast && Self.vote(in: state) == .go
    }
  }

  /// Whether an action is to be accepted; nil for actions that this does not judge.
  func accepts(_ action: SpaceAction, in state: SpaceState) -> Bool? {
    let record = state.checklist.record
    switch action {
    case .decide(.go, override: let override):
      return !Self.isStopped(record) && (override || isRecommended(in: state))
    case .decide(.hold, override: _): return record.status != .cancelled
    case .confirm:
      guard let go, !go.isSpoiled, !go.isEnded, !Self.isStopped(record) else { return false }
      return isUnconfirmed(go) && !go.isConfirmed && state.moment.today == go.date
    case .automaticGo:
      guard record.tier == .minor, isRecommended(in: state) else { return false }
      guard decision != nil else { return true }
      return go.map { $0.isSpoiled && (!$0.isEnded || $0.hasRepeatedWork) } ?? false
    case .decide, .item, .vote, .halt, .lift, .ship, .rollback, .tier, .date, .pricing, .status, .tomorrow: return nil
    }
  }

  /// Whether a GO is one of tier 0 or 1 that was given before the launch date.
  private func isUnconfirmed(_ go: Go) -> Bool { go.tier <= .major && go.madeOn < go.date }
}
