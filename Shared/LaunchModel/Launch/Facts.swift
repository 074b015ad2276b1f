public import JSON

/// A kind of change included in a launch.
public enum ChangeKind: String, Sendable, Codable, CaseIterable, Hashable {
  case bugFix = "bug-fix"
  case performance
  case uiPolish = "ui-polish"
  case newFeature = "new-feature"
  case workflowChange = "workflow-change"
  case capabilityExpansion = "capability-expansion"
  case newSurface = "new-surface"
  case flagship
  case newProduct = "new-product"
}

/// How many customers a launch reaches.
public enum Audience: String, Sendable, Codable, CaseIterable, Hashable {
  case none, subset, most, all
}

/// A fact as stated by a person: a value, or `unknown`. An omitted fact is nil in its container.
public enum Stated<Value: Sendable & Hashable>: Sendable, Hashable {
  case known(Value)
  case unknown
}

/// A yes-or-no fact.
public enum Flag: String, Sendable, Codable, CaseIterable, Hashable {
  /// Customers work differently afterwards.
  case changesWorkflow
  /// It affects every customer.
  case companyWide
  /// It is meant as a public announcement.
  case publicMoment
  /// It requires additional computing power on the servers.
  case addsServerCompute
  /// It processes personal data.
  case personalData
  /// It changes what customers pay.
  case pricing
  /// Something that customers depend on stops working.
  case breaking
}

/// The facts about a launch that the tier policy and checklist conditions use (product.md, section 1).
///
/// In files and on the wire an object: `kinds` is an array; `audience` and each flag is a value, `unknown`, or absent.
public struct Facts: Sendable, Hashable {
  /// The kinds of change; at least one.
  public var kinds: Set<ChangeKind>
  /// The audience; nil if omitted.
  public var audience: Stated<Audience>?
  /// The flags; an omitted flag is absent.
  public var flags: [Flag: Stated<Bool>]

  public init(kinds: Set<ChangeKind>, audience: Stated<Audience>? = nil, flags: [Flag: Stated<Bool>] = [:]) {
    self.kinds = kinds
    self.audience = audience
    self.flags = flags
  }
}

extension Facts: Codable {
  private enum Key: CodingKey, Hashable {
    case kinds, audience, flag(Flag)

    init?(stringValue: String) {
      switch stringValue {
      case "kinds": self = .kinds
      case "audience": self = .audience
      default:
        guard let flag = Flag(rawValue: stringValue) else { return nil }
        self = .flag(flag)
      }
    }
    init?(intValue: Int) { nil }
    var intValue: Int? { nil }
    var stringValue: String {
      switch self {
      case .kinds: "kinds"
      case .audience: "audience"
      case .flag(let flag): flag.rawValue
      }
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    kinds = Set(try container.decode([ChangeKind].self, forKey: .kinds))
    if let text = try container.decodeIfPresent(String.self, forKey: .audience) {
      if text == "unknown" {
        audience = .unknown
      } else if let known = Audience(rawValue: text) {
        audience = .known(known)
      } else {
        throw DecodingError.dataCorruptedError(
          forKey: .audience, in: container,
          debugDescription: "\"\(text)\" is not an audience; use none, subset, most, all or unknown")
      }
    }
    flags = [:]
    for flag in Flag.allCases where container.contains(.flag(flag)) {
      // A value that is not a Boolean can only be the word "unknown".
      if let known = try? container.decode(Bool.self, forKey: .flag(flag)) {
        flags[flag] = .known(known)
      } else if try container.decode(String.self, forKey: .flag(flag)) == "unknown" {
        flags[flag] = .unknown
      } else {
        throw DecodingError.dataCorruptedError(
          forKey: .flag(flag), in: container, debugDescription: "\(flag.rawValue) must be true, false or unknown")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(ChangeKind.allCases.filter(kinds.contains), forKey: .kinds)
    switch audience {
    case .known(let known)?: try container.encode(known, forKey: .audience)
    case .unknown?: try container.encode("unknown", forKey: .audience)
    case nil: break
    }
    for (flag, stated) in flags {
      switch stated {
      case .known(let known): try container.encode(known, forKey: .flag(flag))
      case .unknown: try container.encode("unknown", forKey: .flag(flag))
      }
    }
  }
}

extension Facts {
  /// The fields of `facts`, in the order used by documents and messages.
  public static let fields = ["kinds", "audience"] + Flag.allCases.map(\.rawValue)

  /// Reads the `facts` of a launch file; nil, after recording the error, if they are not an object.
  public init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: Self.fields, faults) else { return nil }
    reader.require("kinds", "give one or more of \(ChangeKind.allCases.map(\.rawValue).joined(separator: ", "))")
    let kinds = Self.kinds(reader)
    if reader.members["kinds"] == .array([]) {
      reader.fault("kinds", "a launch needs at least one kind of change")
    }
    var flags: [Flag: Stated<Bool>] = [:]
    for flag in Flag.allCases { flags[flag] = Self.flag(flag, reader) }
    self.init(kinds: Set(kinds), audience: Self.audience(reader), flags: flags)
  }

  /// Reads the kinds. Unlike other facts they cannot be unknown: without at least one, the policy has nothing to work
  /// with.
  private static func kinds(_ reader: FieldReader) -> [ChangeKind] {
    guard reader.value("kinds") != "unknown" else {
      let all = ChangeKind.allCases.map(\.rawValue).joined(separator: ", ")
      reader.fault("kinds", "kinds cannot be unknown; list every kind it may be: \(all)")
      return []
    }
    return reader.words("kinds", ChangeKind.self) ?? []
  }

  private static func audience(_ reader: FieldReader) -> Stated<Audience>? {
    guard let text = reader.string("audience") else { return nil }
    return text == "unknown" ? .unknown : reader.word("audience", Audience.self).map { .known($0) }
  }

  private static func flag(_ flag: Flag, _ reader: FieldReader) -> Stated<Bool>? {
    guard let value = reader.value(flag.rawValue) else { return nil }
    if let known = FieldReader.truth(of: value) { return .known(known) }
    if value == "unknown" { return .unknown }
    reader.fault(flag.rawValue, "must be true, false or unknown, not \(FieldReader.shown(value))")
    return nil
  }
}
