import CSentenceEncoder

/// A text's position in a space of meanings: texts with similar meanings point in similar directions.
public struct SentenceVector: Sendable, Hashable {
  /// The number of components.
  public static let dimensions = Int(GONOGO_DIMENSIONS)

  /// The components, between -127 and 127. Each vector has its own scale, so that only its direction has a meaning.
  ///
  /// These numbers are what is stored and compared.
  public let components: [Int8]

  /// Creates a vector from its components; nil unless there are 384 of them.
  public init?(components: [Int8]) {
    guard components.count == Self.dimensions else { return nil }
    self.components = components
  }

  /// Rounds a direction, with the largest possible scale.
  fileprivate init(rounding direction: [Float]) {
    let largest = direction.reduce(0) { max($0, abs($1)) }
    let factor = largest > 0 ? 127 / largest : 0
    components = direction.map { Int8(($0 * factor).rounded()) }
  }

  /// Returns the cosine of the angle to another vector: 1 for texts with the same meaning, near 0 for unrelated ones.
  ///
  /// 0 if either vector is zero.
  public func cosine(to other: SentenceVector) -> Float {
    var (product, square, otherSquare) = (0, 0, 0)
    components.withUnsafeBufferPointer { left in
      other.components.withUnsafeBufferPointer { right in
        for index in left.indices {
          let (a, b) = (Int(left[index]), Int(right[index]))
          product += a * b
          square += a * a
          otherSquare += b * b
        }
      }
    }
    guard square > 0, otherSquare > 0 else { return 0 }
    return Float(Double(product) / Double(square * otherSquare).squareRoot())
  }
}

/// The sentence encoder all-MiniLM-L6-v2, whose weights are part of the executable.
///
/// It supports English. Every function may be called from any thread, and gives the same result on every machine.
public enum SentenceEncoder {
  /// Encodes one text. Only its first 254 word pieces count.
  ///
  /// Takes about 10 ms for 60 pieces. The first call arranges the weights in 10.6 MB of memory.
  public static func vector(of text: String) -> SentenceVector {
    SentenceVector(rounding: direction(of: wordPieces(of: text), kernel: gonogo_fastest_kernel()))
  }

  /// Returns the ids of a text's word pieces in the model's vocabulary, at most 254 and without the markers around
  /// them.
  public static func pieces(of text: String) -> [Int] { wordPieces(of: text).map(Int.init) }

  static func wordPieces(of text: String) -> [UInt16] {
    var text = text
    return text.withUTF8 { utf8 in
      [UInt16](unsafeUninitializedCapacity: Int(GONOGO_MAX_PIECES)) { pieces, count in
        count = gonogo_pieces(utf8.baseAddress, utf8.count, pieces.baseAddress)
      }
    }
  }

  /// Computes the vector before rounding.
  static func direction(of pieces: [UInt16], kernel: gonogo_kernel) -> [Float] {
    [Float](unsafeUninitializedCapacity: SentenceVector.dimensions) { vector, count in
      let hasMemory = gonogo_encode(pieces, pieces.count, kernel, vector.baseAddress)
      precondition(hasMemory, "out of memory")
      count = SentenceVector.dimensions
    }
  }
}
