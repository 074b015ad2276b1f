extension JSONScanner {
  /// Checks a string, from its opening quote to just after its closing quote.
  mutating func string() throws(JSONError) -> StringToken {
    offset += 1
    let start = offset
    var hasEscapes = false
    while true {
      skipPlainASCII()
      guard offset < bytes.count else {
        throw JSONError(.unexpectedEnd, offset: offset, detail: "unterminated string: closing quote missing")
      }
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return StringToken(range: start..<(offset - 1), hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try escape()
      case 0..<0x20:
        throw JSONError(
          .controlCharacter, offset: offset, detail: "unescaped control character in a string; write it as \\u00XX")
      case 0x80...: try multibyte(byte)
      default: offset += 1
      }
    }
  }

  /// Skips ASCII bytes other than quotes, backslashes and control characters, eight at a time.
  @inline(__always)
  private mutating func skipPlainASCII() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let raw = UnsafeRawBufferPointer(bytes)
    while offset + 8 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let quote = word ^ (ones &* 0x22)
      let slash = word ^ (ones &* 0x5c)
      let special = ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash) | ((word &- ones &* 0x20) & ~word) | word
      guard special & highs == 0 else { return }
      offset += 8
    }
  }

  private mutating func escape() throws(JSONError) {
    let start = offset
    guard offset + 1 < bytes.count else {
      throw JSONError(.unexpectedEnd, offset: offset, detail: "unexpected end of JSON within an escape")
    }
    offset += 2
    switch bytes[offset - 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    case UInt8(ascii: "u"):
      let unit = try hexadecimal(from: start)
      guard (0xd800...0xdfff).contains(unit) else { return }
      guard unit < 0xdc00, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
        bytes[offset + 1] == UInt8(ascii: "u")
      else { throw escapeError(from: start, "an unpaired surrogate") }
      offset += 2
      guard (0xdc00...0xdfff).contains(try hexadecimal(from: start)) else {
        throw escapeError(from: start, "an unpaired surrogate")
      }
    default: throw escapeError(from: start, "not one of JSON's escapes")
    }
  }

  private mutating func hexadecimal(from start: Int) throws(JSONError) -> UInt32 {
    guard offset + 4 <= bytes.count else { throw escapeError(from: start, "lacks four hexadecimal digits") }
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = hexDigit(bytes[offset]) else {
        throw escapeError(from: start, "lacks four hexadecimal digits")
      }
      unit = unit << 4 | digit
      offset += 1
    }
    return unit
  }

  private func escapeError(from start: Int, _ reason: String) -> JSONError {
    JSONError(.invalidEscape, offset: start, detail: "invalid escape: \(reason)")
  }

  /// Checks one character of two to four bytes (Unicode 15, table 3-7).
  private mutating func multibyte(_ lead: UInt8) throws(JSONError) {
    let second: ClosedRange<UInt8>
    let length: Int
    switch lead {
    case 0xc2...0xdf: (second, length) = (0x80...0xbf, 2)
    case 0xe0: (second, length) = (0xa0...0xbf, 3)
    case 0xed: (second, length) = (0x80...0x9f, 3)
    case 0xe1...0xef: (second, length) = (0x80...0xbf, 3)
    case 0xf0: (second, length) = (0x90...0xbf, 4)
    case 0xf1...0xf3: (second, length) = (0x80...0xbf, 4)
    case 0xf4: (second, length) = (0x80...0x8f, 4)
    default: throw JSONError(.invalidUTF8, offset: offset, detail: "invalid UTF-8")
    }
    guard offset + length <= bytes.count, second.contains(bytes[offset + 1]),
      (2..<length).allSatisfy({ (0x80...0xbf).contains(bytes[offset + $0]) })
    else { throw JSONError(.invalidUTF8, offset: offset, detail: "invalid UTF-8") }
    offset += length
  }

  private func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x41 + 10)
    case 0x61...0x66: UInt32(byte - 0x61 + 10)
    default: nil
    }
  }
}

extension JSONScanner {
  /// Returns the string with escapes resolved.
  public func text(_ token: StringToken) -> String {
    let slice = UnsafeBufferPointer(rebasing: bytes[token.range])
    return token.hasEscapes ? String(decoding: resolved(token), as: UTF8.self) : String(decoding: slice, as: UTF8.self)
  }

  /// Returns whether the string, with escapes resolved, equals the text.
  public func matches(_ token: StringToken, _ text: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    return token.hasEscapes ? resolved(token).elementsEqual(wanted) : bytes[token.range].elementsEqual(wanted)
  }

  /// Returns the string's UTF-8 bytes with escapes resolved.
  public func resolved(_ token: StringToken) -> [UInt8] {
    guard token.hasEscapes else { return Array(bytes[token.range]) }
    var result: [UInt8] = []
    result.reserveCapacity(token.range.count)
    var index = token.range.lowerBound
    while index < token.range.upperBound {
      guard bytes[index] == UInt8(ascii: "\\") else {
        result.append(bytes[index])
        index += 1
        continue
      }
      index += 2
      switch bytes[index - 1] {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0c)
      case UInt8(ascii: "n"): result.append(0x0a)
      case UInt8(ascii: "r"): result.append(0x0d)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"): append(unicodeEscape(&index), to: &result)
      default: result.append(bytes[index - 1])
      }
    }
    return result
  }

  /// Returns the scalar of a validated `\u` escape or surrogate pair whose digits start at the index.
  private func unicodeEscape(_ index: inout Int) -> UInt32 {
    let high = checkedUnit(&index)
    guard (0xd800...0xdbff).contains(high) else { return high }
    index += 2
    return 0x10000 + (high - 0xd800) << 10 + (checkedUnit(&index) - 0xdc00)
  }

  private func checkedUnit(_ index: inout Int) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      unit = unit << 4 | (hexDigit(bytes[index]) ?? 0)
      index += 1
    }
    return unit
  }

  private func append(_ value: UInt32, to result: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(value) else { return }
    result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  /// Throws if two keys of the innermost object are equal. Up to 12 keys are compared pairwise, more by their seeded
  /// hashes, so that no input takes quadratic time.
  func rejectDuplicates(from first: Int) throws(JSONError) {
    let own = keys[first...]
    guard own.count > 1 else { return }
    if own.count <= 12, own.allSatisfy({ !$0.hasEscapes }) {
      for (index, key) in zip(own.indices, own).dropFirst() {
        for earlier in own[first..<index] where isSame(earlier, key) { throw duplicate(key) }
      }
      return
    }
    var seen: Set<[UInt8]> = []
    for key in own where !seen.insert(resolved(key)).inserted { throw duplicate(key) }
  }

  @inline(__always)
  private func isSame(_ left: StringToken, _ right: StringToken) -> Bool {
    left.range.count == right.range.count && bytes[left.range].elementsEqual(bytes[right.range])
  }

  private func duplicate(_ key: StringToken) -> JSONError {
    JSONError(.duplicateKey, offset: key.range.lowerBound - 1, detail: "duplicate key \"\(text(key))\" in an object")
  }
}
