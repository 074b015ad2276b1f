/// The SplitMix64 generator, with which a seed gives the same numbers on every machine.
///
/// G. L. Steele, D. Lea, C. H. Flood (2014), "Fast splittable pseudorandom number generators". Not for secrets.
public struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// Returns the next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// Returns a number strictly between 0 and 1: the centre of one of 2⁵³ equal intervals.
  ///
  /// Use a separate generator for each purpose, `SplitMix64(seed: seed &+ index)`, so that one does not affect the
  /// figures of another.
  public mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
}
