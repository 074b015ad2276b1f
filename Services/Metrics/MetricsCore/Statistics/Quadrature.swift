import Glibc

/// Numerical integration.
enum Quadrature {
  /// The integral over a finite interval, by the double exponential formula, whose nodes are dense at both ends.
  ///
  /// H. Takahasi, M. Mori (1974), "Double exponential formulas for numerical integration". The function should be
  /// smooth and not much narrower than the interval. It may be singular at the ends, where it is not evaluated.
  static func integral(from low: Double, to high: Double, of function: (Double) -> Double) -> Double {
    guard high > low else { return 0 }
    let half = (high - low) / 2
    return half * step
      * nodes.reduce(0.0) { sum, node in
        // Measures the distance from the nearer end, so that rounding never moves a node onto it.
        let x = node.isLeft ? low + half * node.distance : high - half * node.distance
        return x > low && x < high ? sum + node.weight * function(x) : sum
      }
  }

  private static let step = 1.0 / 64
  private static let nodes = (-216...216).map { index in
    let t = Double(index) * step
    let inner = Double.pi / 2 * sinh(t)
    return (
      isLeft: t < 0, distance: exp(-abs(inner)) / cosh(inner),
      weight: Double.pi / 2 * cosh(t) / (cosh(inner) * cosh(inner))
    )
  }
}
