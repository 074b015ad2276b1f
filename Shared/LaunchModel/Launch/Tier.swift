/// How demanding a launch's readiness is; 0 is the most demanding.
public enum Tier: Int, Sendable, Codable, CaseIterable, Hashable, Comparable {
  case launchEvent = 0
  case major = 1
  case moderate = 2
  case minor = 3

  /// Less demanding sorts after more demanding, as the numbers do.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// `Launch event`, `Major`, `Moderate` or `Minor`.
  public var title: String {
    switch self {
    case .launchEvent: "Launch event"
    case .major: "Major"
    case .moderate: "Moderate"
    case .minor: "Minor"
    }
  }

  /// The days between the local day on which the tier was reached and the earliest launch date (product.md, section 1).
  public var minimumWindowDays: Int {
    switch self {
    case .launchEvent, .major: 28
    case .moderate: 14
    case .minor: 0
    }
  }

  /// Whether launches of this tier have a poll of every function's lead.
  public var hasPoll: Bool { self <= .major }

  /// Whether launches of this tier have sealed metrics and a review.
  public var isMeasured: Bool { self <= .moderate }
}
