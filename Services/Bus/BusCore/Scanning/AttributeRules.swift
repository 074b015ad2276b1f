import Glibc
import JSON

/// The CloudEvents 1.0 rules for attribute names and values, each over the unescaped bytes of one text.
enum AttributeRules {
  /// Whether the bytes are an attribute name: one or more of `a-z` and `0-9`.
  static func isName(_ bytes: UnsafeRawBufferPointer) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
  }

  /// Whether the bytes are a `String` of the CloudEvents type system: no control characters (U+0000 to U+001F, U+007F
  /// to U+009F) and no noncharacters.
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

  /// Whether the text has no replacement character (U+FFFD), which marks lost text: two damaged ids could become equal.
  static func isUndamaged(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress, memchr(start, 0xef, bytes.count) != nil else { return true }
    return !String(decoding: bytes, as: UTF8.self).unicodeScalars.contains("\u{fffd}")
  }

  /// Whether the bytes are padded base64 (RFC 4648, section 4). Empty is valid.
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

  /// Whether the bytes are an RFC 3339 date-time of a day that exists. Lowercase `t` and `z` and second 60 are valid,
  /// as in the RFC.
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

extension AttributeRules {
  /// Whether the bytes are `type/subtype` with parameters (RFC 2045, section 5.1, to which RFC 2046 refers).
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

  /// Consumes a token: one or more characters that are not blanks, controls or separators.
  private static func token(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
    let count = rest.prefix { (0x21...0x7e).contains($0) && !isSeparator($0) }.count
    rest = rest.dropFirst(count)
    return count > 0
  }

  /// Whether the byte is one of the `tspecials` of RFC 2045.
  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "@"),
      UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\\"), UInt8(ascii: "\""),
      UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "?"), UInt8(ascii: "="):
      true
    default: false
    }
  }

  /// Consumes a quoted string, or nothing if it is not terminated.
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

extension AttributeRules {
  /// Whether the bytes are a non-empty URI-reference (RFC 3986, section 4.1).
  static func isURIReference(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard !bytes.isEmpty else { return false }
    guard let colon = schemeEnd(bytes) else {
      // Without a scheme, the first path segment must not contain a colon.
      let firstSegment = bytes.prefix { !URIClass.of($0).contains(.segmentEnd) }
      return !firstSegment.contains(UInt8(ascii: ":")) && isHierarchy(bytes[...])
    }
    return isHierarchy(bytes[(colon + 1)...])
  }

  /// Whether the bytes are a URI with a scheme (RFC 3986, section 3). A fragment is allowed, as in the JSON schema of
  /// CloudEvents.
  static func isURI(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let colon = schemeEnd(bytes) else { return false }
    return isHierarchy(bytes[(colon + 1)...])
  }

  /// Returns the index of the colon after a scheme, or nil if there is no scheme.
  private static func schemeEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let first = bytes.first, URIClass.of(first).contains(.letter) else { return nil }
    guard let end = bytes.firstIndex(where: { !URIClass.of($0).contains(.scheme) }), bytes[end] == UInt8(ascii: ":")
    else { return nil }
    return end
  }

  /// Whether the bytes are valid after a scheme: authority, path, query, fragment.
  private static func isHierarchy(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    var rest = bytes
    if rest.starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")]) {
      rest = rest.dropFirst(2)
      let authority = rest.prefix { !URIClass.of($0).contains(.segmentEnd) }
      guard isAuthority(authority) else { return false }
      rest = rest[authority.endIndex...]
    }
    let path = rest.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    guard consists(path, of: .path) else { return false }
    rest = rest[path.endIndex...]
    if rest.first == UInt8(ascii: "?") {
      let query = rest.dropFirst().prefix { $0 != UInt8(ascii: "#") }
      guard consists(query, of: .query) else { return false }
      rest = rest[query.endIndex...]
    }
    return rest.isEmpty || consists(rest.dropFirst(), of: .query)
  }

  private static func isAuthority(_ authority: Slice<UnsafeRawBufferPointer>) -> Bool {
    var host = authority
    if let at = authority.firstIndex(of: UInt8(ascii: "@")) {
      guard consists(authority[..<at], of: .userInfo) else { return false }
      host = authority[(at + 1)...]
    }
    if host.first == UInt8(ascii: "[") {
      guard let close = host.firstIndex(of: UInt8(ascii: "]")),
        isAddress(host[(host.startIndex + 1)..<close])
      else { return false }
      return isPort(host[(close + 1)...])
    }
    let name = host.prefix { $0 != UInt8(ascii: ":") }
    return consists(name, of: .host) && isPort(host[name.endIndex...])
  }

  /// Whether the bytes are empty, or a colon followed by digits.
  private static func isPort(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    bytes.isEmpty
      || bytes.first == UInt8(ascii: ":")
        && bytes.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Whether the bytes may be in brackets: an IPv6 address, or an address of a future version.
  private static func isAddress(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard let first = bytes.first, first | 0x20 == UInt8(ascii: "v") else { return IPv6Address.isValid(bytes) }
    let version = bytes.dropFirst().prefix { $0.hexDigitValue != nil }
    let rest = bytes[version.endIndex...]
    return !version.isEmpty && rest.first == UInt8(ascii: ".") && rest.count > 1
      && consists(rest.dropFirst(), of: .userInfo) && !rest.contains(UInt8(ascii: "%"))
  }

  /// Whether all bytes are in the class or percent-encoded.
  private static func consists(_ bytes: Slice<UnsafeRawBufferPointer>, of allowed: URIClass) -> Bool {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == UInt8(ascii: "%") {
        guard index + 2 < bytes.endIndex, bytes[index + 1].hexDigitValue != nil,
          bytes[index + 2].hexDigitValue != nil
        else { return false }
        index += 3
      } else {
        guard !URIClass.of(bytes[index]).isDisjoint(with: allowed) else { return false }
        index += 1
      }
    }
    return true
  }
}

/// The parts of a URI in which a byte may appear unencoded.
struct URIClass: OptionSet {
  let rawValue: UInt8

  static let letter = URIClass(rawValue: 1)
  static let scheme = URIClass(rawValue: 2)
  /// `unreserved` and `sub-delims`.
  static let host = URIClass(rawValue: 4)
  static let userInfo = URIClass(rawValue: 8)
  static let path = URIClass(rawValue: 16)
  /// Query and fragment.
  static let query = URIClass(rawValue: 32)
  /// The bytes that end a path segment and the authority: `/`, `?`, `#`.
  static let segmentEnd = URIClass(rawValue: 64)

  @inline(__always)
  static func of(_ byte: UInt8) -> URIClass { table[Int(byte)] }

  private static let table: [URIClass] = (0...255).map { (byte: UInt8) -> URIClass in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
      [.letter, .scheme, .host, .userInfo, .path, .query]
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      [.scheme, .host, .userInfo, .path, .query]
    case UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"),
      UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: ","),
      UInt8(ascii: ";"), UInt8(ascii: "="):
      [.host, .userInfo, .path, .query]
    case UInt8(ascii: ":"): [.userInfo, .path, .query]
    case UInt8(ascii: "@"): [.path, .query]
    case UInt8(ascii: "/"): [.path, .query, .segmentEnd]
    case UInt8(ascii: "?"): [.query, .segmentEnd]
    case UInt8(ascii: "#"): [.segmentEnd]
    default: []
    }
  }
}

/// The text form of IPv6 addresses (`IPv6address` in RFC 3986, section 3.2.2).
enum IPv6Address {
  /// The length of the longest text, six groups and an IPv4 address: `INET6_ADDRSTRLEN` without the final zero.
  private static let longest = 45

  /// Whether the bytes are an `IPv6address` of RFC 3986, section 3.2.2, which is exactly what `inet_pton` accepts.
  ///
  /// A zone id is not part of it. A zero byte, which would end the text in C, is never valid.
  static func isValid(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard bytes.count <= longest, !bytes.contains(0) else { return false }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: longest + 1) { text in
      for (index, byte) in bytes.enumerated() { text[index] = CChar(bitPattern: byte) }
      text[bytes.count] = 0
      var address = in6_addr()
      return inet_pton(AF_INET6, text.baseAddress, &address) == 1
    }
  }
}
