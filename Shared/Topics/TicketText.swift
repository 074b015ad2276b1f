/// The text of a ticket as it is compared with others: the customer's own words, without quoted mail, signatures, logs,
/// stack traces, markup and addresses.
public enum TicketText {
  /// The maximum number of bytes to read of a body (UTF-8).
  public static let bodyLimit = 16 * 1_024
  /// The maximum length of a cleaned text in characters.
  public static let limit = 2_000
  private static let subjectLimit = 1_024

  /// Returns the text of a ticket: the subject on its own line, then one line for each paragraph of the body.
  ///
  /// If nothing remains of the body, it is the subject alone; if nothing remains of either, it is the original text
  /// with white space collapsed. The result is empty only if the ticket has no visible character.
  public static func cleaned(subject: String, body: String) -> String {
    let subject = start(of: subject, bytes: subjectLimit)
    let body = start(of: body, bytes: bodyLimit)
    let title = line(of: MailText.withoutReplyPrefix(subject))
    var paragraphs = paragraphs(of: body)
    if !title.isEmpty, paragraphs.first?.hasPrefix(title) != true { paragraphs.insert(title, at: 0) }
    if paragraphs.isEmpty {
      paragraphs = [
        (subject + " " + body).split(whereSeparator: \.isWhitespace).compactMap(visible).joined(separator: " ")
      ]
    }
    return String(paragraphs.joined(separator: "\n").prefix(limit))
  }

  private static func paragraphs(of body: String) -> [String] {
    let lines = MarkupText.plain(body).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var paragraphs: [String] = []
    var open: [Substring] = []
    for line in MachineText.removed(from: MailText.written(in: lines)) + [""] {
      guard line.allSatisfy(\.isWhitespace) else {
        open.append(line)
        continue
      }
      let text = self.line(of: open.joined(separator: " "))
      if !text.isEmpty { paragraphs.append(text) }
      open = []
    }
    return paragraphs
  }

  /// Returns the human-written words of a text, separated by single spaces; empty if there is no letter or digit.
  private static func line(of text: String) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).filter { !MachineText.isAddress($0) }.compactMap(visible)
    let line = words.joined(separator: " ")
    return line.contains { $0.isLetter || $0.isNumber || !$0.isASCII } ? line : ""
  }

  /// Returns a word without control characters, byte order and direction marks; nil if nothing remains.
  private static func visible(_ word: Substring) -> String? {
    if word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) { return String(word) }
    var visible = String.UnicodeScalarView()
    for scalar in word.unicodeScalars where !isInvisible(scalar) { visible.append(scalar) }
    return visible.isEmpty ? nil : String(visible)
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    // Joiners connect the parts of emoji and of Persian words.
    case .format: scalar.value != 0x200c && scalar.value != 0x200d
    case .control, .surrogate, .privateUse, .unassigned: true
    default: scalar.value == 0xfffd
    }
  }

  private static func start(of text: String, bytes: Int) -> String {
    text.utf8.count <= bytes ? text : String(decoding: text.utf8.prefix(bytes), as: UTF8.self)
  }
}
