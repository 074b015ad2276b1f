/// The text form of IPv6 addresses (`IPv6address` of RFC 3986, section 3.2.2).
enum IPv6Address {
  /// Eight groups of up to four hexadecimal digits, the last two also as an IPv4 address, one run of zeros as `::`.
  static func isValid(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    var groups = 0
    var elision = false
    var rest = bytes
    if rest.starts(with: [UInt8(ascii: ":"), UInt8(ascii: ":")]) {
      elision = true
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let group = rest.prefix { $0 != UInt8(ascii: ":") }
      let after = rest[group.endIndex...]
      if after.isEmpty, group.contains(UInt8(ascii: ".")) {
        guard isIPv4(group) else { return false }
        groups += 2
        break
      }
      guard (1...4).contains(group.count), group.allSatisfy({ ASCII.hexDigit($0) != nil }) else { return false }
      groups += 1
      rest = after.dropFirst()
      if after.count == 1 { return false }
      if rest.first == UInt8(ascii: ":") {
        guard !elision else { return false }
        elision = true
        rest = rest.dropFirst()
      }
    }
    return elision ? groups <= 7 : groups == 8
  }

  private static func isIPv4(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
    let octets = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return octets.count == 4
      && octets.allSatisfy { octet in
        octet.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
          && (octet.count == 1 || octet.first != UInt8(ascii: "0"))
          && (Int(String(decoding: octet, as: UTF8.self)).map { $0 <= 255 } ?? false)
      }
  }
}
