extension Unicode.Scalar {
  /// Whether a terminal may interpret it instead of showing it: C0 and C1 controls, DEL, separators of lines and
  /// paragraphs, and the characters that change the direction of text (Bidi_Control), such as U+202E.
  public var actsOnTerminal: Bool {
    switch value {
    case 0x20..<0x7F: false
    case 0..<0xA0, 0x2028, 0x2029: true
    default: properties.isBidiControl
    }
  }

  fileprivate var breaksLine: Bool {
    switch value {
    case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}

extension StringProtocol {
  /// The text on one line without characters that a terminal may interpret: line breaks and tabs become spaces, others
  /// `·`.
  public var printable: String { shown(keepingLines: false) }

  /// The text without characters that a terminal may interpret, except for its line breaks and tabs.
  public var printableLines: String { shown(keepingLines: true) }

  /// JSON or double-quoted YAML in which characters that a terminal may interpret are written as `\u` and four digits,
  /// and so is U+FEFF, which readers would take for a byte order mark. Line feeds remain, because in such texts they
  /// occur only between tokens.
  public var escapedForTerminal: String {
    func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
      scalar.actsOnTerminal ? scalar != "\n" : scalar.value == 0xFEFF
    }
    guard unicodeScalars.contains(where: isEscaped) else { return String(self) }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if isEscaped(scalar) {
        let digits = String(scalar.value, radix: 16)
        text.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }

  private func shown(keepingLines: Bool) -> String {
    guard unicodeScalars.contains(where: \.actsOnTerminal) else { return String(self) }
    var text = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in unicodeScalars {
      defer { previous = scalar }
      switch scalar {
      case "\n" where keepingLines, "\t" where keepingLines: text.append(scalar)
      case "\n" where previous == "\r": continue
      case "\r" where keepingLines: continue
      case "\t": text.append(" ")
      case _ where scalar.breaksLine: text.append(" ")
      case _ where scalar.actsOnTerminal: text.append("·")
      default: text.append(scalar)
      }
    }
    return String(text)
  }
}
