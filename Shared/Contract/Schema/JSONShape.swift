public import JSON

/// What the JSON of a type looks like.
///
/// Shapes follow from the `Codable` types themselves (`ShapeProbe`); schemas are written from shapes (`SchemaWriter`).
public indirect enum JSONShape: Sendable, Hashable {
  /// Any JSON value.
  case any
  /// A value without members of its own, by its JSON Schema.
  case value(JSONValue)
  /// One of a closed set of values.
  case choice(JSONChoice)
  /// An array, all of whose elements have one shape.
  case list(JSONShape)
  /// An object whose member names are data, all of whose values have one shape.
  case map(JSONShape)
  /// An object with declared members.
  case object(JSONObjectShape)
  /// A value of one of these shapes.
  case either([JSONShape])
  /// A value of the shape, or null.
  case nullable(JSONShape)
}

extension JSONShape {
  /// The names under which comments describe it and all that it contains.
  public var commentedNames: Set<String> {
    switch self {
    case .any, .value: []
    case .choice(let choice):
      Set([choice.name.commented] + choice.cases.map { "\(choice.name.commented).\($0)" })
    case .list(let shape), .map(let shape), .nullable(let shape): shape.commentedNames
    case .either(let shapes): shapes.reduce(into: []) { $0.formUnion($1.commentedNames) }
    case .object(let object):
      object.members.reduce(into: [object.name.commented]) { names, member in
        names.formUnion(object.commentedNames(of: member.key))
        names.formUnion(member.shape.commentedNames)
      }
    }
  }
}

extension JSONObjectShape {
  /// The names under which a comment on a member is looked for: the field, its coding key, and fields that are folded in.
  func commentedNames(of member: String) -> [String] {
    let own = ["", "Key.", "CodingKeys."].map { "\(name.commented).\($0)\(member)" }
    return own + folded.map { "\($0.commented).\(member)" }
  }
}

/// A closed set of values, which is an enumeration in Swift.
public struct JSONChoice: Sendable, Hashable {
  /// The type's name.
  public var name: SchemaName
  /// The values, in the order of declaration.
  public var values: [JSONValue]
  /// The names of the cases, by which their comments are found; as many as there are values.
  public var cases: [String]

  public init(name: SchemaName, values: [JSONValue], cases: [String]) {
    self.name = name
    self.values = values
    self.cases = cases
  }
}

/// An object with declared members.
public struct JSONObjectShape: Sendable, Hashable {
  /// The type's name.
  public var name: SchemaName
  /// Types whose comments describe members that have none here, because their fields are folded into this object.
  public var folded: [SchemaName]
  /// In the order of declaration.
  public var members: [Member]

  /// One member of an object.
  public struct Member: Sendable, Hashable {
    /// Its key.
    public var key: String
    /// What its value looks like.
    public var shape: JSONShape
    /// How the type reads it.
    public var reading: Reading
    /// How the type writes it.
    public var writing: Writing

    public init(_ key: String, _ shape: JSONShape, reading: Reading = .required, writing: Writing = .always) {
      self.key = key
      self.shape = shape
      self.reading = reading
      self.writing = writing
    }
  }

  /// How a member is read.
  public enum Reading: Sendable, Hashable {
    /// Decoding fails without it.
    case required
    /// It may be missing or null.
    case optional
    /// It is only written.
    case ignored
  }

  /// How a member is written.
  public enum Writing: Sendable, Hashable {
    /// Always, with a value.
    case always
    /// Always, with null for a missing value.
    case nullable
    /// Only if there is a value.
    case omitted
  }

  public init(name: SchemaName, folded: [SchemaName] = [], members: [Member]) {
    self.name = name
    self.folded = folded
    self.members = members
  }
}

/// A type's name, in the forms that comments and schemas use.
public struct SchemaName: Sendable, Hashable {
  /// As nested in Swift, without module and generic arguments, for example `LaunchDiff.Change`.
  public var commented: String
  /// As schemas name it, unique among them, for example `LaunchDiffChangeTier`.
  public var schema: String

  /// Names a type.
  public init(_ type: Any.Type) {
    let parts = String(reflecting: type).split { "<>, ".contains($0) }.map { part in
      // The module comes first, except for the standard library's own types.
      part.split(separator: ".").dropFirst()
    }
    commented = parts.first.map { $0.joined(separator: ".") } ?? ""
    schema = parts.map { $0.joined() }.joined()
  }
}
