/// Rewrites `?` placeholders as PostgreSQL's `$1`, `$2` and so on, except in literals, quoted names and comments.
struct PlaceholderRewriter {
  /// The statement in PostgreSQL's syntax.
  let sql: String
  /// The number of placeholders.
  let count: Int

  init(_ text: String) {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 16)
    var count = 0
    var index = 0
    while index < bytes.count {
      let end = Self.endOfOpaque(bytes, index)
      if end > index {
        output.append(contentsOf: bytes[index..<end])
        index = end
        continue
      }
      if bytes[index] == UInt8(ascii: "?") {
        count += 1
        output.append(contentsOf: "$\(count)".utf8)
      } else {
        output.append(bytes[index])
      }
      index += 1
    }
    sql = String(decoding: output, as: UTF8.self)
    self.count = count
  }

  /// Returns the end of the literal, quoted name or comment that starts at the index; the index itself if none starts
  /// there.
  private static func endOfOpaque(_ bytes: [UInt8], _ start: Int) -> Int {
    switch bytes[start] {
    // A doubled quote is treated as the end of one literal and the start of the next, which has the same effect.
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      let end = bytes[(start + 1)...].firstIndex(of: bytes[start])
      return end.map { $0 + 1 } ?? bytes.count
    case UInt8(ascii: "-") where bytes[start...].starts(with: "--".utf8):
      return bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    case UInt8(ascii: "/") where bytes[start...].starts(with: "/*".utf8):
      var end = start + 2
      while end < bytes.count, !bytes[end...].starts(with: "*/".utf8) { end += 1 }
      return min(end + 2, bytes.count)
    default: return start
    }
  }
}
