extension JSONCursor {
  /// Scans a number by the grammar of RFC 8259; one that no double can hold is a fault.
  mutating func number() throws(ScanFault) -> Kind {
    let start = position
    if byte(at: position) == UInt8(ascii: "-") { position += 1 }
    guard position < end else { throw .json(.unexpectedEnd, at: end) }
    if byte(at: position) == UInt8(ascii: "0") {
      position += 1
      if position < end, isDigit(byte(at: position)) { throw .json(.invalidNumber, at: start) }
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
    // The largest double has 309 digits: without an exponent a shorter number always fits.
    if hasExponent || position - start > 300 { try checkRange(from: start) }
    return integerEnd == position ? .integer(start: start, count: position - start) : .number
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// One digit or more.
  @inline(__always)
  private mutating func digits(of start: Int) throws(ScanFault) {
    let first = position
    while position < end, isDigit(byte(at: position)) { position += 1 }
    guard position > first else { throw .json(position < end ? .invalidNumber : .unexpectedEnd, at: start) }
  }

  private func checkRange(from start: Int) throws(ScanFault) {
    let text = String(decoding: UnsafeRawBufferPointer(start: base + start, count: position - start), as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw .json(.numberOutOfRange, at: start) }
  }
}
