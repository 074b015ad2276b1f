public import JSON
public import LaunchModel

/// One row of a result; its columns are asked for by name.
///
/// A column that is not there, is null, or holds another type throws `StorageError` with code `.column`; the `optional…`
/// forms give nil for null.
public struct Row: Sendable {
  private let columns: [String]
  /// In the order of the result.
  let values: [SQLValue]

  init(columns: [String], values: [SQLValue]) {
    self.columns = columns
    self.values = values
  }

  /// The value of the column, whatever its type.
  public func value(_ column: String) throws -> SQLValue {
    guard let index = columns.firstIndex(of: column) else {
      throw StorageError(.column, "the result has no column \"\(column)\", only \(columns.joined(separator: ", "))")
    }
    return values[index]
  }

  private func mismatch(_ column: String, _ wanted: String, _ found: SQLValue) -> StorageError {
    StorageError(.column, "column \"\(column)\" should hold \(wanted) and holds \(found)")
  }

  private func required<T>(_ column: String, _ wanted: String, _ value: T?) throws -> T {
    guard let value else { throw mismatch(column, wanted, .null) }
    return value
  }
}

extension Row {
  /// The text, or nil where it is null.
  public func optionalText(_ column: String) throws -> String? {
    switch try value(column) {
    case .null: return nil
    case .text(let text): return text
    case let other: throw mismatch(column, "text", other)
    }
  }

  /// The whole number, or nil where it is null.
  public func optionalInteger(_ column: String) throws -> Int64? {
    switch try value(column) {
    case .null: return nil
    case .integer(let number): return number
    case let other: throw mismatch(column, "a whole number", other)
    }
  }

  /// The number, or nil where it is null.
  public func optionalReal(_ column: String) throws -> Double? {
    switch try value(column) {
    case .null: return nil
    case .real(let number): return number
    case .integer(let number): return Double(number)
    case let other: throw mismatch(column, "a number", other)
    }
  }

  /// The bytes, or nil where it is null.
  public func optionalBlob(_ column: String) throws -> [UInt8]? {
    switch try value(column) {
    case .null: return nil
    case .blob(let bytes): return bytes
    case let other: throw mismatch(column, "bytes", other)
    }
  }

  /// The text.
  public func text(_ column: String) throws -> String {
    try required(column, "text", try optionalText(column))
  }

  /// The whole number.
  public func integer(_ column: String) throws -> Int64 {
    try required(column, "a whole number", try optionalInteger(column))
  }

  /// The number.
  public func real(_ column: String) throws -> Double {
    try required(column, "a number", try optionalReal(column))
  }

  /// The bytes.
  public func blob(_ column: String) throws -> [UInt8] {
    try required(column, "bytes", try optionalBlob(column))
  }
}

extension Row {
  /// A whole number as `Int`.
  public func int(_ column: String) throws -> Int { Int(try integer(column)) }

  /// A whole number as `Int`, or nil for null.
  public func optionalInt(_ column: String) throws -> Int? { try optionalInteger(column).map { Int($0) } }

  /// False for 0, true for any other number.
  public func bool(_ column: String) throws -> Bool { try integer(column) != 0 }

  /// A moment stored as microseconds.
  public func timestamp(_ column: String) throws -> Timestamp {
    Timestamp(microseconds: try integer(column))
  }

  /// A moment stored as microseconds, or nil for null.
  public func optionalTimestamp(_ column: String) throws -> Timestamp? {
    try optionalInteger(column).map { Timestamp(microseconds: $0) }
  }

  /// A date stored as `2027-03-02`.
  public func date(_ column: String) throws -> LocalDate {
    try required(column, "a date", try optionalDate(column))
  }

  /// A date stored as `2027-03-02`, or nil for null.
  public func optionalDate(_ column: String) throws -> LocalDate? {
    guard let text = try optionalText(column) else { return nil }
    guard let date = LocalDate(text) else { throw mismatch(column, "a date", .text(text)) }
    return date
  }
}

extension Row {
  /// The JSON that a text column holds.
  public func json(_ column: String) throws -> JSONValue {
    let text = try text(column)
    do {
      return try JSONValue(parsing: text.utf8)
    } catch {
      throw StorageError(.unreadable, "column \"\(column)\" holds no valid JSON", underlying: error)
    }
  }

  /// The value that a text column holds as JSON, as `SQLValue.json` wrote it.
  public func json<T: Decodable>(_ column: String, as type: T.Type) throws -> T {
    let text = try text(column)
    do {
      return try JSONCoding.decode(type, from: Array(text.utf8))
    } catch {
      throw StorageError(.unreadable, "column \"\(column)\" holds no \(type) as JSON", underlying: error)
    }
  }
}

extension SQLValue {
  /// The value as JSON text, for a `TEXT` column.
  public static func json(_ value: some Encodable) throws -> SQLValue {
    do {
      return .text(String(decoding: try JSONCoding.encode(value), as: UTF8.self))
    } catch {
      throw StorageError(.unreadable, "\(type(of: value)) cannot be written as JSON", underlying: error)
    }
  }
}
