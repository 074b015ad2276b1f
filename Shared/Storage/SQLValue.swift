public import LaunchModel

/// A value in one of the types that both engines can store.
public enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

extension SQLValue {
  /// Throws for text that contains U+0000: PostgreSQL cannot store it, and SQLite returns only the part before it.
  func rejectNUL() throws(StorageError) {
    guard case .text(let text) = self, text.utf8.contains(0) else { return }
    throw StorageError(.value, "cannot store a text that contains the character U+0000; remove it")
  }
}

/// A type that can be bound to a `?` placeholder.
///
/// `Timestamp` is stored as whole microseconds since 1970 (`BIGINT`), `LocalDate` as `2027-03-02` (`TEXT`), `Bool` as 0
/// or 1 (`BIGINT`).
public protocol SQLValueConvertible: Sendable {
  /// The stored value.
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
