import Crypto
import LaunchModel

/// The digest of a table, row after row.
///
/// A value is a byte for its type (0 null, 1 whole number, 2 number, 3 text, 4 bytes) and its content: eight bytes, the highest
/// first, of the number or of the number's IEEE 754 bits; texts in UTF-8 and bytes as they are, after their length in eight bytes.
/// The table's name and those of its columns, as texts, go before the rows.
struct TableDigest {
  private let table: String
  private var hash = SHA256()
  private var rows = 0

  init(table: String, columns: [String]) {
    self.table = table
    for name in [table] + columns { add(.text(name)) }
  }

  /// Adds the values of the next row, in the order of the columns.
  mutating func add(_ row: [SQLValue]) {
    rows += 1
    for value in row { add(value) }
  }

  /// The digest of all rows so far.
  func finished() -> MovedTable {
    MovedTable(table: table, rows: rows, digest: Digest.hexDigits(hash.finalize()))
  }

  private mutating func add(_ value: SQLValue) {
    switch value {
    case .null: add(type: 0, [])
    case .integer(let number): add(type: 1, number.bigEndianBytes)
    case .real(let number): add(type: 2, number.bitPattern.bigEndianBytes)
    case .text(let text): add(type: 3, Array(text.utf8), counted: true)
    case .blob(let bytes): add(type: 4, bytes, counted: true)
    }
  }

  private mutating func add(type: UInt8, _ content: [UInt8], counted: Bool = false) {
    hash.update(data: [type])
    if counted { hash.update(data: content.count.bigEndianBytes) }
    hash.update(data: content)
  }
}

extension FixedWidthInteger {
  /// The bytes of the number, the highest first.
  fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
