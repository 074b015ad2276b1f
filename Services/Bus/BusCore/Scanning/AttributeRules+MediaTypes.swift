extension AttributeRules {
  /// `type/subtype` with parameters, by RFC 2045, section 5.1, which RFC 2046 refers to.
  static func isMediaType(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes[...]
    guard token(&rest), skip(UInt8(ascii: "/"), &rest), token(&rest) else { return false }
    while true {
      skipBlanks(&rest)
      if rest.isEmpty { return true }
      guard skip(UInt8(ascii: ";"), &rest) else { return false }
      skipBlanks(&rest)
      guard token(&rest), skip(UInt8(ascii: "="), &rest), quoted(&rest) || token(&rest) else { return false }
    }
  }

  /// One or more characters that are no blank, control or separator.
  private static func token(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
    let count = rest.prefix { (0x21...0x7e).contains($0) && !isSeparator($0) }.count
    rest = rest.dropFirst(count)
    return count > 0
  }

  /// `tspecials` of RFC 2045.
  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "@"),
      UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\\"), UInt8(ascii: "\""),
      UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "?"), UInt8(ascii: "="):
      true
    default: false
    }
  }

  /// A quoted string; where it does not end, nothing is taken.
  private static func quoted(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
    guard rest.first == UInt8(ascii: "\"") else { return false }
    var index = rest.startIndex + 1
    while index < rest.endIndex {
      switch rest[index] {
      case UInt8(ascii: "\""):
        rest = rest[(index + 1)...]
        return true
      case UInt8(ascii: "\\"): index += 2
      default: index += 1
      }
    }
    return false
  }

  private static func skip(_ byte: UInt8, _ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func skipBlanks(_ rest: inout Slice<UnsafeRawBufferPointer>) {
    rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
  }
}
