/// What a parser refuses beside what is no JSON.
public struct JSONLimits: Sendable, Hashable {
  /// How deep arrays and objects may nest; `[]` alone is 1 deep.
  public var depth: Int

  /// Depth 32 (contract.md, section 2).
  public static let standard = JSONLimits()

  /// - Parameter depth: default 32; capped at 512, so that recursion over a value stays within any stack.
  public init(depth: Int = 32) { self.depth = min(max(depth, 1), 512) }
}
