public import JSON
import Messaging

/// The short form of a result that is too large to send (contract.md, section 2).
///
/// A committed change is never answered as a failure. Instead, its result is shortened until it fits, and marked with
/// `"short": true`. Texts are cut at their end, and lists and maps after their first entries; everything else stays, so
/// that programs can still decode the result.
public enum ShortForm {
  /// The maximum size of a result in bytes; the rest of the envelope is reserved for what surrounds it.
  public static let limit = MessageLimits.standard.envelope - (8 << 10)

  /// Objects with more members than any result type are maps, such as the people of a roster.
  private static let mostFields = 64

  /// Returns the result unchanged, or in the short form if it is too large.
  public static func fitting(_ result: JSONValue, in limit: Int = limit) -> JSONValue {
    guard size(result) > limit else { return result }
    var short = result
    for (text, entries) in [(4_096, 512), (1_024, 64), (256, 8), (64, 1), (16, 0)] {
      short = cut(result, text, entries)
      guard case .object(var members) = short else { break }
      members["short"] = true
      short = .object(members)
      if size(short) <= limit { break }
    }
    return short
  }

  private static func size(_ value: JSONValue) -> Int { value.serialized().count }

  private static func cut(_ value: JSONValue, _ text: Int, _ entries: Int) -> JSONValue {
    switch value {
    case .string(let string):
      // Identifiers, times and words are shorter than this, so that only free texts are cut.
      return string.utf8.count <= max(text, 128) ? value : .string(String(string.prefix(max(text, 128) / 4)) + "…")
    case .array(let elements): return .array(elements.prefix(entries).map { cut($0, text, entries) })
    case .object(let members):
      let isMap = members.count > mostFields
      let kept = members.sorted { $0.key < $1.key }.prefix(isMap ? entries : mostFields)
      return .object(
        Dictionary(kept.map { ($0.key, cut($0.value, text, entries)) }, uniquingKeysWith: { first, _ in first }))
    case .null, .bool, .integer, .number: return value
    }
  }
}
