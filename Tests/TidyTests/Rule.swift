/// Something that the sources keep to, and how to find where they do not.
struct Rule: Sendable, CustomStringConvertible {
  let name: String
  /// What to do instead.
  let mend: String
  let find: @Sendable (SourceFile) -> [Int]

  var description: String { name }

  /// Each breach as `path:line: what to do instead`.
  func breaches(in file: SourceFile) -> [String] { find(file).map { "\(file.path):\($0): \(mend)" } }
}

extension Rule {
  /// Forbids words in code, where the file is concerned and the line does not explain itself in the way that is allowed.
  static func forbids(
    _ needles: [Needle], name: String, mend: String, in concerns: @escaping @Sendable (SourceFile) -> Bool,
    unlessExplained: Bool = false
  ) -> Rule {
    Rule(name: name, mend: mend) { file in
      guard concerns(file) else { return [] }
      return file.code.indices.filter { index in
        needles.contains { $0.isIn(file.code[index]) } && !(unlessExplained && file.isExplained(at: index))
      }.map { $0 + 1 }
    }
  }
}

/// A piece of code to look for: it may neither continue a longer name nor, unless allowed, be a member of something.
struct Needle: Sendable, ExpressibleByStringLiteral {
  private let wanted: [UInt8]
  private let maybeMember: Bool

  init(_ text: String, maybeMember: Bool = true) {
    wanted = Array(text.utf8)
    self.maybeMember = maybeMember
  }

  init(stringLiteral value: String) { self.init(value) }

  func isIn(_ line: String) -> Bool {
    line.utf8.withContiguousStorageIfAvailable { bytes in
      var start = 0
      while start + wanted.count <= bytes.count {
        if bytes[start] == wanted[0], isAt(start, of: bytes) { return true }
        start += 1
      }
      return false
    } ?? false
  }

  private func isAt(_ start: Int, of bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes[start...].starts(with: wanted) else { return false }
    let end = start + wanted.count
    let startsWord = start == 0 || !(Self.isNamed(bytes[start - 1]) && Self.isNamed(wanted[0]))
    let endsWord = end == bytes.count || !(Self.isNamed(bytes[end]) && Self.isNamed(wanted[wanted.count - 1]))
    return startsWord && endsWord && (maybeMember || start == 0 || bytes[start - 1] != UInt8(ascii: "."))
  }

  private static func isNamed(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
  }
}
