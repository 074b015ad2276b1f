public import JSON
public import LaunchModel

/// One row of a result, with access to columns by name.
///
/// The accessors throw `StorageError` with code `.column` if the column is missing, is null or has another type. The
/// `optional…` variants return nil for null.
public struct Row: Sendable {
  private let columns: [String]
  /// The values in the order of the result's columns.
  let values: [SQLValue]

  init(columns: [String], values: [SQLValue]) {
    self.columns = columns
    self.values = values
  }

  /// Returns the column's value, of any type.
  public func value(_ column: String) throws -> SQLValue {
    guard let index = columns.firstIndex(of: column) else {
      throw StorageError(.column, "the result has no column \"\(column)\"; it has \(columns.joined(separator: ", "))")
    }
    return values[index]
  }

  private func mismatch(_ column: String, _ wanted: String, _ found: SQLValue) -> StorageError {
    StorageError(.column, "column \"\(column)\": expected \(wanted), found \(found)")
  }

  private func required<T>(_ column: String, _ wanted: String, _ value: T?) throws -> T {
    guard let value else { throw mismatch(column, wanted, .null) }
    return value
  }
}

extension Row {
  /// Returns the text; nil if null.
  public func optionalText(_ column: String) throws -> String? {
    switch try value(column) {
    case .null: return nil
    case .text(let text): return text
    case let other: throw mismatch(column, "text", other)
    }
  }

  /// Returns the integer; nil if null.
  public func optionalInteger(_ column: String) throws -> Int64? {
    switch try value(column) {
    case .null: return nil
    case .integer(let number): return number
    case let other: throw mismatch(column, "an integer", other)
    }
  }

  /// Returns the number; nil if null. Integers are converted.
  public func optionalReal(_ column: String) throws -> Double? {
    switch try value(column) {
    case .null: return nil
    case .real(let number): return number
    case .integer(let number): return Double(number)
    case let other: throw mismatch(column, "a number", other)
    }
  }

  /// Returns the bytes; nil if null.
  public func optionalBlob(_ column: String) throws -> [UInt8]? {
    switch try value(column) {
    case .null: return nil
    case .blob(let bytes): return bytes
    case let other: throw mismatch(column, "bytes", other)
    }
  }

  /// Returns the text.
  public func text(_ column: String) throws -> String {
    try required(column, "text", try optionalText(column))
  }

  /// Returns the integer.
  public func integer(_ column: String) throws -> Int64 {
    try required(column, "an integer", try optionalInteger(column))
  }

  /// Returns the number. Integers are converted.
  public func real(_ column: String) throws -> Double {
    try required(column, "a number", try optionalReal(column))
  }

  /// Returns the bytes.
  public func blob(_ column: String) throws -> [UInt8] {
    try required(column, "bytes", try optionalBlob(column))
  }
}

extension Row {
  /// Returns the integer as `Int`.
  public func int(_ column: String) throws -> Int { Int(try integer(column)) }

  /// Returns the integer as `Int`; nil if null.
  public func optionalInt(_ column: String) throws -> Int? { try optionalInteger(column).map { Int($0) } }

  /// Returns false for 0, true for any other integer.
  public func bool(_ column: String) throws -> Bool { try integer(column) != 0 }

  /// Returns false for 0, true for any other integer; nil if null.
  public func optionalBool(_ column: String) throws -> Bool? { try optionalInteger(column).map { $0 != 0 } }

  /// Returns the time that is stored as microseconds since 1970.
  public func timestamp(_ column: String) throws -> Timestamp {
    Timestamp(microseconds: try integer(column))
  }

  /// Returns the time that is stored as microseconds since 1970; nil if null.
  public func optionalTimestamp(_ column: String) throws -> Timestamp? {
    try optionalInteger(column).map { Timestamp(microseconds: $0) }
  }

  /// Returns the date that is stored as text such as `2027-03-02`.
  public func date(_ column: String) throws -> LocalDate {
    try required(column, "a date", try optionalDate(column))
  }

  /// Returns the date that is stored as text such as `2027-03-02`; nil if null.
  public func optionalDate(_ column: String) throws -> LocalDate? {
    guard let text = try optionalText(column) else { return nil }
    guard let date = LocalDate(text) else { throw mismatch(column, "a date", .text(text)) }
    return date
  }
}

extension Row {
  /// Returns the parsed JSON of a text column.
  public func json(_ column: String) throws -> JSONValue {
    let text = try text(column)
    do {
      return try JSONValue(parsing: text.utf8)
    } catch {
      throw StorageError(.unreadable, "column \"\(column)\" does not contain valid JSON", underlying: error)
    }
  }

  /// Returns the value that a text column stores as JSON, as written by `SQLValue.json`.
  public func json<T: Decodable>(_ column: String, as type: T.Type) throws -> T {
    let text = try text(column)
    do {
      return try JSONCoding.decode(type, from: Array(text.utf8))
    } catch {
      throw StorageError(.unreadable, "column \"\(column)\" does not contain a \(type) as JSON", underlying: error)
    }
  }
}

extension SQLValue {
  /// Encodes a value as JSON text, for a `TEXT` column.
  public static func json(_ value: some Encodable) throws -> SQLValue {
    do {
      return .text(String(decoding: try JSONCoding.encode(value), as: UTF8.self))
    } catch {
      throw StorageError(.unreadable, "cannot encode \(type(of: value)) as JSON", underlying: error)
    }
  }
}
