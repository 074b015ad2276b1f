/// Finds the topics among vectors: which belong together is a matter of their likeness alone, and so is the number of
/// topics.
///
/// Vectors are compared after the part that they all share is subtracted, and clustered by average linkage down to a
/// fixed likeness. The shared part is the mean over the topics of a first round, not over the vectors: a topic that
/// prevails would otherwise be taken for what all have in common.
struct TopicFinder {
  /// The mean cosine down to which clusters are merged in the first round.
  var firstLikeness: Float = 0.25
  /// The mean cosine down to which clusters are merged. Found on other texts than ours; see decision 57.
  var likeness: Float = 0.26
  /// The largest number of groups that are compared pair by pair; more vectors are grouped with near ones before.
  var exemplarLimit = TopicFinder.exemplarLimit
  /// How many topics the reference mean counts for in the mean that is subtracted.
  var referenceWeight: Float = 10
  /// The default of the largest number of groups: a table of all pairs of them takes 36 MB.
  static let exemplarLimit = 3_000
  private let kind: TopicVector.Kind

  init(kind: TopicVector.Kind) { self.kind = kind }

  /// Returns for each vector the number of its cluster. Numbers ascend by first occurrence.
  ///
  /// The result depends on the order of the vectors only if there are more than `exemplarLimit`, or by equal likeness.
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

  /// Moves each vector to the cluster whose mean is nearest: a group may have brought it to another one.
  private static func settled(_ clusters: [Int], of points: Points) -> [Int] {
    let count = (clusters.max() ?? -1) + 1
    let centres = points.sums(of: clusters, count: count).normalized()
    return (0..<points.count).map { centres.nearest(to: points[$0])?.index ?? clusters[$0] }
  }

  /// Returns for each vector the number of its cluster; vectors of a group stay together.
  static func clusters(of points: Points, groups: [Int], likeness: Float) -> [Int] {
    let count = (groups.max() ?? -1) + 1
    var sizes = [Float](repeating: 0, count: count)
    for group in groups { sizes[group] += 1 }
    let clusters = AverageLinkage.clusters(
      sums: points.sums(of: groups, count: count), sizes: sizes, likeness: likeness)
    return groups.map { clusters[$0] }
  }

  /// Returns the mean over clusters, each with the fourth root of its size as weight, and the reference.
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
  /// The cosine with a group's first vector down to which others join it; lowered in these steps until the limit is kept.
  private static let likenesses: [Float] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]

  /// Returns for each vector the number of its group; each is its own group if they are not more than the limit.
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
    // A vector joined the nearest of the leaders so far; now that all are known, another may be nearer.
    let centres = points.sums(of: groups, count: leaders.count).normalized()
    return numbered((0..<points.count).map { centres.nearest(to: points[$0])?.index ?? groups[$0] })
  }

  /// Numbers groups by first occurrence, without those that lost all their vectors.
  private static func numbered(_ groups: [Int]) -> [Int] {
    var numbers: [Int: Int] = [:]
    return groups.map { group in
      let number = numbers[group] ?? numbers.count
      numbers[group] = number
      return number
    }
  }

  /// Returns the leaders that remain when those near to earlier ones join them, and each one's new number.
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
