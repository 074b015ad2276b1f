/// A simulated figure and the bounds that it must satisfy.
public struct SimulatedFigure: Sendable, Hashable {
  /// The simulated conditions, for example `forecast 120, flat, variance 2`.
  public var cell: String
  /// The measured quantity, for example `false alarms`.
  public var name: String
  /// The figure.
  public var value: Double
  /// The bounds, both inclusive; nil for a figure that is only reported.
  public var bounds: ClosedRange<Double>?

  public init(_ name: String, of cell: String, _ value: Double, within bounds: ClosedRange<Double>? = nil) {
    self.cell = cell
    self.name = name
    self.value = value
    self.bounds = bounds
  }

  /// Whether the figure is within its bounds.
  public var isWithinBounds: Bool { bounds.map { $0.contains(value) } ?? true }
}

/// A simulation of one promise of the product, in cells that can run in parallel.
public struct Study: Sendable {
  /// One combination of conditions.
  public struct Cell: Sendable {
    /// The conditions, for example `forecast 120, flat, variance 2`.
    public var name: String
    /// Runs the simulation; the scale multiplies the number of repetitions, and is 1 for the full number.
    public var run: @Sendable (_ scale: Double) -> [SimulatedFigure]

    public init(_ name: String, run: @escaping @Sendable (_ scale: Double) -> [SimulatedFigure]) {
      self.name = name
      self.run = run
    }
  }

  /// The study's name on the command line.
  public var name: String
  /// Its cells.
  public var cells: [Cell]

  public init(name: String, cells: [Cell]) {
    self.name = name
    self.cells = cells
  }

  /// All studies.
  public static let all = [spikes, feeds, forecasts, readiness]

  /// Returns the figures of all cells, in their order, computed on all processors.
  public func figures(scale: Double = 1) async -> [SimulatedFigure] {
    await withTaskGroup(of: (Int, [SimulatedFigure]).self) { group in
      for (index, cell) in cells.enumerated() {
        group.addTask { (index, cell.run(scale)) }
      }
      var found: [Int: [SimulatedFigure]] = [:]
      for await (index, figures) in group { found[index] = figures }
      return cells.indices.flatMap { found[$0] ?? [] }
    }
  }
}
