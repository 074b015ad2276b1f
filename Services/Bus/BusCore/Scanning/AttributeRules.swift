#if canImport(Glibc)
  import Glibc
#endif

/// What CloudEvents 1.0 allows as names and values of attributes, each over the bytes of one unescaped text.
enum AttributeRules {
  /// One or more of `a-z` and `0-9`.
  static func isName(_ bytes: UnsafeRawBufferPointer) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
  }

  /// A `String` of the type system: no control characters (U+0000 to 1F, 7F to 9F) and no noncharacters.
  ///
  /// - Parameter ascii: whether the text is known to be ASCII without characters below 0x20.
  @inline(__always)
  static func isText(_ bytes: UnsafeRawBufferPointer, ascii: Bool) -> Bool {
    if ascii { return bytes.baseAddress.map { memchr($0, 0x7f, bytes.count) == nil } ?? true }
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy(isAllowed)
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1f, 0x7f...0x9f, 0xfdd0...0xfdef: false
    default: scalar.value & 0xfffe != 0xfffe
    }
  }

  /// No replacement character (U+FFFD), which stands for text that was lost: two ids that lost theirs would be one.
  static func isUndamaged(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress, memchr(start, 0xef, bytes.count) != nil else { return true }
    return !String(decoding: bytes, as: UTF8.self).unicodeScalars.contains("\u{fffd}")
  }

  /// Base64 of RFC 4648, section 4, with its padding; empty too.
  static func isBase64(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count % 4 == 0 else { return false }
    let padding = bytes.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    return bytes.dropLast(padding).allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
        true
      default: false
      }
    }
  }

  /// An RFC 3339 date-time with a day that exists; `t` and `z` may be small and the second 60, as the RFC has it.
  static func isTimestamp(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let year = digits(bytes, 0, 4), let month = digits(bytes, 5, 2), let day = digits(bytes, 8, 2),
      (1...12).contains(month), day >= 1, day <= days(in: month, of: year),
      let hour = digits(bytes, 11, 2), hour < 24, let minute = digits(bytes, 14, 2), minute < 60,
      let second = digits(bytes, 17, 2), second <= 60
    else { return false }
    var index = 19
    if bytes[index] == UInt8(ascii: ".") {
      let fraction = bytes[20...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard !fraction.isEmpty else { return false }
      index = fraction.endIndex
    }
    return isZone(bytes, from: index)
  }

  private static func isZone(_ bytes: UnsafeRawBufferPointer, from index: Int) -> Bool {
    guard index < bytes.count else { return false }
    if bytes[index] | 0x20 == UInt8(ascii: "z") { return index + 1 == bytes.count }
    guard bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-"), index + 6 == bytes.count,
      bytes[index + 3] == UInt8(ascii: ":"), let hours = digits(bytes, index + 1, 2),
      let minutes = digits(bytes, index + 4, 2)
    else { return false }
    return hours < 24 && minutes < 60
  }

  private static func digits(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int? {
    var value = 0
    for index in start..<start + count {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
      value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
    }
    return value
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
