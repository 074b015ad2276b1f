/// The types that arguments are declared with, by their fixed object ids (`pg_type.dat`).
enum PostgreSQLType: UInt32, Sendable, Hashable {
  case bytea = 17
  case int8 = 20
  case text = 25
  case float8 = 701
  case byteaArray = 1_001
  case textArray = 1_009
  case int8Array = 1_016
  case float8Array = 1_022

  /// Nil for null, which has none.
  init?(_ value: SQLValue) {
    switch value {
    case .null: return nil
    case .integer: self = .int8
    case .real: self = .float8
    case .text: self = .text
    case .blob: self = .bytea
    }
  }

  /// The type of arrays of it; nil for what is an array itself.
  var array: PostgreSQLType? {
    switch self {
    case .bytea: .byteaArray
    case .int8: .int8Array
    case .text: .textArray
    case .float8: .float8Array
    case .byteaArray, .textArray, .int8Array, .float8Array: nil
    }
  }
}

/// How results of every type the services can meet are read; all of them come as text.
enum PostgreSQLDecoding {
  private static let bool: UInt32 = 16
  private static let integers: Set<UInt32> = [20, 21, 23, 26]
  private static let reals: Set<UInt32> = [700, 701]
  /// What `sum` of whole numbers is.
  private static let numeric: UInt32 = 1_700

  static func value(_ bytes: UnsafeBufferPointer<UInt8>, type: UInt32) throws(StorageError) -> SQLValue {
    if type == PostgreSQLType.bytea.rawValue { return .blob(try blob(bytes)) }
    let text = String(decoding: bytes, as: UTF8.self)
    let value: SQLValue? =
      switch type {
      case bool: .integer(text == "t" ? 1 : 0)
      case numeric: Int64(text).map { .integer($0) } ?? Double(text).map { .real($0) }
      case _ where integers.contains(type): Int64(text).map { .integer($0) }
      case _ where reals.contains(type): Double(text).map { .real($0) }
      default: .text(text)
      }
    guard let value else {
      throw StorageError(.unreadable, "PostgreSQL answered \"\(text)\" for a number of type \(type)")
    }
    return value
  }

  /// From `\x` and hexadecimal digits.
  private static func blob(_ text: UnsafeBufferPointer<UInt8>) throws(StorageError) -> [UInt8] {
    guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
    else { throw StorageError(.unreadable, "PostgreSQL answered bytes that are not in hexadecimal") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2 - 1)
    for index in stride(from: 2, to: text.count, by: 2) {
      bytes.append(digit(text[index]) << 4 | digit(text[index + 1]))
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8 {
    byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : (byte | 0x20) - UInt8(ascii: "a") + 10
  }
}
