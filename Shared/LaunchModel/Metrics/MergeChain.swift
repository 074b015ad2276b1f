/// Follows merges of keys, such as tickets or accounts, to the one that survives.
public enum MergeChain {
  /// The key that a merged one lives on as; itself if it was not merged. A cycle of merges ends at its least key.
  ///
  /// - Parameter successor: the key that one was merged into; nil if it was not merged.
  public static func survivor(of key: String, successor: (String) -> String?) -> String {
    var path = [key]
    var current = key
    while let next = successor(current) {
      if let start = path.firstIndex(of: next) { return path[start...].min() ?? next }
      path.append(next)
      current = next
    }
    return current
  }
}
