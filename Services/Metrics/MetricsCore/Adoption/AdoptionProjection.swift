import Contract
public import LaunchModel

/// The adoption of one feature in one span, computed from the log alone, with its own numbering of accounts.
public struct AdoptionProjection: Sendable {
  /// The feature.
  public let feature: String
  /// The columns.
  public private(set) var columns: AdoptionColumns
  /// The numbers of the accounts in the columns.
  public private(set) var numbers = KeyNumbers()
  /// The latest occurrence time of any use or activity; nil if there is none yet.
  public private(set) var latest: Timestamp?

  public init(feature: String, _ span: AdoptionSpan) {
    self.feature = feature
    columns = AdoptionColumns(span)
  }

  /// Continues an earlier count.
  ///
  /// - Parameters:
  ///   - numbers: the numbers of the accounts in the columns.
  ///   - latest: the latest occurrence time of any use or activity so far.
  public init(feature: String, _ columns: AdoptionColumns, numbers: KeyNumbers, latest: Timestamp?) {
    self.feature = feature
    self.columns = columns
    self.numbers = numbers
    self.latest = latest
  }

  /// Counts an event; has no effect if the event was already counted.
  public mutating func apply(_ event: MetricEvent) {
    switch event.signal {
    case .featureUsed(let use)?: apply(use.account, isUse: use.feature == feature, event)
    case .accountActive(let active)?: apply(active.account, isUse: false, event)
    default: break
    }
  }

  private mutating func apply(_ account: String, isUse: Bool, _ event: MetricEvent) {
    latest = max(latest ?? event.at, event.at)
    guard columns.span.day(of: event.at) != nil else { return }
    let change = columns.change(
      account: numbers.insert(account), isUse: isUse, at: event.at, storedAt: event.storedAt, offset: event.offset)
    if let change { columns.apply(change) }
  }

  /// The projection for evaluating metrics.
  ///
  /// - Parameters:
  ///   - windows: the windows of the metrics, keyed by their length in days.
  ///   - bySegment: whether to count each segment as well.
  public func projection(
    for windows: [Int: MeasurementWindow], accounts: AccountDirectory, asOf now: Timestamp, bySegment: Bool = false
  ) -> Projection {
    let special = accounts.numbers(in: numbers)
    return Projection(
      adoption: windows.mapValues {
        AdoptionFigures(
          columns: columns, window: $0, accounts: accounts, numbers: special, asOf: now, bySegment: bySegment)
      },
      watermark: columns.span.watermark(latest))
  }
}

extension AdoptionSpan {
  /// The time up to which the span's counts are complete, given the latest event; nil
  /// if nothing has happened since the start.
  public func watermark(_ latest: Timestamp?) -> Timestamp? {
    latest.flatMap { $0 < start ? nil : min($0, end) }
  }
}

extension AccountDirectory {
  /// The number of each of the directory's accounts in another numbering; -1 if it has none.
  public func numbers(in others: KeyNumbers) -> [Int32] {
    (0..<count).map { others.number(of: key($0)).map(Int32.init) ?? -1 }
  }
}

extension MetricPlan {
  /// The windows of the plan's adoption metrics in one attempt, keyed by their length in days.
  public func adoptionWindows(of attempt: Attempt) -> [Int: MeasurementWindow] {
    let days = metrics.filter { $0.measure.kind == .adoption }.map(\.days)
    return Dictionary(days.map { ($0, attempt.window(days: $0)) }, uniquingKeysWith: { first, _ in first })
  }
}
