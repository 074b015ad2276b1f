/// Reads and writes `Codable` types as JSON, by way of `JSONValue` and without Foundation.
public enum JSONCoding {
  /// Compact JSON with members in ascending order.
  ///
  /// - Throws: `EncodingError`, for a number that JSON cannot say.
  public static func encode(_ value: some Encodable) throws -> [UInt8] { try self.value(value).serialized() }

  /// The value that the type encodes itself as.
  public static func value(_ value: some Encodable) throws -> JSONValue {
    try JSONValueEncoder.encode(value, path: .root)
  }

  /// Reads a strictly checked text into the type.
  ///
  /// - Throws: `JSONError`, with the pointer of what does not fit; other errors as the type's own `init(from:)` throws them.
  public static func decode<T: Decodable>(
    _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .standard
  ) throws -> T {
    try decode(type, from: try JSONValue(parsing: bytes, limits: limits))
  }

  /// Reads a value into the type.
  ///
  /// - Throws: `JSONError`, with the pointer of what does not fit; other errors as the type's own `init(from:)` throws them.
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

/// The way from the root to a value, cheap to extend.
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

/// A key or index as the containers of dictionaries and arrays name it.
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
