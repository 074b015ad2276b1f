public import Contract
public import LaunchModel

/// Adoption of a feature in one window: exact counts of distinct accounts, for every day of the curve.
public struct AdoptionFigures: Sendable, Hashable {
  /// The numerator: accounts with at least one use in the window so far.
  public var adopted: Int
  /// The denominator: accounts with any activity in the window so far, including those that adopted.
  public var active: Int
  /// The days that are over; day n has the counts of the window of n × 24 hours.
  public var curve: [CurvePoint]
  /// Whether the figure includes events stored after it had become final.
  public var isRestated: Bool

  /// Computes the figures.
  ///
  /// - Parameters:
  ///   - rows: the activity of each raw account in a window with the same start and at least this length.
  ///   - accounts: decides which accounts count, and as which, by their states at the end of each day's window.
  public init(
    rows: [String: AccountActivity], window: MeasurementWindow, accounts: AccountDirectory, asOf now: Timestamp
  ) {
    let involved = accounts.involved
    let plain = rows.filter { !involved.contains($0.key) }
    let special = rows.filter { involved.contains($0.key) }
    let days = window.completeDays(asOf: now)
    var curve = Self.plainCurve(plain.values, window: window, days: days)
    for index in curve.indices {
      let end = window.start.adding(days: index + 1)
      let counts = Self.counts(special, before: end, statesAt: end, accounts: accounts)
      curve[index].numerator += counts.adopted
      curve[index].denominator += counts.active
    }
    self.curve = curve
    let end = window.effectiveEnd
    let counts = Self.counts(special, before: end, statesAt: window.statesAt(asOf: now), accounts: accounts)
    active = counts.active + plain.values.count { $0.firstActivity < end }
    adopted = counts.adopted + plain.values.count { $0.firstUse.map { $0 < end } ?? false }
    isRestated = Self.isRestated(rows, window: window, accounts: accounts, asOf: now)
  }

  /// The curve of accounts that were never changed or merged: each counts from the day of its first event.
  private static func plainCurve(
    _ rows: some Sequence<AccountActivity>, window: MeasurementWindow, days: Int
  ) -> [CurvePoint] {
    var active = [Int](repeating: 0, count: days + 1)
    var adopted = active
    for row in rows {
      let day = window.day(of: row.firstActivity)
      if day <= days { active[day] += 1 }
      if let use = row.firstUse, window.day(of: use) <= days { adopted[window.day(of: use)] += 1 }
    }
    var point = CurvePoint(day: 0, numerator: 0, denominator: 0)
    return (0..<days).map { index in
      point.day = index + 1
      point.numerator += adopted[index + 1]
      point.denominator += active[index + 1]
      return point
    }
  }

  private static func counts(
    _ rows: [String: AccountActivity], before end: Timestamp, statesAt moment: Timestamp, accounts: AccountDirectory
  ) -> (adopted: Int, active: Int) {
    var active: Set<String> = []
    var adopted: Set<String> = []
    for (account, row) in rows where row.firstActivity < end {
      guard let counted = accounts.counted(account, at: moment) else { continue }
      active.insert(counted)
      if let use = row.firstUse, use < end { adopted.insert(counted) }
    }
    return (adopted.count, active.count)
  }

  private static func isRestated(
    _ rows: [String: AccountActivity], window: MeasurementWindow, accounts: AccountDirectory, asOf now: Timestamp
  ) -> Bool {
    let end = window.effectiveEnd
    return rows.contains { account, row in
      guard row.firstActivity < end, accounts.counted(account, at: window.statesAt(asOf: now)) != nil else {
        return false
      }
      let lateUse = row.firstUse.map { $0 < end } == true ? row.useStored : nil
      return window.isRestated(byEventStoredAt: row.activityStored)
        || lateUse.map(window.isRestated(byEventStoredAt:)) == true
    }
  }
}

/// The activity of one account in an adoption window, reduced to its first events.
///
/// Merging is commutative and idempotent, so neither the order nor the repetition of events matters.
public struct AccountActivity: Sendable, Hashable {
  /// When the account was first active inside the window.
  public var firstActivity: Timestamp
  /// When it first used the feature inside the window; nil if it did not.
  public var firstUse: Timestamp?
  /// When the bus first stored an activity or use: later than the window's end only if all events arrived late.
  public var activityStored: Timestamp
  /// When the bus first stored a use; nil if the feature was not used.
  public var useStored: Timestamp?

  public init(
    firstActivity: Timestamp, firstUse: Timestamp? = nil, activityStored: Timestamp, useStored: Timestamp? = nil
  ) {
    self.firstActivity = firstActivity
    self.firstUse = firstUse
    self.activityStored = activityStored
    self.useStored = useStored
  }

  /// Creates the activity that one event proves.
  public init(at moment: Timestamp, storedAt: Timestamp, usesFeature: Bool) {
    self.init(
      firstActivity: moment, firstUse: usesFeature ? moment : nil, activityStored: storedAt,
      useStored: usesFeature ? storedAt : nil)
  }

  /// The earliest moments of both.
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
