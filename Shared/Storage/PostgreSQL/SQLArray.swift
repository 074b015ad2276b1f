/// The values of one column for many rows, which go to a server as one array, for `unnest` to make rows of again.
///
/// It is in PostgreSQL's binary form from the start (`array_send`), so that bytes are copied and nothing is boxed.
public struct SQLArray: Sendable {
  /// How many values there are.
  public private(set) var count = 0
  /// The array's own type, and that of its elements.
  let type: PostgreSQLType
  private let element: PostgreSQLType
  /// For each value its length and its bytes; a length of -1 for null.
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

  /// A `BIGINT[]` of these.
  public static func integers(_ numbers: some Sequence<Int64>) -> SQLArray {
    var array = SQLArray.integers
    for number in numbers { array.append(number) }
    return array
  }

  /// Adds a number to an array of numbers.
  public mutating func append(_ number: Int64) {
    withUnsafeBytes(of: number.bigEndian) { append($0) }
  }

  /// Adds bytes, in an array of texts those of a text in UTF-8, which has no U+0000.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    Self.append(Int32(bytes.count), to: &values)
    values.append(contentsOf: bytes)
    count += 1
  }

  /// The whole array: one dimension that counts from 1.
  func write(to bytes: inout [UInt8]) {
    for number in [1, hasNulls ? 1 : 0, Int32(element.rawValue), Int32(count), 1] { Self.append(number, to: &bytes) }
    bytes.append(contentsOf: values)
  }

  private static func append(_ number: Int32, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}

extension SQLArray {
  /// An empty array of values of that type; nil for what is an array itself.
  init?(of element: PostgreSQLType) {
    guard let type = element.array else { return nil }
    self.init(type, of: element)
  }

  /// Bytes of what is in it.
  var size: Int { values.count }

  /// Adds a value of the array's type, or null.
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
