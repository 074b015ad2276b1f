public import JSON

/// Writes shapes as JSON Schemas (2020-12) that refer to the definitions of named types.
public struct SchemaWriter {
  /// The direction in which the JSON is sent.
  public enum Direction: Sendable, Hashable {
    /// JSON that gonogo reads: optional members may be missing or null.
    case input
    /// JSON that gonogo writes: members are present as the type encodes them.
    case output
  }

  /// The definitions of the named types referred to so far, by name.
  public private(set) var definitions: [String: JSONValue] = [:]

  /// The prefix of references to named types, for example `#/$defs/`.
  private let place: String
  private let comments: DocComments

  public init(place: String, comments: DocComments = .builtIn) {
    self.place = place
    self.comments = comments
  }

  /// Returns the schema of a shape.
  public mutating func schema(_ shape: JSONShape, _ direction: Direction) -> JSONValue {
    switch shape {
    case .any: return [:]
    case .value(let schema): return schema
    case .choice(let choice): return reference(to: choice.name.schema) { $0.definition(of: choice) }
    case .list(let element): return ["type": "array", "items": schema(element, direction)]
    case .map(let value): return ["type": "object", "additionalProperties": schema(value, direction)]
    case .object(let object):
      return reference(to: Self.name(of: object, direction)) { $0.definition(of: object, direction) }
    case .either(let shapes):
      var schemas: [JSONValue] = []
      for shape in shapes { schemas.append(schema(shape, direction)) }
      return ["anyOf": .array(schemas)]
    case .nullable(let shape): return Self.nullable(schema(shape, direction))
    }
  }

  /// Returns the schema of a member, with its comment.
  public mutating func schema(
    of member: JSONObjectShape.Member, in object: JSONObjectShape, _ direction: Direction
  ) -> JSONValue {
    var schema = schema(member.shape, direction)
    let isNull = direction == .output && member.writing == .nullable
    if isNull || direction == .input && member.reading == .optional { schema = Self.nullable(schema) }
    guard let text = comments.text(of: member.key, in: object) else { return schema }
    return Self.described(schema, Self.plain(text, missing: isNull ? "null" : "absent"))
  }

  /// Returns the schema of an object itself rather than a reference to its definition.
  public mutating func inlined(_ object: JSONObjectShape, _ direction: Direction) -> JSONValue {
    var properties: [String: JSONValue] = [:]
    for member in object.members where direction == .output || member.reading != .ignored {
      properties[member.key] = schema(of: member, in: object, direction)
    }
    var members: [String: JSONValue] = ["type": "object", "properties": .object(properties)]
    let required = object.members.filter { Self.isRequired($0, direction) }.map { JSONValue.string($0.key) }
    if !required.isEmpty { members["required"] = .array(required) }
    return .object(members)
  }

  /// Returns the comment of a method or an event type, phrased for JSON rather than Swift.
  public func text(of name: String) -> String? { comments[name].map { Self.plain($0, missing: "absent") } }

  /// Returns a reference to a named schema that is not derived from a type.
  mutating func reference(to name: String, _ schema: JSONValue) -> JSONValue { reference(to: name) { _ in schema } }

  // MARK: -

  private mutating func reference(to name: String, _ definition: (inout SchemaWriter) -> JSONValue) -> JSONValue {
    if definitions[name] == nil {
      // Reserves the name before the types inside are written.
      definitions[name] = [:]
      definitions[name] = definition(&self)
    }
    return ["$ref": .string(place + name)]
  }

  private mutating func definition(of object: JSONObjectShape, _ direction: Direction) -> JSONValue {
    titled(inlined(object, direction), Self.name(of: object, direction), comments.text(of: object.name))
  }

  private func definition(of choice: JSONChoice) -> JSONValue {
    let cases = zip(choice.cases, choice.values).compactMap { name, value in
      comments.text(ofCase: name, in: choice).map { text in
        "- `\(value.stringValue ?? String(decoding: value.serialized(), as: UTF8.self))`: \(text)"
      }
    }
    let text = ([comments.text(of: choice.name)].compactMap(\.self) + cases).joined(separator: "\n")
    return titled(
      [
        "type": choice.values.allSatisfy { $0.stringValue != nil } ? "string" : "integer",
        "enum": .array(choice.values),
      ],
      choice.name.schema, text.isEmpty ? nil : text)
  }

  private func titled(_ schema: JSONValue, _ title: String, _ text: String?) -> JSONValue {
    let titled = schema.merging(["title": .string(title)])
    return text.map { Self.described(titled, Self.plain($0, missing: "absent")) } ?? titled
  }

  /// An object has two definitions if it is read differently from how it is written.
  private static func name(of object: JSONObjectShape, _ direction: Direction) -> String {
    direction == .input && object.differs ? "\(object.name.schema)Input" : object.name.schema
  }

  private static func isRequired(_ member: JSONObjectShape.Member, _ direction: Direction) -> Bool {
    direction == .input ? member.reading == .required : member.writing != .omitted
  }

  static func nullable(_ schema: JSONValue) -> JSONValue {
    if schema == [:] { return schema }
    guard let type = schema["type"], schema["enum"] == nil, type.stringValue != nil else {
      return ["anyOf": [schema, ["type": "null"]]]
    }
    return schema.merging(["type": [type, "null"]])
  }

  private static func described(_ schema: JSONValue, _ text: String) -> JSONValue {
    schema.merging(["description": .string(text)])
  }

  /// Replaces Swift's `nil` by JSON's term for a missing value.
  private static func plain(_ text: String, missing: String) -> String {
    text.replacing(/\bNil\b/) { _ in missing.prefix(1).uppercased() + missing.dropFirst() }.replacing(
      /\bnil\b/, with: missing)
  }
}

extension JSONObjectShape {
  /// Whether the written form differs from the form that is read.
  var differs: Bool {
    members.contains { $0.reading != .required || $0.writing != .always || $0.shape.differs }
  }
}

extension JSONShape {
  /// Whether the written form differs from the form that is read.
  var differs: Bool {
    switch self {
    case .any, .value, .choice: false
    case .list(let shape), .map(let shape), .nullable(let shape): shape.differs
    case .either(let shapes): shapes.contains(where: \.differs)
    case .object(let object): object.differs
    }
  }
}

extension JSONValue {
  /// Returns this object merged with another, whose members take precedence.
  func merging(_ other: JSONValue) -> JSONValue {
    .object((objectValue ?? [:]).merging(other.objectValue ?? [:]) { $1 })
  }
}
