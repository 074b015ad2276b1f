/// HTML as plain text.
enum MarkupText {
  /// Elements whose content is not the customer's own words.
  private static let hidden: Set<String> = ["script", "style", "head", "title", "blockquote", "pre", "code"]
  private static let blocks: Set<String> = [
    "br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "section",
  ]
  private static let entities: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ndash": "–", "mdash": "—",
    "hellip": "…", "rsquo": "’", "lsquo": "‘", "rdquo": "”", "ldquo": "“", "euro": "€", "pound": "£", "copy": "©",
    "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é",
    "egrave": "è", "agrave": "à", "ccedil": "ç", "ntilde": "ñ", "oacute": "ó", "iacute": "í", "aacute": "á",
  ]

  /// Returns a text without tags and comments, with entities decoded; block elements end lines.
  ///
  /// Text that is not markup is kept: "a < b", "<3". Quoted mails, scripts, styles and code are left out.
  static func plain(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "<")) || text.utf8.contains(UInt8(ascii: "&")) else { return text }
    let bytes = Array(text.utf8)
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var unclosed: Set<String> = []
    var position = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "<"):
        guard let tag = Tag(in: bytes, at: position) else { break }
        position = tag.end
        if hidden.contains(tag.name), !tag.isClosing, !unclosed.contains(tag.name) {
          if let end = end(of: tag.name, in: bytes, from: tag.end) {
            position = end
          } else {
            unclosed.insert(tag.name)
          }
        }
        if blocks.contains(tag.name) || hidden.contains(tag.name) { plain.append(UInt8(ascii: "\n")) }
        continue
      case UInt8(ascii: "&"):
        guard let (decoded, end) = entity(in: bytes, at: position) else { break }
        plain += decoded.utf8
        position = end
        continue
      default: break
      }
      plain.append(bytes[position])
      position += 1
    }
    return String(decoding: plain, as: UTF8.self)
  }

  /// Returns the position after the element's closing tag; nil if it is never closed.
  private static func end(of name: String, in bytes: [UInt8], from start: Int) -> Int? {
    var position = start
    while let next = bytes[position...].firstIndex(of: UInt8(ascii: "<")) {
      if let tag = Tag(in: bytes, at: next), tag.isClosing, tag.name == name { return tag.end }
      position = next + 1
    }
    return nil
  }

  private static func entity(in bytes: [UInt8], at start: Int) -> (String, Int)? {
    guard let end = bytes[start...].prefix(10).firstIndex(of: UInt8(ascii: ";")) else { return nil }
    let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    if let decoded = entities[name] { return (decoded, end + 1) }
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let isHexadecimal = digits.first == "x" || digits.first == "X"
    guard let value = UInt32(isHexadecimal ? digits.dropFirst() : digits, radix: isHexadecimal ? 16 : 10),
      let scalar = Unicode.Scalar(value)
    else { return nil }
    return (String(scalar), end + 1)
  }
}

/// A tag or comment, such as `<p class="x">`, `</p>` or `<!-- … -->`.
private struct Tag {
  /// The maximum length of a tag that is recognised, in bytes; large, because tags in mails have long styles.
  private static let limit = 2_000
  /// The element in lower case; empty for comments and addresses.
  let name: String
  let isClosing: Bool
  /// The position after the tag.
  let end: Int

  init?(in bytes: [UInt8], at start: Int) {
    var position = start + 1
    guard position < bytes.count else { return nil }
    if bytes[position...].starts(with: Array("!--".utf8)) {
      name = ""
      isClosing = false
      var end = position + 3
      while end < bytes.count, !bytes[end...].starts(with: Array("-->".utf8)) { end += 1 }
      self.end = min(end + 3, bytes.count)
      return
    }
    isClosing = bytes[position] == UInt8(ascii: "/")
    if isClosing { position += 1 }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "!") || Self.isLetter(bytes[position]) else {
      return nil
    }
    let angles = [UInt8(ascii: "<"), UInt8(ascii: ">")]
    guard let close = bytes[position...].prefix(Self.limit).firstIndex(where: angles.contains),
      bytes[close] == UInt8(ascii: ">")
    else { return nil }
    let letters = bytes[position..<close].prefix { Self.isLetter($0) || (0x30...0x39).contains($0) }
    name = String(decoding: letters, as: UTF8.self).lowercased()
    end = close + 1
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }
}
