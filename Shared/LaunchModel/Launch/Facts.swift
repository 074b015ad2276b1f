public import JSON

/// A kind of change that a launch brings.
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

/// A fact as a person stated it; one that was left out is nil where it is kept.
public enum Stated<Value: Sendable & Hashable>: Sendable, Hashable {
  case known(Value)
  case unknown
}

/// A fact that is answered by yes or no.
public enum Flag: String, Sendable, Codable, CaseIterable, Hashable {
  case changesWorkflow, companyWide, publicMoment, addsServerCompute, personalData, pricing, breaking
}

/// What describes a launch to the tier policy and to checklist conditions (product.md, section 1).
///
/// In files and on the wire an object: `kinds` an array, `audience` and the flags each a value, `unknown`, or absent.
public struct Facts: Sendable, Hashable {
  /// One or more kinds of change; none is an error.
  public var kinds: Set<ChangeKind>
  /// Nil where omitted.
  public var audience: Stated<Audience>?
  /// Absent where omitted.
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
          debugDescription: "audience is none, subset, most, all or unknown, not \"\(text)\"")
      }
    }
    flags = [:]
    for flag in Flag.allCases where container.contains(.flag(flag)) {
      // What is not true or false may be the word "unknown".
      if let known = try? container.decode(Bool.self, forKey: .flag(flag)) {
        flags[flag] = .known(known)
      } else if try container.decode(String.self, forKey: .flag(flag)) == "unknown" {
        flags[flag] = .unknown
      } else {
        throw DecodingError.dataCorruptedError(
          forKey: .flag(flag), in: container, debugDescription: "\(flag.rawValue) is true, false or unknown")
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
  /// The fields of `facts`, in the order in which documents and messages name them.
  public static let fields = ["kinds", "audience"] + Flag.allCases.map(\.rawValue)

  /// Reads the `facts` of a launch file; nil, with a fault noted, where there is no kind to go by.
  public init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: Self.fields, faults) else { return nil }
    reader.require("kinds", "give one or more of \(ChangeKind.allCases.map(\.rawValue).joined(separator: ", "))")
    let kinds = Self.kinds(reader)
    if reader.members["kinds"] == .array([]) {
      reader.fault("kinds", "a launch has at least one kind of change")
    }
    var flags: [Flag: Stated<Bool>] = [:]
    for flag in Flag.allCases { flags[flag] = Self.flag(flag, reader) }
    self.init(kinds: Set(kinds), audience: Self.audience(reader), flags: flags)
  }

  /// There is nothing to go by without a kind: it alone cannot be unknown.
  private static func kinds(_ reader: FieldReader) -> [ChangeKind] {
    guard reader.value("kinds") != "unknown" else {
      let all = ChangeKind.allCases.map(\.rawValue).joined(separator: ", ")
      reader.fault("kinds", "the kinds of change cannot be unknown; give those that it may be, of \(all)")
      return []
    }
    return reader.words("kinds", ChangeKind.self) ?? []
  }

  private static func audience(_ reader: FieldReader) -> Stated<Audience>? {
    guard let text = reader.string("audience") else { return nil }
    return text == "unknown" ? .unknown : reader.word("audience", Audience.self).map { .known($0) }
  }

  private static func flag(_ flag: Flag, _ reader: FieldReader) -> Stated<Bool>? {
    switch reader.value(flag.rawValue) {
    case nil: return nil
    case .bool(let known)?: return .known(known)
    case .string("unknown")?: return .unknown
    case let other?:
      reader.fault(flag.rawValue, "this must be true, false or unknown, not \(FieldReader.shown(other))")
      return nil
    }
  }
}
