public import JSON

/// The shape of a type's JSON: found by `ShapeProbe`, written as JSON Schema by `SchemaWriter`.
public indirect enum JSONShape: Sendable, Hashable {
  /// Any JSON value.
  case any
  /// A value without members, described by its own JSON Schema.
  case value(JSONValue)
  /// One of a closed set of values.
  case choice(JSONChoice)
  /// An array of elements of one shape.
  case list(JSONShape)
  /// An object with arbitrary keys and values of one shape.
  case map(JSONShape)
  /// An object with declared members.
  case object(JSONObjectShape)
  /// A value of one of these shapes.
  case either([JSONShape])
  /// A value of the shape, or null.
  case nullable(JSONShape)
}

extension JSONShape {
  /// The names under which comments describe the shape and everything in it.
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
  /// The names that a member's comment may have: those of the field, of its coding key, and of the fields of folded
  /// types.
  func commentedNames(of member: String) -> [String] {
    let own = ["", "Key.", "CodingKeys."].map { "\(name.commented).\($0)\(member)" }
    return own + folded.map { "\($0.commented).\(member)" }
  }
}

/// A closed set of values: an enumeration.
public struct JSONChoice: Sendable, Hashable {
  /// The type's name.
  public var name: SchemaName
  /// The values, in the order of declaration.
  public var values: [JSONValue]
  /// The names of the cases, by which their comments are found; one per value.
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
  /// Types whose fields are members of this object; their comments describe the members that have no comment here.
  public var folded: [SchemaName]
  /// The members, in the order of declaration.
  public var members: [Member]

  /// One member of an object.
  public struct Member: Sendable, Hashable {
    /// Its key.
    public var key: String
    /// The shape of its value.
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
    /// It is never read, only written.
    case ignored
  }

  /// How a member is written.
  public enum Writing: Sendable, Hashable {
    /// Always, with a value.
    case always
    /// Always, with null for a missing value.
    case nullable
    /// Only if it has a value.
    case omitted
  }

  public init(name: SchemaName, folded: [SchemaName] = [], members: [Member]) {
    self.name = name
    self.folded = folded
    self.members = members
  }
}

/// The name of a type, as comments and schemas use it.
public struct SchemaName: Sendable, Hashable {
  /// The qualified name without module and generic arguments, for example `LaunchDiff.Change`.
  public var commented: String
  /// The name of the type's schema definition, unique among all, for example `LaunchDiffChangeTier`.
  public var schema: String

  /// Names a type.
  public init(_ type: Any.Type) {
    // For a private type, the name says where it is declared.
    let name = String(reflecting: type).replacing(/\(unknown context at [^)]*\)\./, with: "")
    let parts = name.split { "<>, ".contains($0) }.map { part in
      // Drops the module.
      part.split(separator: ".").dropFirst()
    }
    commented = parts.first.map { $0.joined(separator: ".") } ?? ""
    schema = parts.map { $0.joined() }.joined()
  }
}
