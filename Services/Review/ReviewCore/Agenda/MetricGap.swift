import LaunchModel

/// By how much a metric differs from its target.
enum MetricGap {
  /// The value less the target, in the value's own unit; nil where there is no value, or no number in the target.
  static func gap(of metric: MetricView) -> Double? {
    guard let value = metric.value, let target = metric.target.flatMap(threshold) else { return nil }
    return value - target
  }

  /// The number that a target as `>= 30%` or `>= 1000 views` compares with: a share where it is a percentage.
  static func threshold(of target: String) -> Double? {
    let number = target.drop { "<>= ".contains($0) }.prefix { $0.isNumber || $0 == "." || $0 == "-" }
    guard let value = Double(number) else { return nil }
    let isPercentage = target.drop { !$0.isNumber }.dropFirst(number.count).first { $0 != " " } == "%"
    return isPercentage ? value / 100 : value
  }
}
