/// A short text with a tone, which a terminal shows as a colour.
struct Text: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// What a text means to the reader, such as good or bad news.
  enum Tone: Sendable, Hashable {
    case plain, strong, faint, good, warning, bad
  }

  var string: String
  var tone: Tone

  init(_ string: String, _ tone: Tone = .plain) {
    self.string = string
    self.tone = tone
  }

  init(stringLiteral value: String) { self.init(value) }

  /// The description of a value, or `-` for nil.
  init(_ value: (some CustomStringConvertible)?, _ tone: Tone = .plain) {
    guard let value else {
      self.init("-", .faint)
      return
    }
    self.init(value.description, tone)
  }
}

/// How tones are rendered.
enum Style: Sendable, Hashable {
  /// No control sequences at all.
  case plain
  /// ANSI colours.
  case coloured

  /// The text with the control sequences of its tone, if the style has any.
  func apply(_ tone: Text.Tone, to string: String) -> String {
    guard self == .coloured, !string.isEmpty, let code = Self.code(of: tone) else { return string }
    return "\u{1B}[\(code)m\(string)\u{1B}[0m"
  }

  private static func code(of tone: Text.Tone) -> String? {
    switch tone {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .good: "32"
    case .warning: "33"
    case .bad: "31"
    }
  }
}
