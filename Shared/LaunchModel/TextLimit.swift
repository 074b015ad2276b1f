/// How long a free text may be, in bytes of UTF-8.
///
/// Texts are repeated in histories, announcements and answers, each of which has a limit of its own; with these limits every
/// change that is accepted can also be announced and answered (contract.md, section 2).
public struct TextLimit: Sendable, Hashable {
  /// The highest number of bytes.
  public let bytes: Int

  /// Keys, names, titles and whatever has no other limit.
  public static let line = TextLimit(bytes: 1_024)
  /// Reasons, notes, links and other remarks.
  public static let remark = TextLimit(bytes: 2_048)
  /// Comments, explanations, learnings and evidence in words.
  public static let comment = TextLimit(bytes: 10_240)
  /// A remark of which there are many in one announcement.
  public static let summary = TextLimit(bytes: 256)
  /// The reasons of a decision in one announcement, in all.
  public static let reasons = TextLimit(bytes: 32_768)
  /// Evidence, as `comment`.
  public static let evidence = comment

  /// Whether a text is within the limit.
  public func allows(_ text: String) -> Bool { text.utf8.count <= bytes }

  /// The text, cut and marked with `…` if it is too long.
  public func cutting(_ text: String) -> String {
    guard !allows(text) else { return text }
    let mark = "…"
    var cut = Substring(text)
    var count = text.utf8.count
    while count > bytes - mark.utf8.count, let last = cut.popLast() { count -= last.utf8.count }
    return cut + mark
  }

  /// The texts, as many from the first as are within the limit together; the last text then says how many are missing.
  public func cutting(_ texts: [String]) -> [String] {
    var count = 0
    let kept = texts.prefix { text in
      count += text.utf8.count
      return count <= bytes
    }
    return kept.count == texts.count ? texts : kept + ["and \(texts.count - kept.count) more"]
  }
}
