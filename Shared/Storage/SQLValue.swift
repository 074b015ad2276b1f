public import LaunchModel

/// A value as it is stored: the types that both engines have.
public enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

extension SQLValue {
  /// PostgreSQL keeps no text with U+0000, and SQLite gives back only what stands before it.
  func refuseZeroCharacter() throws(StorageError) {
    guard case .text(let text) = self, text.utf8.contains(0) else { return }
    throw StorageError(.value, "a text holds the character U+0000, which cannot be stored")
  }
}

/// What can stand for a `?` placeholder.
///
/// `Timestamp` is stored as whole microseconds since 1970 (`BIGINT`), `LocalDate` as `2027-03-02` (`TEXT`), `Bool` as 0 or 1
/// (`BIGINT`).
public protocol SQLValueConvertible: Sendable {
  /// The value as it is stored.
  var sqlValue: SQLValue { get }
}

extension SQLValue: SQLValueConvertible {
  public var sqlValue: SQLValue { self }
}

extension Int64: SQLValueConvertible {
  public var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLValueConvertible {
  public var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Double: SQLValueConvertible {
  public var sqlValue: SQLValue { .real(self) }
}

extension Bool: SQLValueConvertible {
  public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}

extension String: SQLValueConvertible {
  public var sqlValue: SQLValue { .text(self) }
}

extension [UInt8]: SQLValueConvertible {
  public var sqlValue: SQLValue { .blob(self) }
}

extension Optional: SQLValueConvertible where Wrapped: SQLValueConvertible {
  public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

extension Timestamp: SQLValueConvertible {
  public var sqlValue: SQLValue { .integer(microseconds) }
}

extension LocalDate: SQLValueConvertible {
  public var sqlValue: SQLValue { .text(description) }
}

extension LaunchID: SQLValueConvertible {
  public var sqlValue: SQLValue { .text(rawValue) }
}
