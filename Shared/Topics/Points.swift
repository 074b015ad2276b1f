/// Vectors of equal length, one after the other in memory.
struct Points: Sendable {
  static let dimensions = TopicVector.dimensions
  private(set) var components: [Float] = []

  var count: Int { components.count / Self.dimensions }

  init() {}

  init(_ vectors: [[Float]]) {
    components.reserveCapacity(vectors.count * Self.dimensions)
    for vector in vectors { append(vector) }
  }

  mutating func append(_ vector: some Collection<Float>) { components += vector }

  subscript(index: Int) -> ArraySlice<Float> {
    components[(index * Self.dimensions)..<((index + 1) * Self.dimensions)]
  }

  /// Returns the directions of the vectors, each with length one.
  func normalized() -> Points { centred(on: [Float](repeating: 0, count: Self.dimensions)) }

  /// Returns the vectors' directions as seen from a point, each with length one.
  func centred(on mean: [Float]) -> Points {
    var centred = self
    centred.components.withUnsafeMutableBufferPointer { components in
      for start in stride(from: 0, to: components.count, by: Self.dimensions) {
        var square: Float = 0
        for offset in 0..<Self.dimensions {
          let difference = components[start + offset] - mean[offset]
          components[start + offset] = difference
          square += difference * difference
        }
        let length = square.squareRoot()
        guard length > 1e-6 else { continue }
        for offset in 0..<Self.dimensions { components[start + offset] /= length }
      }
    }
    return centred
  }

  /// Returns the sum of the vectors of each group.
  ///
  /// - Parameters:
  ///   - groups: The number of each vector's group.
  ///   - count: The number of groups.
  func sums(of groups: [Int], count: Int) -> Points {
    var sums = Points()
    sums.components = [Float](repeating: 0, count: count * Self.dimensions)
    sums.components.withUnsafeMutableBufferPointer { sums in
      components.withUnsafeBufferPointer { components in
        for (index, group) in groups.enumerated() {
          for offset in 0..<Self.dimensions {
            sums[group * Self.dimensions + offset] += components[index * Self.dimensions + offset]
          }
        }
      }
    }
    return sums
  }

  /// Returns the sum of the vectors, each multiplied by its weight.
  func weightedSum(_ weights: [Float]) -> [Float] {
    var sum = [Float](repeating: 0, count: Self.dimensions)
    for (index, weight) in weights.enumerated() {
      for (offset, component) in self[index].enumerated() { sum[offset] += component * weight }
    }
    return sum
  }

  /// Returns the product of each vector with another one.
  func products(with vector: [Float]) -> [Float] {
    components.withUnsafeBufferPointer { components in
      vector.withUnsafeBufferPointer { vector in
        guard let base = components.baseAddress, let vector = vector.baseAddress else { return [] }
        return (0..<count).map { Self.product(base + $0 * Self.dimensions, vector) }
      }
    }
  }

  /// Returns the product of each vector with every vector, row by row.
  func products() -> [Float] {
    let count = count
    return [Float](unsafeUninitializedCapacity: count * count) { products, initialized in
      components.withUnsafeBufferPointer { components in
        guard let base = components.baseAddress else { return }
        for row in 0..<count {
          for column in row..<count {
            let product = Self.product(base + row * Self.dimensions, base + column * Self.dimensions)
            products[row * count + column] = product
            products[column * count + row] = product
          }
        }
      }
      initialized = count * count
    }
  }

  /// Returns the vector with the largest product with another vector, the first of several; nil if there are no
  /// vectors.
  func nearest(to vector: ArraySlice<Float>) -> (index: Int, product: Float)? {
    components.withUnsafeBufferPointer { components in
      vector.withUnsafeBufferPointer { vector in
        guard let base = components.baseAddress, let vector = vector.baseAddress else { return nil }
        var best: (index: Int, product: Float)?
        for index in 0..<count {
          let product = Self.product(base + index * Self.dimensions, vector)
          if best.map({ product > $0.product }) ?? true { best = (index, product) }
        }
        return best
      }
    }
  }

  /// Returns the product of two vectors. Eight simultaneous sums let the compiler use vector instructions; their order
  /// is the same on every machine.
  static func product(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>) -> Float {
    var (sum0, sum1, sum2, sum3): (Float, Float, Float, Float) = (0, 0, 0, 0)
    var (sum4, sum5, sum6, sum7): (Float, Float, Float, Float) = (0, 0, 0, 0)
    let end = dimensions
    var index = 0
    while index < end {
      sum0 += left[index] * right[index]
      sum1 += left[index + 1] * right[index + 1]
      sum2 += left[index + 2] * right[index + 2]
      sum3 += left[index + 3] * right[index + 3]
      sum4 += left[index + 4] * right[index + 4]
      sum5 += left[index + 5] * right[index + 5]
      sum6 += left[index + 6] * right[index + 6]
      sum7 += left[index + 7] * right[index + 7]
      index += 8
    }
    return ((sum0 + sum4) + (sum1 + sum5)) + ((sum2 + sum6) + (sum3 + sum7))
  }
}
