public import LaunchModel

/// Since when a launch has had each tier or a more demanding one, keyed by the tier's number.
public enum TierHistory {
  /// With the tier in force reached today; a day that was reached before stays, because work begun then was not in vain.
  public static func reaching(
    _ tier: Tier, on today: LocalDate, after reachedOn: [String: LocalDate] = [:]
  ) -> [String: LocalDate] {
    var reached = reachedOn
    for other in Tier.allCases where other >= tier {
      let key = String(other.rawValue)
      reached[key] = reached[key] ?? today
    }
    return reached
  }

  /// The day on which the tier, or a more demanding one, was reached; nil where it was not.
  public static func day(of tier: Tier, in reachedOn: [String: LocalDate]) -> LocalDate? {
    reachedOn[String(tier.rawValue)]
  }
}
