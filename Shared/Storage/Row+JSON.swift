public import JSON

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
