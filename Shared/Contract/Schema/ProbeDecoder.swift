/// Records the members that a type decodes, in order.
final class MemberRecorder {
  struct Member {
    var key: String
    var shape: JSONShape
    var reading: JSONObjectShape.Reading
  }

  private(set) var members: [Member] = []
  /// Keys whose presence was checked, as `decodeIfPresent` does before decoding.
  private var optional: Set<String> = []

  func checkedPresence(of key: String) { optional.insert(key) }

  func decoded(_ key: String, _ shape: JSONShape) {
    guard !members.contains(where: { $0.key == key }) else { return }
    members.append(Member(key: key, shape: shape, reading: optional.contains(key) ? .optional : .required))
  }
}

/// Returns an example for each member that a type decodes, and records the member.
struct ProbeDecoder: Decoder {
  let probe: ShapeProbe
  /// The type being decoded, and the types folded into it.
  var owners: [SchemaName]
  let recorder: MemberRecorder
  /// Whether every optional member is missing.
  var isBare: Bool

  /// The name of the type being decoded.
  var owner: String { owners[0].commented }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(ProbeMembers(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw ShapeError("\(owner) decodes elements itself; make it JSONShaped")
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    throw ShapeError("\(owner) decodes a single value; make it CaseIterable if it is an enum, else JSONShaped")
  }
}

private struct ProbeMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ProbeDecoder

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool {
    decoder.recorder.checkedPresence(of: key.stringValue)
    return !decoder.isBare
  }

  func decodeNil(forKey key: Key) -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try value(type, key) }

  private func value<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T {
    let place = ShapeProbe.Place(owners: decoder.owners, member: key.stringValue)
    let found = try decoder.probe.find(type, at: place)
    decoder.recorder.decoded(key.stringValue, found.shape)
    guard let value = found.value as? T else {
      throw ShapeError("the example of \(decoder.owner).\(key.stringValue) is not of its type")
    }
    return value
  }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(type, key) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(type, key) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(type, key) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try value(type, key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(type, key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(type, key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(type, key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(type, key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(type, key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(type, key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(type, key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(type, key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(type, key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(type, key) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    throw ShapeError("\(decoder.owner).\(key.stringValue) is decoded by a nested container; declare a type for it")
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw ShapeError("\(decoder.owner).\(key.stringValue) is decoded by a nested container; declare a type for it")
  }

  func superDecoder() throws -> any Decoder { throw ShapeError("\(decoder.owner) decodes a superclass; use a struct") }
  func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder() }
}
