/// A text's position among others: the direction of the vector represents its meaning.
///
/// English texts have a sentence vector; texts in other languages have a vector of their letters. The two kinds are
/// never compared.
public struct TopicVector: Sendable, Hashable {
  /// The kinds of vectors, by how they are computed.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Computed by the sentence encoder.
    case sentence = 0
    /// Computed from the letters of the text's words.
    case letters = 1
  }

  /// Equal to that of `SentenceVector`; a literal, so that loops need no check.
  static let dimensions = 384

  /// How the vector was computed.
  public let kind: Kind
  /// The components as integers; only their proportions matter.
  let components: [Int8]

  /// Encodes a text in the way that suits its language.
  public init(of text: String, language: Language) {
    if language == .english {
      kind = .sentence
      components = SentenceEncoder.vector(of: text).components
    } else {
      kind = .letters
      components = LetterVector.components(of: text, without: language.stopWords)
    }
  }

  /// Creates a vector from a sentence's.
  public init(_ sentence: SentenceVector) {
    kind = .sentence
    components = sentence.components
  }

  /// Decodes a stored vector; nil if the bytes do not encode one.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.dimensions + 1, let kind = Kind(rawValue: bytes[0]) else { return nil }
    self.kind = kind
    components = bytes.dropFirst().map { Int8(bitPattern: $0) }
  }

  /// Creates a vector in the direction of a sum of vectors.
  init(kind: Kind, direction: [Float]) {
    self.kind = kind
    let largest = direction.reduce(0) { max($0, abs($1)) }
    components = direction.map { largest > 0 ? Int8(($0 / largest * 127).rounded()) : 0 }
  }

  /// The stored form: the kind, then the components.
  public var bytes: [UInt8] { [kind.rawValue] + components.map { UInt8(bitPattern: $0) } }

  /// The components scaled so that their squares sum to one; all zero if the text had nothing to compare.
  var unit: [Float] { Self.unit(components.map(Float.init)) }

  /// Returns a vector's direction, with length one; all zero for the zero vector.
  static func unit(_ components: [Float]) -> [Float] {
    let length = components.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? components.map { $0 / length } : components
  }
}

/// Vectors of the letters of a text, for the languages that the sentence encoder does not support.
///
/// Each sequence of three to five letters of a word (with its ends marked), and each pair of Chinese, Japanese or Thai
/// characters, is hashed to components of random sign, so that texts are nearer the more sequences they share.
enum LetterVector {
  /// The maximum number of characters to compare, from the beginning of a text.
  private static let limit = 1_000
  /// The number of components that a sequence changes. With more of them, unrelated texts are less similar by chance.
  private static let spread = 4

  static func components(of text: String, without stopWords: Set<Substring>) -> [Int8] {
    var counts: [UInt64: Float] = [:]
    for word in text.prefix(limit).lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "'" })
    where !stopWords.contains(word) {
      let scalars = Array(word.unicodeScalars)
      if isUnspaced(scalars[0]) {
        add(scalars, lengths: 1...2, to: &counts)
      } else {
        let edge: Unicode.Scalar = " "
        add([edge] + scalars + [edge], lengths: 3...5, to: &counts)
      }
    }
    if counts.isEmpty {
      // Only emoji and signs.
      add(text.unicodeScalars.prefix(limit).filter { !$0.properties.isWhitespace }, lengths: 1...2, to: &counts)
    }
    return hashed(counts)
  }

  private static func add(_ scalars: [Unicode.Scalar], lengths: ClosedRange<Int>, to counts: inout [UInt64: Float]) {
    for start in scalars.indices {
      var hash = StableHash()
      for (offset, scalar) in scalars[start...].prefix(lengths.upperBound).enumerated() {
        hash.add(scalar.value)
        if offset + 1 >= lengths.lowerBound { counts[hash.value, default: 0] += 1 }
      }
    }
  }

  /// Returns the sum of all sequences' directions. A repeated sequence counts with the square root of its frequency.
  private static func hashed(_ counts: [UInt64: Float]) -> [Int8] {
    // Sums whole thousandths, so that the result does not depend on the dictionary's order.
    var sums = [Int64](repeating: 0, count: TopicVector.dimensions)
    for (hash, count) in counts {
      let weight = Int64((count.squareRoot() * 1_000).rounded())
      var bits = hash
      for _ in 0..<spread {
        bits = StableHash.mixed(bits)
        let index = Int(bits >> 32) % sums.count
        sums[index] += bits & 1 == 0 ? weight : -weight
      }
    }
    return TopicVector(kind: .letters, direction: sums.map(Float.init)).components
  }

  /// Returns whether words of a script are written without spaces between them.
  static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0e00...0x0eff, 0x1000...0x109f, 0x1780...0x17ff, 0x3040...0x30ff, 0x3400...0x9fff, 0x20000...0x3ffff: true
    default: false
    }
  }
}

/// A hash that is the same in every process and on every machine (FNV-1a, 64 bits).
struct StableHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  init() {}

  init(of text: String) {
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  mutating func add(_ number: UInt32) {
    var rest = number
    for _ in 0..<4 {
      value = (value ^ UInt64(rest & 0xff)) &* 0x100_0000_01b3
      rest >>= 8
    }
  }

  /// Returns a number of which every bit depends on all bits of the given one (SplitMix64).
  static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
