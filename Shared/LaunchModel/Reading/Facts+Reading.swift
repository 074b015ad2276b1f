public import JSON

extension Facts {
  /// The fields of `facts`, in the order in which documents and messages name them.
  public static let fields = ["kinds", "audience"] + Flag.allCases.map(\.rawValue)

  /// Reads the `facts` of a launch file; nil, with a fault noted, where there is no kind to go by.
  public init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentFaults) {
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
