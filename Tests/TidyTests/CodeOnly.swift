/// Blanks what is no code: comments, and the text of string literals, but not their quotes nor code interpolated into them.
struct CodeOnly {
  private enum Mode {
    case code
    /// Interpolated code, with the parentheses that are open in it.
    case interpolation(open: Int)
    case string(hashes: Int, quotes: Int)
  }

  private let bytes: [UInt8]
  private var output: [UInt8] = []
  private var index = 0
  private var modes: [Mode] = [.code]

  /// The source with as many lines, and the rest of it blanked by spaces.
  static func text(of source: String) -> String {
    var scanner = CodeOnly(bytes: Array(source.utf8))
    scanner.output.reserveCapacity(scanner.bytes.count)
    while scanner.index < scanner.bytes.count { scanner.step() }
    return String(decoding: scanner.output, as: UTF8.self)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func step() {
    switch modes[modes.count - 1] {
    case .code: stepInCode(open: nil)
    case .interpolation(let open): stepInCode(open: open)
    case .string(let hashes, let quotes): stepInString(hashes, quotes)
    }
  }

  private mutating func stepInCode(open: Int?) {
    if looking(at: "//") {
      while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { blank() }
    } else if looking(at: "/*") {
      blankBlockComment()
    } else if let (hashes, quotes) = openingQuote() {
      for _ in 0..<(hashes + quotes) { keep() }
      modes.append(.string(hashes: hashes, quotes: quotes))
    } else {
      if let open {
        switch bytes[index] {
        case UInt8(ascii: "("): modes[modes.count - 1] = .interpolation(open: open + 1)
        case UInt8(ascii: ")") where open == 0: modes.removeLast()
        case UInt8(ascii: ")"): modes[modes.count - 1] = .interpolation(open: open - 1)
        default: break
        }
      }
      keep()
    }
  }

  private mutating func stepInString(_ hashes: Int, _ quotes: Int) {
    let marks = String(repeating: "#", count: hashes)
    if looking(at: "\\" + marks + "(") {
      for _ in 0..<(hashes + 2) { blank() }
      modes.append(.interpolation(open: 0))
    } else if looking(at: "\\" + marks) {
      for _ in 0..<(hashes + 2) where index < bytes.count { blank() }
    } else if looking(at: String(repeating: "\"", count: quotes) + marks)
      || (quotes == 1 && bytes[index] == UInt8(ascii: "\n"))
    {
      for _ in 0..<(bytes[index] == UInt8(ascii: "\n") ? 1 : hashes + quotes) { keep() }
      modes.removeLast()
    } else {
      blank()
    }
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if looking(at: "/*") {
        depth += 1
        blank()
      } else if looking(at: "*/") {
        depth -= 1
        blank()
      }
      blank()
    } while depth > 0 && index < bytes.count
  }

  /// The number of `#` and of `"` of a literal that opens here.
  private func openingQuote() -> (hashes: Int, quotes: Int)? {
    var end = index
    while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
    let isMultiline = end + 2 < bytes.count && bytes[end + 1] == bytes[end] && bytes[end + 2] == bytes[end]
    return (end - index, isMultiline ? 3 : 1)
  }

  private func looking(at text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

  private mutating func keep() {
    guard index < bytes.count else { return }
    output.append(bytes[index])
    index += 1
  }

  private mutating func blank() {
    guard index < bytes.count else { return }
    output.append(bytes[index] == UInt8(ascii: "\n") ? bytes[index] : UInt8(ascii: " "))
    index += 1
  }
}
