public import LaunchModel

/// A kind of work whose durations are alike: an item as a whole, or a part of it.
public struct ItemWork: Sendable, Hashable, Comparable {
  /// From when until when the work on an item is counted.
  public enum Part: Int, Sendable, Hashable, CaseIterable {
    /// From when the launch had the item and what it depends on was done, until it is done.
    case whole
    /// From when it was submitted for review until it is done.
    case review
    /// From when it was blocked until it is done.
    case unblocking

    /// The median in business days that is assumed without any record.
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

/// How long an item took on one launch, or how long it had been open when the record ends.
public struct RecordedDuration: Sendable, Hashable {
  /// The kind of work.
  public var work: ItemWork
  /// The launch.
  public var launch: LaunchID
  /// The business days from its start to its end, or to the end of the record.
  public var days: Int
  /// Whether it was not done by then: it was waived, its launch was cancelled, or it is still open.
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
/// The logarithm of a duration is the sum of the item's location, the launch's pace and a deviation. Locations are normal around
/// the mean of their function, and these means around one of the organisation. Nothing is assumed about the family of the
/// deviations: their distribution is estimated on a grid from all items together. What is not known about an item's location is
/// part of its distribution, so that few records give wide ones.
public struct DurationModel: Sendable {
  /// The launches below which there is too little history, and assumptions prevail.
  public static let enough = 5

  /// The number of launches that it rests on.
  public let launches: Int
  /// The probabilities of the paces of a launch about which nothing is known.
  let paces: [Double]
  private let known: [ItemWork: DurationDistribution]
  private let fit: DurationFit

  /// Learns from the durations of past launches; their order does not matter.
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

  /// The distribution of the durations of a kind of work, on a launch of ordinary pace.
  func distribution(of work: ItemWork) -> DurationDistribution {
    known[work] ?? fit.distribution(ofOther: WorkGroup(work))
  }
}
