extension JSONValue {
  /// Reads one JSON text (RFC 8259) strictly: UTF-8 without byte order mark, no duplicate keys, finite numbers, nothing after it.
  ///
  /// Keys that differ only in Unicode normalisation count as duplicates, because Swift's strings compare so.
  public init(parsing bytes: some Sequence<UInt8>, limits: JSONLimits = .standard) throws(JSONError) {
    var scan = Result<JSONValue, JSONError>.failure(JSONError(.empty, detail: "there is nothing to read"))
    let read: (UnsafeBufferPointer<UInt8>) -> Void = { scan = Self.parse($0, limits) }
    if bytes.withContiguousStorageIfAvailable(read) == nil {
      Array(bytes).withUnsafeBufferPointer(read)
    }
    self = try scan.get()
  }

  /// Reads one JSON text strictly.
  public init(parsing text: String, limits: JSONLimits = .standard) throws(JSONError) {
    try self.init(parsing: text.utf8, limits: limits)
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) -> Result<JSONValue, JSONError> {
    Result { () throws(JSONError) in
      var builder = JSONValueBuilder(scanner: JSONScanner(bytes, limits: limits, checksDuplicates: false))
      return try builder.text()
    }
  }
}

/// Builds values from a scanner's tokens; the scanner's depth limit bounds the recursion.
struct JSONValueBuilder {
  var scanner: JSONScanner

  mutating func text() throws(JSONError) -> JSONValue {
    let value = try value(try scanner.next())
    try scanner.expectEnd()
    return value
  }

  mutating func value(_ token: JSONScanner.Token) throws(JSONError) -> JSONValue {
    switch token {
    case .string(let string): return .string(scanner.text(string))
    case .number(let number):
      if let integer = scanner.integer(number) { return .integer(integer) }
      return .number(scanner.double(number))
    case .bool(let flag): return .bool(flag)
    case .null: return .null
    case .beginArray: return .array(try elements())
    case .beginObject: return .object(try members())
    case .endArray, .endObject, .key, .end: throw scanner.unexpected("a value")
    }
  }

  private mutating func elements() throws(JSONError) -> [JSONValue] {
    var elements: [JSONValue] = []
    while true {
      do throws(JSONError) {
        let token = try scanner.next()
        if case .endArray = token { return elements }
        elements.append(try value(token))
      } catch {
        throw error.below("\(elements.count)")
      }
    }
  }

  private mutating func members() throws(JSONError) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    while case .key(let token) = try scanner.next() {
      let key = scanner.text(token)
      do throws(JSONError) {
        guard members.updateValue(try value(try scanner.next()), forKey: key) == nil else {
          throw JSONError(
            .duplicateKey, offset: token.range.lowerBound - 1,
            detail: "the key \"\(key)\" stands twice in one object")
        }
      } catch {
        throw error.below(key)
      }
    }
    return members
  }
}

extension JSONError {
  /// The same error of a value that stands under that key.
  func below(_ key: String) -> JSONError {
    var error = self
    error.pointer = "/\(JSONPointer.escape(key))\(pointer)"
    return error
  }
}
