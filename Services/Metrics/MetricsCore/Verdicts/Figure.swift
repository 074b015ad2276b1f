import LaunchModel

/// What was found of a metric, before it is asked whether its window is over.
struct Figure: Sendable, Hashable {
  /// Nil where there is no data or the denominator is 0.
  var value: Double?
  var numerator: Int?
  var denominator: Int?
  var n = 0
  var interval: ConfidenceInterval?
  var watermark: Timestamp?
  var isRestated = false
  var notes: [String] = []
  var curve: [CurvePoint]?
  /// The verdict if this were the figure of the whole window.
  var judgement: Verdict

  /// Whether both say the same of the metric.
  func agrees(with other: Figure) -> Bool {
    value == other.value && numerator == other.numerator && denominator == other.denominator
  }
}

extension Target {
  /// Compares a figure by its value.
  func verdict(on value: Double?) -> Verdict {
    guard let value else { return .unknown }
    return isMet(by: value) ? .met : .missed
  }

  /// Compares an interval: it must lie wholly on one side.
  func verdict(on interval: ConfidenceInterval) -> Verdict {
    switch (isMet(by: interval.low), isMet(by: interval.high)) {
    case (true, true): .met
    case (false, false): .missed
    default: .inconclusive
    }
  }
}
