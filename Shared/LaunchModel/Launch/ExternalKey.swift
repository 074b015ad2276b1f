public import JSON

/// The organisation's own keys that signals use for features, accounts, tickets and articles (contract.md, section 4).
public enum ExternalKey {
  /// The maximum length of a key in bytes of UTF-8: storage engines can index about 2,700 bytes a row, and up to four
  /// keys share an index.
  public static let maximumBytes = 512

  /// Returns whether stores can look the text up: it has at most 512 bytes, and no U+0000.
  public static func fits(_ text: String) -> Bool { text.utf8.count <= maximumBytes && !text.utf8.contains(0) }

  /// Returns the key that a JSON value represents: a string, or a whole number as its digits; nil for anything else.
  public static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    case .number(let number): Int64(exactly: number).map { String($0) }
    default: nil
    }
  }
}

/// Follows merges of keys, such as tickets or accounts, to the key that remains.
public enum MergeChain {
  /// Returns the key that a merged one was finally merged into; the key itself if it was not merged. A cycle of merges
  /// resolves to its smallest key.
  ///
  /// - Parameter successor: returns the key that a key was merged into; nil if it was not merged.
  public static func survivor(of key: String, successor: (String) -> String?) -> String {
    survivors(of: [key], successor: successor)[key] ?? key
  }

  /// Returns the final keys of several keys, and of the intermediate keys on the way, by key.
  public static func survivors(
    of keys: some Sequence<String>, successor: (String) -> String?
  ) -> [String: String] {
    var survivors: [String: String] = [:]
    for key in keys where survivors[key] == nil {
      var path = [key]
      var places = [key: 0]
      var end = key
      while let next = successor(end) {
        if let known = survivors[next] {
          end = known
          break
        }
        if let start = places[next] {
          end = path[start...].min() ?? next
          break
        }
        places[next] = path.count
        path.append(next)
        end = next
      }
      for member in path { survivors[member] = end }
    }
    return survivors
  }
}
