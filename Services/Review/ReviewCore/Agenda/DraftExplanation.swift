import Contract

/// A draft that explains a metric's gap by its largest contributions. A person accepts or replaces it.
enum DraftExplanation {
  /// The maximum number of parts named for each dimension.
  private static let parts = 3

  /// The draft; nil if there is no gap.
  static func text(_ view: GapView) -> String? {
    guard let gap = view.gap, let reference = view.reference else { return nil }
    let size = amount(gap.magnitude, view.unit)
    let isOne = size == "1"
    let unit = view.unit == .share ? (isOne ? " point" : " points") : ""
    let side = size == "0" ? "at" : "\(size)\(unit) \(gap < 0 ? "below" : "above")"
    let sentences = view.dimensions.compactMap { sentence($0, view.unit) }
    return (["\(view.key) is \(side) \(expectation(view.comparedWith, reference, view.unit))"] + sentences)
      .joined(separator: ". ")
  }

  private static func expectation(
    _ comparison: GapView.Comparison, _ reference: Double, _ unit: GapView.Unit
  ) -> String {
    let number = amount(reference, unit) + (unit == .share ? "%" : "")
    return switch comparison {
    case .target: "its target of \(number)"
    case .forecast: "the forecast of \(number) by now"
    case .others: "the \(number) of other features"
    }
  }

  /// The largest contributions of a dimension; nil if all of them round to 0.
  private static func sentence(_ dimension: GapView.Dimension, _ unit: GapView.Unit) -> String? {
    let moving = dimension.parts.compactMap { part -> String? in
      guard let contribution = part.contribution, dimension.kind != .steps || part.label != GapView.atWindowEnd else {
        return nil
      }
      let size = amount(contribution.magnitude, unit)
      let label = part.label == GapView.notGiven ? "not given" : part.label
      return size == "0" ? nil : "\(label) \(contribution < 0 ? "−" : "+")\(size)"
    }
    guard !moving.isEmpty else { return nil }
    let name = dimension.kind == .steps ? "Since the window's end" : "By \(dimension.kind.rawValue)"
    return "\(name): \(moving.prefix(parts).joined(separator: ", "))"
  }

  /// The amount, in percentage points for a share, with at most one decimal.
  private static func amount(_ value: Double, _ unit: GapView.Unit) -> String {
    let tenths = (value * (unit == .share ? 1_000 : 10)).rounded() / 10
    return Int64(exactly: tenths).map(String.init) ?? String(tenths)
  }
}
