/// Encodes into a `JSONValue`.
struct JSONValueEncoder: Encoder {
  let node: JSONNode
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func encode<T: Encodable>(_ value: T, path: CodingPath) throws -> JSONValue {
    if T.self == JSONValue.self, let json = value as? JSONValue { return json }
    let node = JSONNode()
    try value.encode(to: JSONValueEncoder(node: node, path: path))
    return node.value
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.becomeObject()
    return KeyedEncodingContainer(JSONObjectEncoder(node: node, path: path))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.becomeArray()
    return JSONArrayEncoder(node: node, path: path)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { JSONSingleEncoder(node: node, path: path) }
}

/// A value under construction, shared by the containers that write into it.
final class JSONNode {
  private enum Content {
    case value(JSONValue)
    case array([JSONNode])
    case object([String: JSONNode])
  }

  /// Initially an empty object, the encoding of a type that encodes nothing.
  private var content = Content.object([:])

  init() {}
  init(_ value: JSONValue) { content = .value(value) }

  var value: JSONValue {
    switch content {
    case .value(let value): value
    case .array(let nodes): .array(nodes.map(\.value))
    case .object(let nodes): .object(nodes.mapValues(\.value))
    }
  }

  var count: Int {
    if case .array(let nodes) = content { nodes.count } else { 0 }
  }

  func set(_ value: JSONValue) { content = .value(value) }

  func becomeObject() {
    if case .object = content { return }
    content = .object([:])
  }

  func becomeArray() {
    if case .array = content { return }
    content = .array([])
  }

  func set(_ node: JSONNode, forKey key: String) {
    guard case .object(var nodes) = content else { return }
    content = .value(.null)
    nodes[key] = node
    content = .object(nodes)
  }

  func append(_ node: JSONNode) {
    guard case .array(var nodes) = content else { return }
    content = .value(.null)
    nodes.append(node)
    content = .array(nodes)
  }
}

/// Encodes scalars for all three kinds of containers.
enum JSONScalar {
  static func number(_ value: Double, _ path: CodingPath) throws -> JSONValue {
    guard value.isFinite else {
      throw EncodingError.invalidValue(
        value, EncodingError.Context(codingPath: path.keys, debugDescription: "\(value) cannot be represented in JSON"))
    }
    return .number(value)
  }

  static func integer(_ value: some FixedWidthInteger, _ path: CodingPath) throws -> JSONValue {
    guard let integer = Int64(exactly: value) else {
      throw EncodingError.invalidValue(
        value,
        EncodingError.Context(codingPath: path.keys, debugDescription: "\(value) does not fit a signed 64-bit integer"))
    }
    return .integer(integer)
  }
}

private struct JSONSingleEncoder: SingleValueEncodingContainer {
  let node: JSONNode
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }

  func encodeNil() throws { node.set(.null) }
  func encode(_ value: Bool) throws { node.set(.bool(value)) }
  func encode(_ value: String) throws { node.set(.string(value)) }
  func encode(_ value: Double) throws { node.set(try JSONScalar.number(value, path)) }
  func encode(_ value: Float) throws { node.set(try JSONScalar.number(Double(value), path)) }
  func encode(_ value: Int) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: Int8) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: Int16) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: Int32) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: Int64) throws { node.set(.integer(value)) }
  func encode(_ value: UInt) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: UInt8) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: UInt16) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: UInt32) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode(_ value: UInt64) throws { node.set(try JSONScalar.integer(value, path)) }
  func encode<T: Encodable>(_ value: T) throws { node.set(try JSONValueEncoder.encode(value, path: path)) }
}

private struct JSONObjectEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONNode
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }

  func encodeNil(forKey key: Key) throws { node.set(JSONNode(.null), forKey: key.stringValue) }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    node.set(JSONNode(try JSONValueEncoder.encode(value, path: .below(path, key))), forKey: key.stringValue)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder(JSONKey.super) }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

  private func encoder(_ key: any CodingKey) -> JSONValueEncoder {
    let child = JSONNode()
    node.set(child, forKey: key.stringValue)
    return JSONValueEncoder(node: child, path: .below(path, key))
  }
}

private struct JSONArrayEncoder: UnkeyedEncodingContainer {
  let node: JSONNode
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }
  var count: Int { node.count }

  func encodeNil() throws { node.append(JSONNode(.null)) }

  func encode<T: Encodable>(_ value: T) throws {
    let below = CodingPath.below(path, JSONKey(intValue: count))
    node.append(JSONNode(try JSONValueEncoder.encode(value, path: below)))
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder() }

  private func encoder() -> JSONValueEncoder {
    let child = JSONNode()
    let below = CodingPath.below(path, JSONKey(intValue: count))
    node.append(child)
    return JSONValueEncoder(node: child, path: below)
  }
}
