extension AttributeRules {
  /// A URI-reference of RFC 3986, section 4.1, not empty.
  static func isURIReference(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard !bytes.isEmpty else { return false }
    guard let colon = schemeEnd(bytes) else {
      // Without a scheme the first segment of the path has no colon.
      let firstSegment = bytes.prefix { !URIClass.of($0).contains(.segmentEnd) }
      return !firstSegment.contains(UInt8(ascii: ":")) && isHierarchy(bytes[...])
    }
    return isHierarchy(bytes[(colon + 1)...])
  }

  /// A URI of RFC 3986, section 3: with a scheme. A fragment is allowed, as the JSON schema of CloudEvents allows it.
  static func isURI(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let colon = schemeEnd(bytes) else { return false }
    return isHierarchy(bytes[(colon + 1)...])
  }

  /// The place of the colon after a scheme, nil where there is no scheme.
  private static func schemeEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard let first = bytes.first, URIClass.of(first).contains(.letter) else { return nil }
    guard let end = bytes.firstIndex(where: { !URIClass.of($0).contains(.scheme) }), bytes[end] == UInt8(ascii: ":")
    else { return nil }
    return end
  }

  /// Everything after the scheme: authority, path, query, fragment.
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

  /// Empty, or a colon and digits.
  private static func isPort(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    bytes.isEmpty
      || bytes.first == UInt8(ascii: ":")
        && bytes.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// What may stand in brackets: an IPv6 address or an address of a version to come.
  private static func isAddress(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard let first = bytes.first, first | 0x20 == UInt8(ascii: "v") else { return IPv6Address.isValid(bytes) }
    let version = bytes.dropFirst().prefix { ASCII.hexDigit($0) != nil }
    let rest = bytes[version.endIndex...]
    return !version.isEmpty && rest.first == UInt8(ascii: ".") && rest.count > 1
      && consists(rest.dropFirst(), of: .userInfo) && !rest.contains(UInt8(ascii: "%"))
  }

  /// Whether all bytes are of the class, or percent-encoded.
  private static func consists(_ bytes: Slice<UnsafeRawBufferPointer>, of allowed: URIClass) -> Bool {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == UInt8(ascii: "%") {
        guard index + 2 < bytes.endIndex, ASCII.hexDigit(bytes[index + 1]) != nil,
          ASCII.hexDigit(bytes[index + 2]) != nil
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

/// Where in a URI a byte may stand unencoded.
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
  /// What ends a segment of the path, and the authority: `/`, `?`, `#`.
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
