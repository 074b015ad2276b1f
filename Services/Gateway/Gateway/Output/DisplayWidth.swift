extension Character {
  /// The number of terminal columns that the scalar occupies: 0, 1 or 2.
  ///
  /// Scalars with East Asian Width W or F, and emoji, are two columns wide. Combining marks and format characters have
  /// no width (UAX #11, as applied by terminals).
  var displayWidth: Int {
    if let byte = asciiValue { return byte < 0x20 || byte == 0x7f ? 0 : 1 }
    var width = 0
    for scalar in unicodeScalars {
      if scalar.isShownAsEmoji || scalar.isWide { return 2 }
      if !scalar.isZeroWidth { width = 1 }
    }
    return unicodeScalars.contains("\u{FE0F}") ? 2 : width
  }
}

extension StringProtocol {
  /// The number of terminal columns that the text occupies.
  var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// Returns the text if it fits into that many columns, else its beginning and `…`.
  func truncated(toWidth limit: Int) -> String {
    guard displayWidth > limit else { return String(self) }
    guard limit > 0 else { return "" }
    var kept = ""
    var width = 0
    for character in self {
      width += character.displayWidth
      if width > limit - 1 { break }
      kept.append(character)
    }
    while kept.last == " " { kept.removeLast() }
    return kept + "…"
  }
}

extension Unicode.Scalar {
  fileprivate var isShownAsEmoji: Bool { properties.isEmojiPresentation }

  fileprivate var isZeroWidth: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: true
    default: false
    }
  }

  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
