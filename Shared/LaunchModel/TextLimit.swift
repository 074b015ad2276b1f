/// The maximum length of a free text, in bytes of UTF-8.
///
/// Texts are repeated in histories, announcements and answers, each of which has its own limit. With these limits,
/// every accepted change can also be announced and answered (contract.md, section 2).
public struct TextLimit: Sendable, Hashable {
  /// The maximum number of bytes.
  public let bytes: Int

  /// For keys, names, titles and everything without another limit.
  public static let line = TextLimit(bytes: 1_024)
  /// For reasons, notes, links and other remarks.
  public static let remark = TextLimit(bytes: 2_048)
  /// For comments, explanations, learnings and evidence in words.
  public static let comment = TextLimit(bytes: 10_240)
  /// For a remark that occurs many times in one announcement.
  public static let summary = TextLimit(bytes: 256)
  /// For all reasons of a decision together, in one announcement.
  public static let reasons = TextLimit(bytes: 32_768)
  /// For evidence; the same as `comment`.
  public static let evidence = comment

  /// Returns whether a text is within the limit.
  public func allows(_ text: String) -> Bool { text.utf8.count <= bytes }

  /// Returns the text, truncated and marked with `…` if it is too long.
  public func cutting(_ text: String) -> String {
    guard !allows(text) else { return text }
    let mark = "…"
    var cut = Substring(text)
    var count = text.utf8.count
    while count > bytes - mark.utf8.count, let last = cut.popLast() { count -= last.utf8.count }
    return cut + mark
  }

  /// Returns as many of the texts, from the first, as fit within the limit together; if some are omitted, the last text
  /// states how many.
  public func cutting(_ texts: [String]) -> [String] {
    var count = 0
    let kept = texts.prefix { text in
      count += text.utf8.count
      return count <= bytes
    }
    return kept.count == texts.count ? texts : kept + ["and \(texts.count - kept.count) more"]
  }
}
