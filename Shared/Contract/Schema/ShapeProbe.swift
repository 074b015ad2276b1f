public import JSON

/// Finds the shape of a type's JSON, and an example, by decoding the type from a decoder that records what is read.
///
/// Each type is decoded twice: with every member, and with only the required ones. Encoding both values again shows
/// which members are always written, which are written as null, and which are left out.
public final class ShapeProbe {
  /// A type's shape, and a value with every member.
  struct Finding {
    var shape: JSONShape
    var value: Any
  }

  /// The place of a value, which its example depends on.
  struct Place {
    /// The type that has the member, and the types folded into it.
    var owners: [SchemaName]
    var member: String
  }

  private let samples: SampleValues
  private var findings: [ObjectIdentifier: Finding] = [:]
  private var open: Set<ObjectIdentifier> = []

  /// - Parameter comments: the comments that examples of texts are taken from.
  public init(comments: DocComments = .builtIn) { samples = SampleValues(comments: comments) }

  /// Returns the shape of a type's JSON.
  ///
  /// - Throws: `ShapeError` if the type has custom decoding that the probe cannot follow.
  public func shape(of type: any Decodable.Type) throws -> JSONShape { try finding(type).shape }

  /// Returns the shape of a type that is an object.
  ///
  /// - Throws: `ShapeError` if the type is not an object.
  public func object(_ type: any Decodable.Type) throws -> JSONObjectShape {
    guard case .object(let object) = try shape(of: type) else { throw ShapeError("\(type) is not an object") }
    return object
  }

  /// Returns an example with every member, except that mutually exclusive members are not combined.
  public func example(of type: any (Decodable & Encodable).Type) throws -> JSONValue {
    if let shaped = type as? any JSONShaped.Type { return try shaped.jsonExample }
    guard let value = try finding(type).value as? any Encodable else { throw ShapeError("\(type) does not encode") }
    return try JSONCoding.value(value)
  }

  private func finding(_ type: any Decodable.Type) throws -> Finding {
    func open<T: Decodable>(_ type: T.Type) throws -> Finding {
      try find(type, at: Place(owners: [SchemaName(T.self)], member: ""))
    }
    return try open(type)
  }

  /// Finds the shape of a type, and a value for a place.
  func find<T: Decodable>(_ type: T.Type, at place: Place) throws -> Finding {
    if let shaped = type as? any JSONShaped.Type {
      let example = try samples.document(at: place, of: type) ?? shaped.jsonExample
      return Finding(shape: try shaped.jsonShape, value: try JSONCoding.decode(type, from: example))
    }
    if let scalar = samples.scalar(type, at: place) { return scalar }
    if let container = type as? any ProbedContainer.Type {
      let found = try container.probed(by: self, at: place)
      return Finding(shape: found.shape, value: found.value)
    }
    if let choice = type as? any (RawRepresentable & CaseIterable).Type {
      return try Self.choice(choice, samples.example(at: place))
    }
    if let known = findings[ObjectIdentifier(type)] { return known }
    let found = try objectFinding(type)
    findings[ObjectIdentifier(type)] = found
    return found
  }

  /// Returns the example key of a dictionary.
  func sampleKey(at place: Place) -> String { samples.key(at: place) }

  // MARK: Objects

  private func objectFinding<T: Decodable>(_ type: T.Type) throws -> Finding {
    guard open.insert(ObjectIdentifier(type)).inserted else { throw ShapeError("\(type) contains itself") }
    defer { open.remove(ObjectIdentifier(type)) }
    let name = SchemaName(type)
    let recorder = MemberRecorder()
    var decoder = ProbeDecoder(probe: self, owners: [name], recorder: recorder, isBare: false)
    // The first value reveals which types are folded in; the second one uses the examples from their comments.
    let folded = Self.folded(of: try T(from: decoder), into: recorder.members)
    decoder.owners += folded
    let full = try T(from: decoder)
    decoder.isBare = true
    let shape = JSONShape.object(
      JSONObjectShape(
        name: name, folded: folded,
        members: try Self.members(recorder.members, full: full, bare: try T(from: decoder))))
    guard let exampled = type as? any JSONExampled.Type, let encodable = full as? any Encodable else {
      return Finding(shape: shape, value: full)
    }
    let example = (try JSONCoding.value(encodable).objectValue ?? [:])
      .filter { !exampled.excludedFromExample.contains($0.key) }
    return Finding(shape: shape, value: try JSONCoding.decode(type, from: .object(example)))
  }

  /// Returns the decoded members, each with how it is written, followed by members that are only written, described by
  /// their values.
  private static func members(
    _ decoded: [MemberRecorder.Member], full: Any, bare: Any
  ) throws -> [JSONObjectShape.Member] {
    guard let full = full as? any Encodable, let bare = bare as? any Encodable else {
      return decoded.map {
        JSONObjectShape.Member(
          $0.key, $0.shape, reading: $0.reading, writing: $0.reading == .required ? .always : .omitted)
      }
    }
    let (all, few) = (try JSONCoding.value(full), try JSONCoding.value(bare))
    let members = decoded.map { member in
      JSONObjectShape.Member(
        member.key, member.shape, reading: member.reading, writing: writing(of: member.key, in: few))
    }
    let others = (all.objectValue ?? [:]).filter { other in !decoded.contains { $0.key == other.key } }
    return members
      + others.sorted { $0.key < $1.key }.map { key, value in
        JSONObjectShape.Member(
          key, JSONShape(describing: value), reading: .ignored, writing: writing(of: key, in: few))
      }
  }

  private static func writing(of key: String, in bare: JSONValue) -> JSONObjectShape.Writing {
    switch bare[key] {
    case nil: .omitted
    case .null: .nullable
    default: .always
    }
  }

  /// Returns the types of the stored properties whose fields are members of the object itself.
  private static func folded(of value: Any, into members: [MemberRecorder.Member]) -> [SchemaName] {
    Mirror(reflecting: value).children.compactMap { child in
      guard let label = child.label, !members.contains(where: { $0.key == label }) else { return nil }
      return SchemaName(type(of: child.value))
    }
  }

  // MARK: Choices

  /// - Parameter example: the value to choose if it is one of the choices.
  private static func choice(
    _ type: any (RawRepresentable & CaseIterable).Type, _ example: String?
  ) throws -> Finding {
    func open<C: RawRepresentable & CaseIterable>(_ type: C.Type) throws -> Finding {
      let cases = Array(C.allCases)
      guard let first = cases.first else { throw ShapeError("\(type) has no cases") }
      let values = try cases.map { choice -> JSONValue in
        guard let raw = choice.rawValue as? any Encodable else { throw ShapeError("\(type) has raw values of no JSON") }
        return try JSONCoding.value(raw)
      }
      let chosen = values.firstIndex { $0.stringValue == example }.map { cases[$0] }
      return Finding(
        shape: .choice(JSONChoice(name: SchemaName(type), values: values, cases: cases.map { "\($0)" })),
        value: chosen ?? first)
    }
    return try open(type)
  }
}

/// The shape of a type could not be found, because of a mistake in the type's declaration.
public struct ShapeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with which type.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A generic container of the standard library.
protocol ProbedContainer {
  static func probed(by probe: ShapeProbe, at place: ShapeProbe.Place) throws -> (shape: JSONShape, value: Any)
}

extension Array: ProbedContainer where Element: Decodable {
  static func probed(by probe: ShapeProbe, at place: ShapeProbe.Place) throws -> (shape: JSONShape, value: Any) {
    let element = try probe.find(Element.self, at: place)
    return (.list(element.shape), [element.value].compactMap { $0 as? Element })
  }
}

extension Dictionary: ProbedContainer where Key == String, Value: Decodable {
  static func probed(by probe: ShapeProbe, at place: ShapeProbe.Place) throws -> (shape: JSONShape, value: Any) {
    let value = try probe.find(Value.self, at: place)
    let members = (value.value as? Value).map { [probe.sampleKey(at: place): $0] } ?? [:]
    return (.map(value.shape), members)
  }
}

extension Optional: ProbedContainer where Wrapped: Decodable {
  static func probed(by probe: ShapeProbe, at place: ShapeProbe.Place) throws -> (shape: JSONShape, value: Any) {
    let wrapped = try probe.find(Wrapped.self, at: place)
    return (.nullable(wrapped.shape), wrapped.value)
  }
}

extension JSONShape {
  /// Creates the shape of values that are like the given one.
  init(describing value: JSONValue) {
    switch value {
    case .null: self = .any
    case .bool: self = .value(["type": "boolean"])
    case .integer: self = .value(["type": "integer"])
    case .number: self = .value(["type": "number"])
    case .string: self = .value(["type": "string"])
    case .array(let elements): self = .list(elements.first.map { JSONShape(describing: $0) } ?? .any)
    case .object(let members): self = .map(members.first.map { JSONShape(describing: $0.value) } ?? .any)
    }
  }
}
