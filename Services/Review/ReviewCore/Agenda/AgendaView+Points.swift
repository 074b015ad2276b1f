public import LaunchModel

extension AgendaView {
  /// A point that needs an outcome: its id, what it is about, and the outcome that it has.
  public struct Point: Sendable, Hashable {
    /// Under which its outcome is noted; the same whenever the agenda is assembled.
    public var id: String
    /// What it is about, for a person, as `escalated ticket T-17`.
    public var subject: String
    /// What came of it; nil while nothing is noted and no action answers it.
    public var outcome: String?
  }

  /// Every point that needs an outcome, in the agenda's order; metrics have explanations instead.
  public var points: [Point] {
    knowledgeGaps.map { Point(id: $0.id, subject: "\($0.kind) \($0.subject)", outcome: $0.outcome) }
      + escalations.map { Point(id: $0.id, subject: "escalated ticket \($0.ticket)", outcome: $0.outcome) }
      + customers.map { Point(id: $0.id, subject: "customer \($0.account)", outcome: $0.outcome) }
      + readiness.map { Point(id: $0.id, subject: $0.detail, outcome: $0.outcome) }
  }

  mutating func takeOutcomes(_ outcomes: [String: String]) {
    for index in knowledgeGaps.indices { knowledgeGaps[index].outcome = outcomes[knowledgeGaps[index].id] }
    for index in escalations.indices { escalations[index].outcome = outcomes[escalations[index].id] }
    for index in customers.indices { customers[index].outcome = outcomes[customers[index].id] }
    for index in readiness.indices { readiness[index].outcome = outcomes[readiness[index].id] }
  }
}
