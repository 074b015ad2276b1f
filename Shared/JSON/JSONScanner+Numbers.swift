extension JSONScanner {
  /// The number, where it is written without fraction and exponent and fits 64 bits.
  public func integer(_ token: NumberToken) -> Int64? {
    guard token.isWhole else { return nil }
    let isNegative = bytes[token.range.lowerBound] == UInt8(ascii: "-")
    var value: Int64 = 0
    for byte in bytes[token.range].dropFirst(isNegative ? 1 : 0) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(byte - 0x30)
      let (sum, carries) = isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      guard !overflow, !carries else { return nil }
      value = sum
    }
    return value
  }

  /// The nearest double.
  public func double(_ token: NumberToken) -> Double {
    if let exact = exactDouble(token) { return exact }
    return Double(String(decoding: UnsafeBufferPointer(rebasing: bytes[token.range]), as: UTF8.self)) ?? .infinity
  }

  /// Up to 2⁵³ times or divided by a power of ten up to 10²² is exact, because both are doubles and one rounding is made.
  ///
  /// William D. Clinger, "How to Read Floating Point Numbers Accurately", 1990.
  private func exactDouble(_ token: NumberToken) -> Double? {
    var index = token.range.lowerBound
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    var mantissa: UInt64 = 0
    var scale = 0
    var digits = 0
    var isFraction = false
    while index < token.range.upperBound, bytes[index] | 0x20 != UInt8(ascii: "e") {
      if bytes[index] == UInt8(ascii: ".") {
        isFraction = true
      } else {
        digits += 1
        guard digits <= 17 else { return nil }
        mantissa = mantissa * 10 + UInt64(bytes[index] - 0x30)
        if isFraction { scale -= 1 }
      }
      index += 1
    }
    if index < token.range.upperBound {
      guard let exponent = exponent(bytes[(index + 1)..<token.range.upperBound]) else { return nil }
      scale += exponent
    }
    guard mantissa <= 1 << 53, abs(scale) < Self.powers.count else { return nil }
    let value = scale < 0 ? Double(mantissa) / Self.powers[-scale] : Double(mantissa) * Self.powers[scale]
    return isNegative ? -value : value
  }

  /// Nil beyond three digits.
  private func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    let isSigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
    let digits = text.dropFirst(isSigned ? 1 : 0)
    guard digits.count <= 3 else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    return text.first == UInt8(ascii: "-") ? -value : value
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
