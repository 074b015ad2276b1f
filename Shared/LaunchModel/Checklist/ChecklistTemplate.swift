public import JSON

/// A versioned checklist template: what a launch of each tier must have ready (product.md, section 2).
public struct ChecklistTemplate: Sendable, Hashable {
  /// From 1, one more with each adoption; the built-in one is 1.
  public var version: Int
  /// In the order in which boards show them.
  public var items: [TemplateItem]

  public init(version: Int, items: [TemplateItem]) {
    self.version = version
    self.items = items
  }
}

/// One item of a template.
public struct TemplateItem: Sendable, Hashable {
  /// Unique in the template and the same over its versions, as `kb-article`.
  public var key: ItemKey
  /// What has to be ready, for a person, as `Load test`.
  public var title: String
  /// The heading under which boards show it, as `Product readiness`.
  public var section: String
  /// The function that has to do it, by whose calendar it is due.
  public var function: LaunchFunction
  /// The tiers whose launches need it, as `[0, 1]`.
  public var tiers: [Tier]
  /// Who owns it by role, as `engineering-lead`; the function's lead by default.
  public var ownerRole: String?
  /// Counted from the launch date in the function's calendar.
  public var due: DueRule
  /// Whether GO waits for it; default `blocking`.
  public var gate: GateKind
  /// When it applies; nil stands for always.
  public var condition: FactCondition?
  /// One item for each locale, segment or deal stage; over an empty list, one without instance.
  public var expand: Expansion?
  /// Groups that must approve, each with its quorum.
  public var approvals: [ApprovalRule]
  /// Whether the author may not be the reviewer, where no group is named: any other member's approval.
  public var review: Bool
  /// Kinds of evidence it needs before it is done.
  public var evidence: [EvidenceKind]
  /// The event that completes it by itself.
  public var completedBy: CompletionRule?
  /// Keys of items that must be done before it can be.
  public var dependencies: [ItemKey]
  /// Days that its being done stays valid; nil for ever.
  public var shelfLifeDays: Int?
  /// Whether it is judged by the day it happened, rather than by the day it was ticked.
  public var strict: Bool
  /// Default `before`; what belongs after the launch stands in no GO's way.
  public var phase: ItemPhase
  /// The launch or learning that put it there.
  public var why: String

  public init(
    key: ItemKey, title: String, section: String, function: LaunchFunction, tiers: [Tier], ownerRole: String? = nil,
    due: DueRule, gate: GateKind = .blocking, condition: FactCondition? = nil, expand: Expansion? = nil,
    approvals: [ApprovalRule] = [], review: Bool = false, evidence: [EvidenceKind] = [],
    completedBy: CompletionRule? = nil, dependencies: [ItemKey] = [], shelfLifeDays: Int? = nil, strict: Bool = false,
    phase: ItemPhase = .before, why: String
  ) {
    self.key = key
    self.title = title
    self.section = section
    self.function = function
    self.tiers = tiers
    self.ownerRole = ownerRole
    self.due = due
    self.gate = gate
    self.condition = condition
    self.expand = expand
    self.approvals = approvals
    self.review = review
    self.evidence = evidence
    self.completedBy = completedBy
    self.dependencies = dependencies
    self.shelfLifeDays = shelfLifeDays
    self.strict = strict
    self.phase = phase
    self.why = why
  }
}

/// When an item is due, counted from the launch date: in files `5 business days before`, `14 days after`, `launch day`.
public struct DueRule: Sendable, Hashable {
  /// Which days are counted.
  public enum Unit: String, Codable, Sendable, Hashable {
    case business, calendar
  }
  /// Days after the launch date; negative for before, 0 for the launch date itself.
  public var offset: Int
  /// Business days of the function's calendar, or all days.
  public var unit: Unit

  public init(offset: Int, unit: Unit) {
    self.offset = offset
    self.unit = unit
  }
}

/// Whether an item that is not done stands in the way of GO.
public enum GateKind: String, Codable, Sendable, Hashable, CaseIterable {
  case blocking, advisory
}

/// What an item is expanded over.
public enum Expansion: String, Codable, Sendable, Hashable, CaseIterable {
  case locales, segments
  case dealStages = "deal-stages"
}

/// When, relative to the launch, an item belongs.
public enum ItemPhase: String, Codable, Sendable, Hashable, CaseIterable {
  case before
  case launchDay = "launch-day"
  case after
}

/// A group whose approvals an item needs, and how many of them.
public struct ApprovalRule: Sendable, Hashable {
  /// A function or a group of the roster, as `legal`.
  public var group: String
  /// How many people of the group must approve; from 1, which is the default.
  public var quorum: Int

  public init(group: String, quorum: Int = 1) {
    self.group = group
    self.quorum = quorum
  }
}

/// A kind of evidence.
public enum EvidenceKind: String, Codable, Sendable, Hashable, CaseIterable {
  case link, digest, text, event, attendance
}

/// The event that completes an item: its type, and members of its data that must equal.
///
/// A value of `where` may be `{locale}`, `{segment}`, `{feature}`, `{launch}`, `{flag}` or `{instance}`, filled in for each item.
public struct CompletionRule: Sendable, Hashable {
  /// The whole CloudEvents type, as `dev.gonogo.signal.article.published.v1`.
  public var type: String
  /// JSON Pointers into the event, as `/data/locale`, with the value each must have.
  public var `where`: [String: JSONValue]

  public init(type: String, where conditions: [String: JSONValue] = [:]) {
    self.type = type
    self.where = conditions
  }
}

/// A condition on one fact: the item applies when the flag is stated true, or is unknown or omitted.
public struct FactCondition: Sendable, Hashable {
  /// The yes-or-no fact that decides, as `addsServerCompute`.
  public var flag: Flag

  public init(flag: Flag) { self.flag = flag }
}

/// A proposed change of a template, by key, on a base version.
public struct TemplateChange: Sendable, Hashable {
  /// The version that the proposer saw; only the same item changed since is a conflict.
  public var baseVersion: Int
  /// Items whose keys are new.
  public var add: [TemplateItem]
  /// Items that stand in place of those with their keys.
  public var replace: [TemplateItem]
  /// The keys of items to leave out; running launches keep theirs.
  public var remove: [ItemKey]

  public init(baseVersion: Int, add: [TemplateItem] = [], replace: [TemplateItem] = [], remove: [ItemKey] = []) {
    self.baseVersion = baseVersion
    self.add = add
    self.replace = replace
    self.remove = remove
  }
}

/// The state of an item, as stored; `overdue`, `due-soon`, `at-risk` and `stale` are derived when it is read.
public enum ItemState: String, Codable, Sendable, Hashable, CaseIterable {
  case open
  case inProgress = "in-progress"
  case blocked
  case inReview = "in-review"
  case done, waived
  case notApplicable = "not-applicable"
  case voided
}

/// What a function's readiness adds up to; the worst blocking item decides.
public enum ReadinessState: String, Codable, Sendable, Hashable, CaseIterable {
  case ready
  case onTrack = "on-track"
  case atRisk = "at-risk"
  case blocked, unknown
}

/// What was decided.
public enum DecisionKind: String, Codable, Sendable, Hashable, CaseIterable {
  case go
  case noGo = "no-go"
  case hold
}

/// What the system recommends.
public enum Recommendation: String, Codable, Sendable, Hashable {
  case go
  case noGo = "no-go"
}

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
    _ decoder: any Decoder, _ body: (JSONValue, DocumentErrors) -> Document?
  ) throws -> Document {
    let faults = DocumentErrors(ignoresUnknownFields: true)
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
