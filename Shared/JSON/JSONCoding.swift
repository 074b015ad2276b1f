/// Encodes and decodes `Codable` types as JSON, via `JSONValue` and without Foundation.
public enum JSONCoding {
  /// Encodes a value as compact JSON with members in ascending order.
  ///
  /// - Throws: `EncodingError` for a number that JSON cannot represent.
  public static func encode(_ value: some Encodable) throws -> [UInt8] { try self.value(value).serialized() }

  /// Encodes a value as a `JSONValue`.
  ///
  /// - Throws: `EncodingError` for a number that JSON cannot represent.
  public static func value(_ value: some Encodable) throws -> JSONValue {
    try JSONValueEncoder.encode(value, path: .root)
  }

  /// Parses a JSON text strictly and decodes the type from it.
  ///
  /// - Throws: `JSONError`, with the pointer of the invalid value; any other error that the type's own `init(from:)`
  ///   throws.
  public static func decode<T: Decodable>(
    _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .standard
  ) throws -> T {
    try decode(type, from: try JSONValue(parsing: bytes, limits: limits))
  }

  /// Decodes the type from a value.
  ///
  /// - Throws: `JSONError`, with the pointer of the invalid value; any other error that the type's own `init(from:)`
  ///   throws.
  public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
    do {
      return try JSONValueDecoder(value: value, path: .root).decode(type)
    } catch let error as DecodingError {
      throw JSONError(error)
    }
  }
}

extension JSONError {
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(context.codingPath + [key], "this field is missing")
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      self.init(context.codingPath, context.debugDescription)
    @unknown default:
      self.init([], "\(error)")
    }
  }

  private init(_ path: [any CodingKey], _ detail: String) {
    let pointer = JSONPointer(tokens: path.map { $0.intValue.map(String.init) ?? $0.stringValue })
    self.init(.typeMismatch, pointer: pointer.description, detail: detail)
  }
}

/// The path from the root to a value, as a linked list, which is cheap to extend.
indirect enum CodingPath {
  case root
  case below(CodingPath, any CodingKey)

  var keys: [any CodingKey] {
    var keys: [any CodingKey] = []
    var path = self
    while case .below(let parent, let key) = path {
      keys.append(key)
      path = parent
    }
    return keys.reversed()
  }
}

/// A key or an index as a `CodingKey`.
struct JSONKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = String(intValue)
    self.intValue = intValue
  }

  static let `super` = JSONKey(stringValue: "super")
}
