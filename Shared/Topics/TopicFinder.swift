/// Finds the topics among vectors. Only their similarity decides which belong together, and how many topics there are.
///
/// Vectors are compared after the component that they all share has been subtracted, and clustered by average linkage
/// down to a fixed similarity. The shared component is the mean over the topics of a first round rather than over the
/// vectors; otherwise a dominant topic would be mistaken for what all vectors share.
struct TopicFinder {
  /// The minimum mean cosine for clusters to be merged in the first round.
  var firstLikeness: Float = 0.25
  /// The minimum mean cosine for clusters to be merged. Tuned on other texts than ours; see decision 57.
  var likeness: Float = 0.26
  /// The maximum number of groups to compare pair by pair; more vectors than that are first grouped with near ones.
  var exemplarLimit = TopicFinder.exemplarLimit
  /// The weight of the reference mean in the subtracted mean, as a number of topics.
  var referenceWeight: Float = 10
  /// The default maximum number of groups: a table of all pairs of them takes 36 MB.
  static let exemplarLimit = 3_000
  private let kind: TopicVector.Kind

  init(kind: TopicVector.Kind) { self.kind = kind }

  /// Returns the number of each vector's cluster. Numbers ascend by first occurrence.
  ///
  /// The result depends on the order of the vectors only if there are more than `exemplarLimit`, or if similarities are
  /// equal.
  ///
  /// - Parameter points: Vectors of length one.
  func clusters(of points: Points) -> [Int] {
    let reference = ReferenceMean.components(of: kind)
    let first = points.centred(on: reference)
    let groups = Exemplars.groups(of: first, limit: exemplarLimit)
    let rough = Self.clusters(of: first, groups: groups, likeness: firstLikeness)
    let centred = points.centred(on: mean(of: points, clusters: rough, reference: reference))
    let clusters = Self.clusters(of: centred, groups: groups, likeness: likeness)
    return points.count > exemplarLimit ? Self.settled(clusters, of: centred) : clusters
  }

  /// Moves each vector to the cluster with the nearest mean, because its group may have put it into another one.
  private static func settled(_ clusters: [Int], of points: Points) -> [Int] {
    let count = (clusters.max() ?? -1) + 1
    let centres = points.sums(of: clusters, count: count).normalized()
    return (0..<points.count).map { centres.nearest(to: points[$0])?.index ?? clusters[$0] }
  }

  /// Returns the number of each vector's cluster; vectors of a group stay together.
  static func clusters(of points: Points, groups: [Int], likeness: Float) -> [Int] {
    let count = (groups.max() ?? -1) + 1
    var sizes = [Float](repeating: 0, count: count)
    for group in groups { sizes[group] += 1 }
    let clusters = AverageLinkage.clusters(
      sums: points.sums(of: groups, count: count), sizes: sizes, likeness: likeness)
    return groups.map { clusters[$0] }
  }

  /// Returns the mean over the reference and the clusters, each weighted by the fourth root of its size.
  private func mean(of points: Points, clusters: [Int], reference: [Float]) -> [Float] {
    let count = (clusters.max() ?? -1) + 1
    var sizes = [Float](repeating: 0, count: count)
    for cluster in clusters { sizes[cluster] += 1 }
    let sums = points.sums(of: clusters, count: count)
    var mean = reference.map { $0 * referenceWeight }
    var total = referenceWeight
    for cluster in 0..<count {
      let weight = sizes[cluster].squareRoot().squareRoot()
      total += weight
      for (offset, component) in sums[cluster].enumerated() { mean[offset] += component * weight / sizes[cluster] }
    }
    return mean.map { $0 / total }
  }
}

/// Reduces many vectors to groups of near ones, few enough to be compared pair by pair.
enum Exemplars {
  /// The minimum cosine with a group's first vector for others to join it, lowered in these steps until the number of
  /// groups is within the limit.
  private static let likenesses: [Float] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]

  /// Returns the number of each vector's group; if there are no more vectors than the limit, each is its own group.
  static func groups(of points: Points, limit: Int) -> [Int] {
    guard points.count > limit else { return Array(0..<points.count) }
    var groups: [Int] = []
    var leaders = Points()
    var level = 0
    groups.reserveCapacity(points.count)
    for index in 0..<points.count {
      let point = points[index]
      if let (leader, likeness) = leaders.nearest(to: point), likeness >= likenesses[level] || leaders.count == limit {
        groups.append(leader)
        continue
      }
      groups.append(leaders.count)
      leaders.append(point)
      while leaders.count == limit, level + 1 < likenesses.count {
        level += 1
        let (kept, numbers) = joined(leaders, likeness: likenesses[level])
        leaders = kept
        groups = groups.map { numbers[$0] }
      }
    }
    // Each vector joined the nearest of the leaders found so far; now that all leaders are known, another one may be
    // nearer.
    let centres = points.sums(of: groups, count: leaders.count).normalized()
    return numbered((0..<points.count).map { centres.nearest(to: points[$0])?.index ?? groups[$0] })
  }

  /// Renumbers groups by first occurrence, without those that have lost all their vectors.
  private static func numbered(_ groups: [Int]) -> [Int] {
    var numbers: [Int: Int] = [:]
    return groups.map { group in
      let number = numbers[group] ?? numbers.count
      numbers[group] = number
      return number
    }
  }

  /// Returns the leaders that remain when each that is near to an earlier one joins it, and the new number of each
  /// leader.
  private static func joined(_ leaders: Points, likeness: Float) -> (Points, [Int]) {
    var kept = Points()
    var numbers: [Int] = []
    for index in 0..<leaders.count {
      if let (leader, value) = kept.nearest(to: leaders[index]), value >= likeness {
        numbers.append(leader)
      } else {
        numbers.append(kept.count)
        kept.append(leaders[index])
      }
    }
    return (kept, numbers)
  }
}
