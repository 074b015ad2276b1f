/// Writes values as JSON text, with members in ascending order of their keys' UTF-16 code units.
struct JSONWriter {
  /// The format of numbers and white space.
  enum Style {
    /// No white space; integers are written exactly.
    case compact
    /// Canonical JSON (RFC 8785): no white space; every number is formatted as an ECMAScript double.
    case canonical
    /// One member or element per line, indented by two spaces per level.
    case pretty
  }

  let style: Style
  private(set) var bytes: [UInt8] = []

  init(_ style: Style) { self.style = style }

  mutating func write(_ value: JSONValue, level: Int = 0) {
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .integer(let number):
      let isExact = style != .canonical || number.magnitude <= 1 << 53
      append(isExact ? String(number) : ECMAScriptNumber.text(Double(number)))
    case .number(let number): append(ECMAScriptNumber.text(number))
    case .string(let text): write(text)
    case .array(let elements): write(elements, level)
    case .object(let members): write(members, level)
    }
  }

  private mutating func write(_ elements: [JSONValue], _ level: Int) {
    guard !elements.isEmpty else { return append("[]") }
    append("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { append(",") }
      breakLine(level + 1)
      write(element, level: level + 1)
    }
    breakLine(level)
    append("]")
  }

  private mutating func write(_ members: [String: JSONValue], _ level: Int) {
    guard !members.isEmpty else { return append("{}") }
    append("{")
    var isFirst = true
    for (key, value) in members.sorted(by: { UTF16Order.ascends($0.key, $1.key) }) {
      if !isFirst { append(",") }
      isFirst = false
      breakLine(level + 1)
      write(key)
      append(style == .pretty ? ": " : ":")
      write(value, level: level + 1)
    }
    breakLine(level)
    append("}")
  }

  private mutating func breakLine(_ level: Int) {
    guard style == .pretty else { return }
    bytes.append(0x0a)
    bytes.append(contentsOf: repeatElement(0x20, count: level * 2))
  }

  /// Writes a string, escaping only what RFC 8785, section 3.2.2.2, requires.
  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x08: append("\\b")
      case 0x09: append("\\t")
      case 0x0a: append("\\n")
      case 0x0c: append("\\f")
      case 0x0d: append("\\r")
      case 0..<0x20: append(byte < 0x10 ? "\\u000\(String(byte, radix: 16))" : "\\u00\(String(byte, radix: 16))")
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}

extension JSONValue {
  /// Returns compact JSON with members in ascending order.
  public func serialized() -> [UInt8] { written(.compact) }

  /// Returns canonical JSON (RFC 8785). As the RFC specifies, integers beyond 2⁵³ are rounded to doubles.
  public func canonical() -> [UInt8] { written(.canonical) }

  /// Returns indented JSON, two spaces per level, with members in ascending order and no trailing newline.
  public func pretty() -> String { String(decoding: written(.pretty), as: UTF8.self) }

  private func written(_ style: JSONWriter.Style) -> [UInt8] {
    var writer = JSONWriter(style)
    writer.write(self)
    return writer.bytes
  }
}

/// Orders strings by UTF-16 code units (RFC 8785, section 3.2.3).
enum UTF16Order {
  /// Returns whether the left string precedes the right one.
  ///
  /// UTF-16 order equals UTF-8 byte order except for characters beyond U+FFFF, whose surrogates sort before U+E000.
  static func ascends(_ left: String, _ right: String) -> Bool {
    var (left, right) = (left.utf8.makeIterator(), right.utf8.makeIterator())
    while true {
      guard let second = right.next() else { return false }
      guard let first = left.next() else { return true }
      if first != second { return weight(first) < weight(second) }
    }
  }

  /// Returns the sort weight of a UTF-8 byte: lead bytes of four-byte characters (0xf0 and up) sort between 0xed and
  /// 0xee.
  private static func weight(_ byte: UInt8) -> Int {
    switch byte {
    case 0xf0...: Int(byte) - 2
    case 0xee, 0xef: Int(byte) + 16
    default: Int(byte)
    }
  }
}

/// Formats numbers like ECMAScript (ECMA-262, Number::toString).
enum ECMAScriptNumber {
  /// Returns the shortest text that parses to the same double; `null` for non-finite values, which JSON cannot
  /// represent.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    guard value != 0 else { return "0" }
    let (digits, point) = decimal(value.magnitude)
    return (value < 0 ? "-" : "") + text(digits, point)
  }

  /// Returns the shortest digits and the position of the decimal point: for 0.00123, `123` and -2.
  private static func decimal(_ magnitude: Double) -> (digits: String, point: Int) {
    let parts = magnitude.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let whole = mantissa[0]
    let fraction = mantissa.count > 1 ? mantissa[1] : ""
    let all = whole + fraction
    let leading = all.prefix { $0 == "0" }.count
    var digits = all.dropFirst(leading)
    while digits.last == "0" { digits.removeLast() }
    return (String(digits), whole.count - leading + exponent)
  }

  private static func text(_ digits: String, _ point: Int) -> String {
    let count = digits.count
    if count <= point, point <= 21 { return digits + zeros(point - count) }
    if 0 < point, point <= 21 { return "\(digits.prefix(point)).\(digits.dropFirst(point))" }
    if -6 < point, point <= 0 { return "0.\(zeros(-point))\(digits)" }
    let exponent = point - 1
    let mantissa = count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
    return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(abs(exponent))"
  }

  private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}
