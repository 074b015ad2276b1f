public import LaunchModel

/// A kind of work with similar durations: an item as a whole, or one part of it.
public struct ItemWork: Sendable, Hashable, Comparable {
  /// The part of the work on an item that a duration covers.
  public enum Part: Int, Sendable, Hashable, CaseIterable {
    /// From when the launch had the item, and everything it depends on was done, until the item is done.
    case whole
    /// From when the item was submitted for review until it is done.
    case review
    /// From when the item was blocked until it is done.
    case unblocking

    /// The median in business days that is assumed if there are no records.
    var assumedDays: Double {
      switch self {
      case .whole: 3
      case .review: 2
      case .unblocking: 4
      }
    }
  }

  /// The item's key in the template.
  public var key: ItemKey
  /// The item's function.
  public var function: LaunchFunction
  /// The part of its work.
  public var part: Part

  public init(_ key: ItemKey, _ function: LaunchFunction, _ part: Part = .whole) {
    self.key = key
    self.function = function
    self.part = part
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.key, left.function, left.part.rawValue) < (right.key, right.function, right.part.rawValue)
  }
}

/// How long an item took on one launch, or how long it had been open when the records end.
public struct RecordedDuration: Sendable, Hashable {
  /// The kind of work.
  public var work: ItemWork
  /// The launch.
  public var launch: LaunchID
  /// The business days from the start of the work to its end, or to the end of the records.
  public var days: Int
  /// Whether the work was not finished by then: the item was waived, its launch was cancelled, or it is still open.
  public var isCensored: Bool

  public init(_ work: ItemWork, launch: LaunchID, days: Int, isCensored: Bool = false) {
    self.work = work
    self.launch = launch
    self.days = days
    self.isCensored = isCensored
  }
}

/// How long work takes, learnt from recorded durations (product.md, section 2, "Forecast").
///
/// The logarithm of a duration is the sum of the item's location, the launch's pace and a deviation. Locations are
/// normally distributed around their function's mean, and the functions' means around the organisation's. The
/// deviations are not assumed to follow any family of distributions: their distribution is estimated on a grid, from
/// all items together. Uncertainty about an item's location widens its distribution, so an item with few records gets a
/// wide one.
public struct DurationModel: Sendable {
  /// The minimum number of launches; with fewer, the assumptions outweigh the history.
  public static let enough = 5

  /// The number of launches that it was learned from.
  public let launches: Int
  /// The prior probabilities of a launch's pace.
  let paces: [Double]
  private let known: [ItemWork: DurationDistribution]
  private let fit: DurationFit

  /// Learns from the durations of past launches, which may be in any order.
  public init(_ durations: [RecordedDuration]) {
    let launches = Set(durations.map(\.launch)).sorted { $0.rawValue < $1.rawValue }
    let places = Dictionary(uniqueKeysWithValues: zip(launches, launches.indices))
    let records = Dictionary(grouping: durations, by: \.work).mapValues { durations in
      durations.map { duration in
        DurationRecord(
          span: LogSpan(duration.days, isCensored: duration.isCensored), launch: places[duration.launch] ?? 0)
      }
    }
    let fit = DurationFit(records, launches: launches.count)
    self.launches = launches.count
    paces = fit.paces
    known = fit.distributions
    self.fit = fit
  }

  /// Returns the distribution of durations of a kind of work, on a launch of ordinary pace.
  func distribution(of work: ItemWork) -> DurationDistribution {
    known[work] ?? fit.distribution(ofOther: WorkGroup(work))
  }
}
