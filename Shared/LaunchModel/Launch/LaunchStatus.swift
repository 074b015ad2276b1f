/// Where a launch stands in its life; tiering's projection of what the owners announce.
public enum LaunchStatus: String, Sendable, Codable, CaseIterable, Hashable {
  case proposed, preparing, decided, live, hypercare, measuring
  case inReview = "in-review"
  case closed, postponed
  case rolledBack = "rolled-back"
  case cancelled

  /// Whether its date is taken: it is neither given up nor waiting for a new date.
  public var holdsItsDate: Bool { self != .cancelled && self != .postponed }

  /// Whether its date lies ahead of it: customers do not have it, and it holds its date.
  public var isAhead: Bool {
    switch self {
    case .proposed, .preparing, .decided, .rolledBack: true
    case .live, .hypercare, .measuring, .inReview, .closed, .postponed, .cancelled: false
    }
  }
}
