extension JSONCursor {
  /// Reads a number by the grammar of RFC 8259.
  ///
  /// - Throws: a syntax error, also if the number does not fit a double.
  @usableFromInline
  mutating func number() throws(JSONSyntaxError) -> Number {
    let start = position
    if byte(at: position) == UInt8(ascii: "-") { position += 1 }
    guard position < end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
    if byte(at: position) == UInt8(ascii: "0") {
      position += 1
      if position < end, isDigit(byte(at: position)) { throw JSONSyntaxError(.invalidNumber, at: start) }
    } else {
      try digits(of: start)
    }
    let integerEnd = position
    if position < end, byte(at: position) == UInt8(ascii: ".") {
      position += 1
      try digits(of: start)
    }
    var hasExponent = false
    if position < end, byte(at: position) | 0x20 == UInt8(ascii: "e") {
      hasExponent = true
      position += 1
      if position < end, byte(at: position) == UInt8(ascii: "+") || byte(at: position) == UInt8(ascii: "-") {
        position += 1
      }
      try digits(of: start)
    }
    let number = Number(start: start, count: position - start, isWhole: integerEnd == position)
    // The largest double has 309 digits, so that a number of up to 300 digits without an exponent always fits.
    if hasExponent || number.count > 300, !double(number).isFinite {
      throw JSONSyntaxError(.numberOutOfRange, at: start)
    }
    return number
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Reads one or more digits.
  @inline(__always)
  private mutating func digits(of start: Int) throws(JSONSyntaxError) {
    let first = position
    while position < end, isDigit(byte(at: position)) { position += 1 }
    guard position > first else { throw JSONSyntaxError(position < end ? .invalidNumber : .unexpectedEnd, at: start) }
  }

  /// Returns the number if it is written without fraction and exponent and fits 64 bits; otherwise nil.
  public func integer(_ number: Number) -> Int64? {
    guard number.isWhole else { return nil }
    let isNegative = byte(at: number.start) == UInt8(ascii: "-")
    var value: Int64 = 0
    for index in number.range.dropFirst(isNegative ? 1 : 0) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(byte(at: index) - 0x30)
      let (sum, carries) = isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      guard !overflow, !carries else { return nil }
      value = sum
    }
    return value
  }

  /// Returns the nearest double.
  public func double(_ number: Number) -> Double {
    if let exact = exactDouble(number) { return exact }
    let digits = UnsafeRawBufferPointer(start: base + number.start, count: number.count)
    return Double(String(decoding: digits, as: UTF8.self)) ?? .infinity
  }

  /// Returns the double if the significand is at most 2⁵³ and the power of ten at most 10²², in which case multiplying
  /// or dividing them is correctly rounded, because both are exact doubles.
  ///
  /// William D. Clinger, "How to Read Floating Point Numbers Accurately", 1990.
  private func exactDouble(_ number: Number) -> Double? {
    var index = number.start
    let isNegative = byte(at: index) == UInt8(ascii: "-")
    if isNegative { index += 1 }
    var mantissa: UInt64 = 0
    var scale = 0
    var digits = 0
    var isFraction = false
    while index < number.range.upperBound, byte(at: index) | 0x20 != UInt8(ascii: "e") {
      if byte(at: index) == UInt8(ascii: ".") {
        isFraction = true
      } else {
        digits += 1
        guard digits <= 17 else { return nil }
        mantissa = mantissa * 10 + UInt64(byte(at: index) - 0x30)
        if isFraction { scale -= 1 }
      }
      index += 1
    }
    if index < number.range.upperBound {
      guard let exponent = exponent((index + 1)..<number.range.upperBound) else { return nil }
      scale += exponent
    }
    guard mantissa <= 1 << 53, abs(scale) < Self.powers.count else { return nil }
    let value = scale < 0 ? Double(mantissa) / Self.powers[-scale] : Double(mantissa) * Self.powers[scale]
    return isNegative ? -value : value
  }

  /// Returns the exponent; nil if it has more than three digits.
  private func exponent(_ range: Range<Int>) -> Int? {
    let sign = byte(at: range.lowerBound)
    let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
    let digits = range.dropFirst(isSigned ? 1 : 0)
    guard digits.count <= 3 else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int(byte(at: $1) - 0x30) }
    return sign == UInt8(ascii: "-") ? -value : value
  }

  private static var powers: [Double] { Powers.ofTen }
}

/// Constants, which a noncopyable type cannot store.
private enum Powers {
  static let ofTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}

extension JSONCursor {
  /// Reads a string from its opening quote to after the closing one; checks escapes, control characters and UTF-8.
  @usableFromInline
  mutating func string() throws(JSONSyntaxError) -> Text {
    position += 1
    var text = Text(start: position, count: 0)
    while true {
      skipPlainBytes()
      guard position < end else { throw JSONSyntaxError(.unexpectedEnd, at: position, wanted: .closingQuote) }
      let byte = byte(at: position)
      switch byte {
      case UInt8(ascii: "\""):
        text.count = position - text.start
        position += 1
        return text
      case UInt8(ascii: "\\"):
        text.hasEscapes = true
        try escape()
      case 0..<0x20:
        throw JSONSyntaxError(.controlCharacter, at: position)
      case 0x80...:
        text.isASCII = false
        try multibyte(byte)
      default:
        position += 1
      }
    }
  }

  /// Skips plain bytes of a string, eight at a time: not `"`, not `\`, not below 0x20, not 0x80 or above.
  ///
  /// The tests for "has a zero byte" and "has a byte less than" are from Sean Eron Anderson, Bit Twiddling Hacks; the
  /// lowest byte that they find is exact.
  @inline(__always)
  private mutating func skipPlainBytes() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while position + 8 <= end {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let quotes = word ^ (ones &* 0x22)
      let slashes = word ^ (ones &* 0x5c)
      let found =
        (((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word) | word)
        & highs
      if found != 0 {
        position += found.trailingZeroBitCount / 8
        return
      }
      position += 8
    }
  }

  /// Skips one UTF-8 sequence of two to four bytes (the table of well-formed sequences, Unicode 15, table 3-7).
  private mutating func multibyte(_ lead: UInt8) throws(JSONSyntaxError) {
    let count: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch lead {
    case 0xc2...0xdf: count = 2
    case 0xe0: (count, second) = (3, 0xa0...0xbf)
    case 0xed: (count, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: count = 3
    case 0xf0: (count, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: count = 4
    case 0xf4: (count, second) = (4, 0x80...0x8f)
    default: throw JSONSyntaxError(.invalidUTF8, at: position)
    }
    guard position + count <= end, second.contains(byte(at: position + 1)) else {
      throw JSONSyntaxError(.invalidUTF8, at: position)
    }
    for index in 2..<max(count, 2) where byte(at: position + index) & 0xc0 != 0x80 {
      throw JSONSyntaxError(.invalidUTF8, at: position)
    }
    position += count
  }

  private mutating func escape() throws(JSONSyntaxError) {
    guard position + 1 < end else { throw JSONSyntaxError(.unexpectedEnd, at: end, wanted: .closingQuote) }
    switch byte(at: position + 1) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      let unit = try hexUnit(at: position + 2)
      guard unit & 0xfc00 != 0xdc00 else { throw JSONSyntaxError(.invalidEscape, at: position) }
      if unit & 0xfc00 == 0xd800 {
        guard position + 7 < end, byte(at: position + 6) == UInt8(ascii: "\\"),
          byte(at: position + 7) == UInt8(ascii: "u"), try hexUnit(at: position + 8) & 0xfc00 == 0xdc00
        else { throw JSONSyntaxError(.invalidEscape, at: position) }
        position += 6
      }
      position += 6
    default:
      throw JSONSyntaxError(.invalidEscape, at: position)
    }
  }

  /// Returns the UTF-16 code unit of four hexadecimal digits.
  private func hexUnit(at start: Int) throws(JSONSyntaxError) -> UInt16 {
    guard start + 4 <= end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
    var unit: UInt16 = 0
    for index in start..<start + 4 {
      guard let digit = byte(at: index).hexDigitValue else { throw JSONSyntaxError(.invalidEscape, at: start) }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  /// Returns the string's bytes with escapes resolved.
  public func unescaped(_ text: Text) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = text.start
    while index < text.start + text.count {
      let current = byte(at: index)
      guard current == UInt8(ascii: "\\") else {
        result.append(current)
        index += 1
        continue
      }
      index = appendEscape(at: index, to: &result)
    }
    return result
  }

  /// Appends the character of an escape, and returns the index after it.
  private func appendEscape(at index: Int, to result: inout [UInt8]) -> Int {
    switch byte(at: index + 1) {
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0c)
    case UInt8(ascii: "n"): result.append(0x0a)
    case UInt8(ascii: "r"): result.append(0x0d)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      let high = UInt32(acceptedUnit(at: index + 2))
      guard high & 0xfc00 == 0xd800 else {
        append(high, to: &result)
        return index + 6
      }
      let low = UInt32(acceptedUnit(at: index + 8))
      append(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00), to: &result)
      return index + 12
    case let plain: result.append(plain)
    }
    return index + 2
  }

  private func acceptedUnit(at start: Int) -> UInt16 {
    (start..<start + 4).reduce(0) { $0 << 4 | UInt16(byte(at: $1).hexDigitValue ?? 0) }
  }

  private func append(_ scalar: UInt32, to result: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(scalar), let bytes = UTF8.encode(scalar) else { return }
    result.append(contentsOf: bytes)
  }
}

extension JSONCursor {
  /// Returns the string with escapes resolved.
  public func text(_ text: Text) -> String {
    guard !text.hasEscapes else { return String(decoding: unescaped(text), as: UTF8.self) }
    return String(decoding: UnsafeRawBufferPointer(start: base + text.start, count: text.count), as: UTF8.self)
  }

  /// Returns whether the string, with escapes resolved, equals the word.
  public func matches(_ text: Text, _ word: StaticString) -> Bool {
    guard !text.hasEscapes else {
      return unescaped(text).elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
    return JSONKeyStack.Key(start: base + text.start, count: text.count).equals(word)
  }
}

extension UInt8 {
  /// The value of an ASCII hexadecimal digit; nil for any other byte.
  @inlinable @inline(__always)
  public var hexDigitValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
