/// Splits the gap between a figure and its target or baseline into contributions that add up to the gap.
///
/// The parts of one dimension, such as segments, locales or weeks, cover the whole figure. Events that do not name the
/// dimension are a separate part.
public struct GapExplanation: Sendable, Hashable {
  /// One part's contribution.
  public struct Contribution: Sendable, Hashable {
    /// The part, such as `enterprise`, `de` or `week 2`.
    public var label: String
    /// Its contribution to the gap, in the figure's unit.
    public var amount: Double
    /// The portion of `amount` due to a change of the part's own figure. The rest
    /// is due to a change of the part's weight.
    public var ownChange: Double

    /// The portion of `amount` due to a change of the part's weight.
    public var weightChange: Double { amount - ownChange }

    fileprivate init(_ label: String, amount: Double, ownChange: Double? = nil) {
      self.label = label
      self.amount = amount
      self.ownChange = ownChange ?? amount
    }
  }

  /// The figure minus its reference.
  public let gap: Double
  /// The contributions, largest absolute amount first, then by label.
  public let contributions: [Contribution]

  private init(_ contributions: [Contribution]) {
    gap = contributions.reduce(0) { $0 + $1.amount }
    self.contributions = contributions.sorted {
      abs($0.amount) == abs($1.amount) ? $0.label < $1.label : abs($0.amount) > abs($1.amount)
    }
  }
}

extension GapExplanation {
  /// A part of a share or mean: its numerator (or sum) and its denominator.
  public struct Part: Sendable, Hashable {
    /// The part's name.
    public var label: String
    /// The numerator of a share, or the sum of a mean.
    public var numerator: Double
    /// The denominator.
    public var denominator: Double

    public init(_ label: String, numerator: Double, denominator: Double) {
      self.label = label
      self.numerator = numerator
      self.denominator = denominator
    }
  }

  /// Explains a share or mean against one reference for all parts; returns nil if the total denominator is 0.
  ///
  /// A part contributes (numerator − reference × denominator) ÷ total denominator.
  public init?(_ parts: [Part], against reference: Double) {
    let total = parts.reduce(0) { $0 + $1.denominator }
    guard total > 0 else { return nil }
    self.init(
      parts.map { part in
        Contribution(part.label, amount: (part.numerator - reference * part.denominator) / total)
      })
  }

  /// Explains a share or mean against that of an earlier period, part by part;
  /// returns nil if either total denominator is 0.
  ///
  /// Let w and r be a part's weight and figure (₁ in this period, ₀ in the earlier one), and R the mean of both total
  /// figures. The part contributes `(r₁ − r₀)(w₁ + w₀)/2` by its own change, and
  /// `(w₁ − w₀)((r₁ + r₀)/2 − R)` by the change of its weight. A part that is missing in one period is given the other
  /// period's figure there, so that its own change is 0.
  public init?(_ parts: [Part], againstParts earlier: [Part]) {
    let (now, before) = (Self.joined(parts), Self.joined(earlier))
    let totals = [parts, earlier].map { period in
      Part(
        "", numerator: period.reduce(0) { $0 + $1.numerator }, denominator: period.reduce(0) { $0 + $1.denominator })
    }
    guard totals.allSatisfy({ $0.denominator > 0 }) else { return nil }
    let middle = (totals[0].numerator / totals[0].denominator + totals[1].numerator / totals[1].denominator) / 2
    let labels = Set(now.keys).union(before.keys).sorted()
    self.init(
      labels.map { label in
        let weights = [
          (now[label]?.denominator ?? 0) / totals[0].denominator,
          (before[label]?.denominator ?? 0) / totals[1].denominator,
        ]
        let figures = [now[label], before[label]].map { part in
          part.flatMap { $0.denominator > 0 ? $0.numerator / $0.denominator : nil }
        }
        let current = figures[0] ?? figures[1] ?? middle
        let previous = figures[1] ?? figures[0] ?? middle
        let own = (current - previous) * (weights[0] + weights[1]) / 2
        let weight = (weights[0] - weights[1]) * ((current + previous) / 2 - middle)
        return Contribution(label, amount: own + weight, ownChange: own)
      })
  }

  private static func joined(_ parts: [Part]) -> [String: Part] {
    Dictionary(parts.map { ($0.label, $0) }) {
      Part($0.label, numerator: $0.numerator + $1.numerator, denominator: $0.denominator + $1.denominator)
    }
  }
}

extension GapExplanation {
  /// A part of a count, with the number expected of it.
  public struct CountedPart: Sendable, Hashable {
    /// The part's name.
    public var label: String
    /// The number counted.
    public var count: Double
    /// The number expected. The expectations of all parts add up to the forecast or target.
    public var expected: Double

    public init(_ label: String, count: Double, expected: Double) {
      self.label = label
      self.count = count
      self.expected = expected
    }
  }

  /// Explains a count against the number expected of each part, for example by a forecast. Also explains a share whose
  /// parts have different references, if counts and expectations are divided by the total denominator.
  public init(_ parts: [CountedPart]) {
    self.init(parts.map { Contribution($0.label, amount: $0.count - $0.expected) })
  }

  /// A figure at one point on its way to the current figure.
  public struct Step: Sendable, Hashable {
    /// What caused this figure, such as `at the window's end`, `late events` or `amendments`.
    public var label: String
    /// The figure.
    public var value: Double
    /// The reference of the figure at that point.
    public var target: Double

    public init(_ label: String, value: Double, target: Double) {
      self.label = label
      self.value = value
      self.target = target
    }
  }

  /// Explains a gap by its history: the first step contributes its gap, each later step its change of the gap.
  public init(steps: [Step]) {
    var previous = 0.0
    self.init(
      steps.map { step in
        defer { previous = step.value - step.target }
        return Contribution(step.label, amount: step.value - step.target - previous)
      })
  }
}
