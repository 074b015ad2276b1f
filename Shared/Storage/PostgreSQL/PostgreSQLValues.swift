import CPostgres

/// The declared types of arguments, by their fixed object ids (`pg_type.dat`).
enum PostgreSQLType: UInt32, Sendable, Hashable {
  case bytea = 17
  case int8 = 20
  case text = 25
  case float8 = 701
  case byteaArray = 1_001
  case textArray = 1_009
  case int8Array = 1_016
  case float8Array = 1_022

  /// Returns the type of a value; nil for null, which has none.
  init?(_ value: SQLValue) {
    switch value {
    case .null: return nil
    case .integer: self = .int8
    case .real: self = .float8
    case .text: self = .text
    case .blob: self = .bytea
    }
  }

  /// The type of an array with this element type; nil if this is an array type itself.
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

/// Decodes result values, which the server sends in text format, for every type that occurs in the services' queries.
enum PostgreSQLDecoding {
  private static let bool: UInt32 = 16
  private static let integers: Set<UInt32> = [20, 21, 23, 26]
  private static let reals: Set<UInt32> = [700, 701]
  /// The type of `sum` over integers.
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
      throw StorageError(.unreadable, "PostgreSQL returned \"\(text)\", which is not a valid number of type \(type)")
    }
    return value
  }

  /// Decodes `\x` followed by hexadecimal digits.
  private static func blob(_ text: UnsafeBufferPointer<UInt8>) throws(StorageError) -> [UInt8] {
    guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
    else { throw StorageError(.unreadable, "PostgreSQL returned a bytea value that is not in hex format") }
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

/// Statement arguments in libpq's format: numbers and text in text format, bytes and arrays in binary format.
struct PostgreSQLArguments {
  private var bytes: [UInt8] = []
  private var slots: [(offset: Int, count: Int, isBinary: Bool)?] = []

  init(_ values: [SQLValue]) throws(StorageError) {
    for value in values {
      try value.rejectNUL()
      switch value {
      case .null: slots.append(nil)
      case .integer(let number): append(String(number).utf8, isBinary: false)
      case .real(let number): append(String(number).utf8, isBinary: false)
      case .text(let text): append(text.utf8, isBinary: false)
      case .blob(let blob): append(blob, isBinary: true)
      }
    }
  }

  init(_ arrays: [SQLArray]) {
    for array in arrays {
      let start = bytes.count
      array.write(to: &bytes)
      slots.append((start, bytes.count - start, true))
    }
  }

  private mutating func append(_ value: some Collection<UInt8>, isBinary: Bool) {
    slots.append((bytes.count, value.count, isBinary))
    bytes.append(contentsOf: value)
    // Text must be NUL-terminated; after binary values the NUL is harmless.
    bytes.append(0)
  }

  /// Calls the body with the values, lengths and formats of the arguments. The pointers are valid only inside the body.
  func withPointers<R>(
    _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> R
  ) -> R {
    bytes.withUnsafeBytes { buffer in
      let start = buffer.bindMemory(to: CChar.self).baseAddress
      return body(
        slots.map { slot in slot.flatMap { slot in start.map { $0 + slot.offset } } },
        slots.map { Int32($0?.count ?? 0) }, slots.map { $0?.isBinary == true ? 1 : 0 })
    }
  }
}

/// The server's reply to one command.
struct PostgreSQLResult {
  /// The returned rows.
  let rows: [Row]
  /// The number of rows that the command inserted, updated or deleted.
  let affected: Int
  /// The command tag, such as `INSERT 0 1`.
  let tag: String

  init(_ result: OpaquePointer) throws(StorageError) {
    tag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
    affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    let columns = (0..<PQnfields(result)).map { column in
      (name: PQfname(result, column).map { String(cString: $0) } ?? "", type: PQftype(result, column))
    }
    let names = columns.map(\.name)
    var rows: [Row] = []
    rows.reserveCapacity(Int(PQntuples(result)))
    for row in 0..<PQntuples(result) {
      var values: [SQLValue] = []
      values.reserveCapacity(columns.count)
      for (column, type) in columns.map(\.type).enumerated() {
        values.append(try Self.value(result, row, Int32(column), type))
      }
      rows.append(Row(columns: names, values: values))
    }
    self.rows = rows
  }

  private static func value(
    _ result: OpaquePointer, _ row: Int32, _ column: Int32, _ type: Oid
  ) throws(StorageError) -> SQLValue {
    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
    let count = Int(PQgetlength(result, row, column))
    let bytes = UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
    return try PostgreSQLDecoding.value(bytes, type: type)
  }
}

/// The values of one column for many rows, sent to a server as one array, which `unnest` turns back into rows.
///
/// It is built directly in PostgreSQL's binary format (`array_send`), so that values are copied without boxing.
public struct SQLArray: Sendable {
  /// The number of values.
  public private(set) var count = 0
  /// The array's own type.
  let type: PostgreSQLType
  private let element: PostgreSQLType
  /// The length and bytes of each value; a length of -1 means null.
  private var values: [UInt8] = []
  private var hasNulls = false

  private init(_ type: PostgreSQLType, of element: PostgreSQLType) {
    self.type = type
    self.element = element
  }

  /// An empty `BIGINT[]`.
  public static var integers: SQLArray { SQLArray(.int8Array, of: .int8) }
  /// An empty `TEXT[]`.
  public static var texts: SQLArray { SQLArray(.textArray, of: .text) }
  /// An empty `BYTEA[]`.
  public static var blobs: SQLArray { SQLArray(.byteaArray, of: .bytea) }

  /// Creates a `BIGINT[]` of the numbers.
  public static func integers(_ numbers: some Sequence<Int64>) -> SQLArray {
    var array = SQLArray.integers
    for number in numbers { array.append(number) }
    return array
  }

  /// Appends a number to an array of numbers.
  public mutating func append(_ number: Int64) {
    withUnsafeBytes(of: number.bigEndian) { append($0) }
  }

  /// Appends bytes. In an array of texts, they must be UTF-8 without U+0000.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    Self.append(Int32(bytes.count), to: &values)
    values.append(contentsOf: bytes)
    count += 1
  }

  /// Appends the encoded array, which has one dimension with lower bound 1, to the bytes.
  func write(to bytes: inout [UInt8]) {
    for number in [1, hasNulls ? 1 : 0, Int32(element.rawValue), Int32(count), 1] { Self.append(number, to: &bytes) }
    bytes.append(contentsOf: values)
  }

  private static func append(_ number: Int32, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}

extension SQLArray {
  /// Creates an empty array of values of the type; nil if it is an array type itself.
  init?(of element: PostgreSQLType) {
    guard let type = element.array else { return nil }
    self.init(type, of: element)
  }

  /// The size of the encoded values in bytes.
  var size: Int { values.count }

  /// Appends a value of the array's element type, or null.
  mutating func append(_ value: SQLValue) {
    switch value {
    case .null:
      Self.append(Int32(-1), to: &values)
      count += 1
      hasNulls = true
    case .integer(let number): append(number)
    case .real(let number): withUnsafeBytes(of: number.bitPattern.bigEndian) { append($0) }
    case .text(let text):
      var text = text
      text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    case .blob(let bytes): bytes.withUnsafeBytes { append($0) }
    }
  }
}
