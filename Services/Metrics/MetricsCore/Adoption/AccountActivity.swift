public import LaunchModel

/// What is kept of one account in an adoption window, however often it was active.
///
/// Merging is commutative and idempotent, so that neither the order nor the repetition of events matters.
public struct AccountActivity: Sendable, Hashable {
  /// When the account was first active inside the window.
  public var firstActivity: Timestamp
  /// When it first used the feature inside the window.
  public var firstUse: Timestamp?
  /// When the first event of either sort was stored: later than the window's end only where all came late.
  public var activityStored: Timestamp
  /// When the first use's event was stored; nil where the feature was not used.
  public var useStored: Timestamp?

  public init(
    firstActivity: Timestamp, firstUse: Timestamp? = nil, activityStored: Timestamp, useStored: Timestamp? = nil
  ) {
    self.firstActivity = firstActivity
    self.firstUse = firstUse
    self.activityStored = activityStored
    self.useStored = useStored
  }

  /// What one event says.
  public init(at moment: Timestamp, storedAt: Timestamp, usesFeature: Bool) {
    self.init(
      firstActivity: moment, firstUse: usesFeature ? moment : nil, activityStored: storedAt,
      useStored: usesFeature ? storedAt : nil)
  }

  /// The earliest of both.
  public func merged(with other: AccountActivity) -> AccountActivity {
    AccountActivity(
      firstActivity: min(firstActivity, other.firstActivity), firstUse: earliest(firstUse, other.firstUse),
      activityStored: min(activityStored, other.activityStored), useStored: earliest(useStored, other.useStored))
  }

  private func earliest(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }
}
