import TestSupport
import Testing

@testable import Topics

@Suite("Clusters of vectors")
struct TopicFinderTests {
  /// Points around directions that are at right angles to each other.
  private static func planted(
    sizes: [Int], noise: Float, outside: Int = 0, seed: UInt64 = 1
  ) -> (points: [[Float]], labels: [Int]) {
    var random = SeededGenerator(seed: seed)
    var points: [[Float]] = []
    var labels: [Int] = []
    for (label, size) in sizes.enumerated() {
      for _ in 0..<size {
        var point = scatter(noise, &random)
        point[label] += 1
        points.append(TopicVector.unit(point))
        labels.append(label)
      }
    }
    for index in 0..<outside {
      points.append(TopicVector.unit(scatter(1, &random)))
      labels.append(sizes.count + index)
    }
    return (points, labels)
  }

  /// A vector of random numbers whose expected length is the given one.
  private static func scatter(_ length: Float, _ random: inout SeededGenerator) -> [Float] {
    let scale = length * (3 / Float(TopicVector.dimensions)).squareRoot()
    return (0..<TopicVector.dimensions).map { _ in Float.random(in: -scale...scale, using: &random) }
  }

  private static func partition(_ numbers: [Int], order: [Int]? = nil) -> Set<Set<Int>> {
    var groups: [Int: Set<Int>] = [:]
    for (index, number) in numbers.enumerated() { groups[number, default: []].insert(order?[index] ?? index) }
    return Set(groups.values)
  }

  @Test(
    "Planted clusters are found, and scattered points stay alone",
    arguments: [[20, 12, 7, 5], [30], [3, 3], [60, 4, 4, 4, 4], [1, 1, 1], [50, 50]])
  func planted(sizes: [Int]) {
    let (points, labels) = Self.planted(sizes: sizes, noise: 0.8, outside: 10)
    let found = TopicFinder(kind: .letters).clusters(of: Points(points))
    #expect(Self.partition(found) == Self.partition(labels))
  }

  @Test("Up to three scattered points stay alone", arguments: 0...3)
  func few(count: Int) {
    let (points, _) = Self.planted(sizes: [Int](repeating: 1, count: count), noise: 0)
    #expect(TopicFinder(kind: .letters).clusters(of: Points(points)) == Array(0..<count))
  }

  @Test("Zero vectors stay alone")
  func zero() {
    let zero = [Float](repeating: 0, count: TopicVector.dimensions)
    let found = TopicFinder(kind: .letters).clusters(of: Points([zero, zero, zero]))
    #expect(Set(found).count == 3)
  }

  @Test("With more points than exemplars, the same clusters are found", arguments: [40, 60, 100])
  func reduced(limit: Int) {
    let (points, labels) = Self.planted(sizes: [60, 40, 20], noise: 0.7, seed: 5)
    var random = SeededGenerator(seed: 2)
    let order = Array(points.indices).shuffled(using: &random)
    var finder = TopicFinder(kind: .letters)
    finder.exemplarLimit = limit
    let found = finder.clusters(of: Points(order.map { points[$0] }))
    #expect(Self.partition(found, order: order) == Self.partition(labels))
  }

  @Test("There are no more groups than the limit, and each point is in one", arguments: [1, 7, 50, 200])
  func exemplars(limit: Int) {
    let (points, _) = Self.planted(sizes: [30, 30, 30], noise: 1.5, outside: 60)
    let groups = Exemplars.groups(of: Points(points), limit: limit)
    #expect(groups.count == 150)
    #expect(Set(groups) == Set(0..<Set(groups).count))
    #expect(Set(groups).count <= limit)
  }

  @Test("Average linkage agrees with repeatedly merging the nearest pair", arguments: 1...8 as ClosedRange<UInt64>)
  func linkage(seed: UInt64) {
    let (vectors, _) = Self.planted(sizes: [9, 6, 4], noise: 1.6, outside: 8, seed: seed)
    let points = Points(vectors)
    for likeness: Float in [0.05, 0.15, 0.3] {
      let found = AverageLinkage.clusters(
        sums: points, sizes: [Float](repeating: 1, count: points.count), likeness: likeness)
      #expect(Self.partition(found) == Self.mergedByDefinition(vectors, likeness: likeness), "down to \(likeness)")
    }
  }

  /// The definition: merge the two clusters whose members are most alike on average, until no two are alike enough.
  private static func mergedByDefinition(_ vectors: [[Float]], likeness: Float) -> Set<Set<Int>> {
    func product(_ left: Int, _ right: Int) -> Double {
      zip(vectors[left], vectors[right]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    func mean(_ left: Set<Int>, _ right: Set<Int>) -> Double {
      left.reduce(0) { sum, one in right.reduce(sum) { $0 + product(one, $1) } } / Double(left.count * right.count)
    }
    var clusters = vectors.indices.map { Set([$0]) }
    while true {
      var best: (Int, Int, Double)?
      for left in clusters.indices {
        for right in clusters.indices.dropFirst(left + 1) {
          let value = mean(clusters[left], clusters[right])
          if value > best?.2 ?? -2 { best = (left, right, value) }
        }
      }
      guard let best, best.2 >= Double(likeness) else { return Set(clusters) }
      clusters[best.0].formUnion(clusters.remove(at: best.1))
    }
  }

  @Test("A group of points counts as the number of its points")
  func groups() {
    let (vectors, _) = Self.planted(sizes: [6, 5], noise: 1)
    let points = Points(vectors)
    let groups = [0, 0, 0, 1, 1, 2, 3, 3, 4, 5, 6]
    let found = TopicFinder.clusters(of: points, groups: groups, likeness: 0.2)
    #expect(Self.partition(found) == [Set(0..<6), Set(6..<11)])
  }

  @Test("A stored vector is decoded unchanged; other bytes are refused")
  func stored() throws {
    let vector = TopicVector(of: "Wo ist meine Rechnung?", language: Language(rawValue: "de"))
    #expect(vector.kind == .letters)
    #expect(TopicVector.dimensions == SentenceVector.dimensions)
    #expect(TopicVector(bytes: vector.bytes) == vector)
    #expect(TopicVector(bytes: []) == nil)
    #expect(TopicVector(bytes: Array(vector.bytes.dropLast())) == nil)
    #expect(TopicVector(bytes: [9] + vector.bytes.dropFirst()) == nil)
  }
}
