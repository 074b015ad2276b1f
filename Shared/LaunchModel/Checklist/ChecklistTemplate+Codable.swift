public import JSON

/// A template is written in calls and events as its file has it; fields of a newer version are passed over when it is read.
extension ChecklistTemplate: Codable {
  public init(from decoder: any Decoder) throws {
    self = try TemplateDecoding.read(decoder) { Self.read($0, $1) }
  }

  public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  /// The template as its file has it.
  public var document: JSONValue {
    .object(["version": .integer(Int64(version)), "items": .array(items.map(\.document))])
  }
}

extension TemplateItem: Codable {
  public init(from decoder: any Decoder) throws {
    self = try TemplateDecoding.read(decoder) { TemplateItem(reading: $0, at: .root, $1) }
  }

  public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  /// The item as its file has it: what is as by default is left out.
  public var document: JSONValue {
    var members: [String: JSONValue] = [
      "key": .string(key), "title": .string(title), "section": .string(section),
      "function": .string(function.rawValue), "tiers": .array(tiers.map { .integer(Int64($0.rawValue)) }),
      "due": .string(due.description), "why": .string(why),
    ]
    if let ownerRole { members["ownerRole"] = .string(ownerRole) }
    if gate != .blocking { members["gate"] = .string(gate.rawValue) }
    if let condition { members["condition"] = .string(condition.flag.rawValue) }
    if let expand { members["expand"] = .string(expand.rawValue) }
    if !approvals.isEmpty { members["approvals"] = .array(approvals.map(\.document)) }
    if review { members["review"] = true }
    if !evidence.isEmpty { members["evidence"] = .array(evidence.map { .string($0.rawValue) }) }
    if let completedBy { members["completedBy"] = completedBy.document }
    if !dependencies.isEmpty { members["dependencies"] = .array(dependencies.map { .string($0) }) }
    if let shelfLifeDays { members["shelfLifeDays"] = .integer(Int64(shelfLifeDays)) }
    if strict { members["strict"] = true }
    if phase != .before { members["phase"] = .string(phase.rawValue) }
    return .object(members)
  }
}

extension TemplateChange: Codable {
  public init(from decoder: any Decoder) throws {
    self = try TemplateDecoding.read(decoder) { Self.read($0, $1) }
  }

  public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  /// The change as its file has it.
  public var document: JSONValue {
    var members: [String: JSONValue] = ["baseVersion": .integer(Int64(baseVersion))]
    if !add.isEmpty { members["add"] = .array(add.map(\.document)) }
    if !replace.isEmpty { members["replace"] = .array(replace.map(\.document)) }
    if !remove.isEmpty { members["remove"] = .array(remove.map { .string($0) }) }
    return .object(members)
  }
}

extension ApprovalRule {
  var document: JSONValue {
    quorum == 1 ? .string(group) : .object(["group": .string(group), "quorum": .integer(Int64(quorum))])
  }
}

extension CompletionRule {
  var document: JSONValue {
    var members: [String: JSONValue] = ["type": .string(type)]
    if !self.where.isEmpty { members["where"] = .object(self.where) }
    return .object(members)
  }
}

/// Reads documents out of decoders, leniently.
enum TemplateDecoding {
  static func read<Document>(
    _ decoder: any Decoder, _ body: (JSONValue, DocumentFaults) -> Document?
  ) throws -> Document {
    let faults = DocumentFaults(ignoresUnknownFields: true)
    let value = try decoder.singleValueContainer().decode(JSONValue.self)
    let document = body(value, faults)
    guard faults.faults.isEmpty, let document else {
      let told = faults.faults.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" }
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: told.joined(separator: "; ")))
    }
    return document
  }
}
