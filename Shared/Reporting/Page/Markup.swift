/// Makes any text safe for HTML, SVG and Markdown.
enum Markup {
  /// Escapes a text for HTML and SVG, both between tags and in quoted attributes.
  ///
  /// Works on Unicode scalars: as characters, a quote with a combining mark after it would be one character that is not
  /// escaped.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(isShown(scalar) ? scalar : "·")
      }
    }
    return result
  }

  /// Returns the text as one line of Markdown that is displayed literally, also within a table.
  static func markdown(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if scalar == "\n" || scalar == "\r" || scalar == "\t" {
        result += " "
      } else if !isShown(scalar) {
        result += "·"
      } else {
        if isMarkdown(scalar) { result += "\\" }
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Returns whether a scalar may appear on the page; control characters and those that reverse the direction of text
  /// may not.
  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a: true
    case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069, 0x2028, 0x2029: false
    default: scalar.value & 0xfffe != 0xfffe
    }
  }

  private static func isMarkdown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "~", "&", "$": true
    default: false
    }
  }
}
