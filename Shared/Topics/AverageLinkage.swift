/// Agglomerative clustering by average linkage: the similarity of two clusters is the average over pairs of their
/// members.
///
/// Exact, by the nearest-neighbour chain (Murtagh, 1983), on points that have already been grouped. Sums are computed
/// in a fixed order, so that the same points in the same order give the same clusters on every machine.
enum AverageLinkage {
  /// Returns the number of the cluster of each group. Numbers ascend by first occurrence.
  ///
  /// - Parameters:
  ///   - sums: For each group, the sum of its points, each of length one.
  ///   - sizes: The number of points in each group.
  ///   - likeness: The minimum mean cosine for clusters to be merged.
  static func clusters(sums: Points, sizes: [Float], likeness: Float) -> [Int] {
    let count = sums.count
    guard count > 1 else { return Array(0..<count) }
    var sizes = sizes
    var likenesses = sums.products()
    for row in 0..<count {
      for column in 0..<count { likenesses[row * count + column] /= sizes[row] * sizes[column] }
    }
    var parents = Array(0..<count)
    var active = Array(0..<count)
    var chain: [Int] = []
    likenesses.withUnsafeMutableBufferPointer { likenesses in
      while active.count > 1 || !chain.isEmpty {
        if chain.isEmpty { chain.append(active[0]) }
        let tip = chain[chain.count - 1]
        let previous = chain.count > 1 ? chain[chain.count - 2] : nil
        let (nearest, value) = nearest(to: tip, preferring: previous, among: active, in: likenesses, count)
        if value < likeness {
          // Merging other clusters never brings them nearer, so this cluster is final.
          chain.removeAll()
          active.removeAll { $0 == tip }
        } else if nearest == previous {
          chain.removeLast(2)
          let (kept, merged) = (min(tip, nearest), max(tip, nearest))
          parents[merged] = kept
          active.removeAll { $0 == merged }
          merge(merged, into: kept, active, sizes, likenesses, count)
          sizes[kept] += sizes[merged]
        } else {
          chain.append(nearest)
        }
      }
    }
    return numbered(parents)
  }

  private static func nearest(
    to tip: Int, preferring previous: Int?, among active: [Int], in likenesses: UnsafeMutableBufferPointer<Float>,
    _ count: Int
  ) -> (Int, Float) {
    var nearest = previous ?? -1
    var value = previous.map { likenesses[tip * count + $0] } ?? -Float.infinity
    for other in active where other != tip {
      let candidate = likenesses[tip * count + other]
      if candidate > value {
        value = candidate
        nearest = other
      }
    }
    return (nearest, value)
  }

  /// Lance and Williams' formula for average linkage.
  private static func merge(
    _ merged: Int, into kept: Int, _ active: [Int], _ sizes: [Float], _ likenesses: UnsafeMutableBufferPointer<Float>,
    _ count: Int
  ) {
    let total = sizes[kept] + sizes[merged]
    for other in active where other != kept {
      let mean =
        (sizes[kept] * likenesses[kept * count + other] + sizes[merged] * likenesses[merged * count + other]) / total
      likenesses[kept * count + other] = mean
      likenesses[other * count + kept] = mean
    }
  }

  private static func numbered(_ parents: [Int]) -> [Int] {
    var roots = parents
    // A parent's index is smaller than its child's.
    for index in roots.indices { roots[index] = roots[roots[index]] }
    var numbers: [Int: Int] = [:]
    return roots.map { root in
      let number = numbers[root] ?? numbers.count
      numbers[root] = number
      return number
    }
  }
}
