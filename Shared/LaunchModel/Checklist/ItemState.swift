/// The state of an item, as stored; `overdue`, `due-soon`, `at-risk` and `stale` are derived when it is read.
public enum ItemState: String, Codable, Sendable, Hashable, CaseIterable {
  case open
  case inProgress = "in-progress"
  case blocked
  case inReview = "in-review"
  case done, waived
  case notApplicable = "not-applicable"
  case voided
}

/// What a function's readiness adds up to; the worst blocking item decides.
public enum ReadinessState: String, Codable, Sendable, Hashable, CaseIterable {
  case ready
  case onTrack = "on-track"
  case atRisk = "at-risk"
  case blocked, unknown
}

/// What was decided.
public enum DecisionKind: String, Codable, Sendable, Hashable, CaseIterable {
  case go
  case noGo = "no-go"
  case hold
}

/// What the system recommends.
public enum Recommendation: String, Codable, Sendable, Hashable {
  case go
  case noGo = "no-go"
}
