/// Turns `?` placeholders into PostgreSQL's `$1`, `$2` and so on; those in literals, quoted names and comments are none.
struct PlaceholderRewriter {
  /// The statement as PostgreSQL takes it.
  let sql: String
  /// How many arguments it takes.
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

  /// Where a literal, a quoted name or a comment that begins here ends; here, where none begins.
  private static func endOfOpaque(_ bytes: [UInt8], _ start: Int) -> Int {
    switch bytes[start] {
    // A doubled quote ends one literal and begins the next, which comes to the same.
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
