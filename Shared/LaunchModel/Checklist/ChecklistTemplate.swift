public import JSON

/// A versioned checklist template: what a launch of each tier must have ready (product.md, section 2).
public struct ChecklistTemplate: Sendable, Hashable {
  /// The version: 1 is the built-in template; each adoption increases it by one.
  public var version: Int
  /// The items, in board order.
  public var items: [TemplateItem]
  /// The default owners of the items of each function, by the function's name, for example `engineering`; without an
  /// entry, the function's lead owns them.
  public var owners: [String: PersonID]

  public init(version: Int, items: [TemplateItem], owners: [String: PersonID] = [:]) {
    self.version = version
    self.items = items
    self.owners = owners
  }
}

/// One item of a template.
public struct TemplateItem: Sendable, Hashable {
  /// Unique in the template and stable across versions, for example `kb-article`.
  public var key: ItemKey
  /// What has to be ready, as shown to people, for example `Load test`.
  public var title: String
  /// The board heading it appears under, for example `Product readiness`.
  public var section: String
  /// The function responsible for it; its calendar determines the due date.
  public var function: LaunchFunction
  /// The tiers whose launches need it, for example `[0, 1]`.
  public var tiers: [Tier]
  /// The role that owns it: a group on the roster, whose first member is the owner, or a function's lead, for example
  /// `engineering-lead`. By default the template's owner of its function, or else the function's lead.
  public var ownerRole: String?
  /// Relative to the launch date, in the function's calendar.
  public var due: DueRule
  /// Whether it blocks GO; default `blocking`.
  public var gate: GateKind
  /// The flag that decides whether it applies: it does if the flag is true, unknown or omitted. This is the older form
  /// of `when` and excludes it. Nil means always.
  public var condition: Flag?
  /// The condition on the facts under which it applies; an unknown or omitted fact counts as satisfying it. Nil means
  /// always.
  public var when: FactCondition?
  /// Creates one item per locale, segment or deal stage; a single item without an instance if that list is empty.
  public var expand: Expansion?
  /// Groups that must approve, each with its quorum.
  public var approvals: [ApprovalRule]
  /// Whether it needs approval by a member of its function other than the author, if `approvals` names no group;
  /// default false.
  public var review: Bool
  /// The kinds of evidence required before it can be done; the older form of `requires`, which it excludes.
  public var evidence: [EvidenceKind]
  /// Everything that is required before it can be done; an empty list, in files also `evidence: none`, requires
  /// nothing. Nil for an item in the older form.
  public var requires: [Requirement]?
  /// The event that completes it automatically; nil if none does.
  public var completedBy: CompletionRule?
  /// Keys of the items that must be done first.
  public var dependencies: [ItemKey]
  /// How many days it stays valid once done; nil means forever.
  public var shelfLifeDays: Int?
  /// Whether it is judged by the day the work happened rather than the day it was marked done; default false.
  public var strict: Bool
  /// When it is due in relation to the launch; default `before`. Items for after the launch never block GO.
  public var phase: ItemPhase
  /// A description of good work, for example `Each figure is within its limit.`; nil if the template has none.
  public var guidance: String?
  /// The launch or learning that led to this item.
  public var why: String

  public init(
    key: ItemKey, title: String, section: String, function: LaunchFunction, tiers: [Tier], ownerRole: String? = nil,
    due: DueRule, gate: GateKind = .blocking, condition: Flag? = nil, when: FactCondition? = nil,
    expand: Expansion? = nil, approvals: [ApprovalRule] = [], review: Bool = false, evidence: [EvidenceKind] = [],
    requires: [Requirement]? = nil, completedBy: CompletionRule? = nil, dependencies: [ItemKey] = [],
    shelfLifeDays: Int? = nil, strict: Bool = false, phase: ItemPhase = .before, guidance: String? = nil, why: String
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
    self.when = when
    self.expand = expand
    self.approvals = approvals
    self.review = review
    self.evidence = evidence
    self.requires = requires
    self.completedBy = completedBy
    self.dependencies = dependencies
    self.shelfLifeDays = shelfLifeDays
    self.strict = strict
    self.phase = phase
    self.guidance = guidance
    self.why = why
  }

  /// The condition under which it applies, in either form; nil means always.
  public var applicability: FactCondition? { when ?? condition.map { FactCondition.flag($0) } }
}

/// The due date of an item relative to the launch date; in files `5 business days before`, `14 days after`, `launch
/// day`.
public struct DueRule: Sendable, Hashable {
  /// The days that an offset counts.
  public enum Unit: String, Codable, Sendable, Hashable {
    case business, calendar
  }
  /// The number of days after the launch date; negative means before it, 0 is the launch date itself.
  public var offset: Int
  /// The days that the offset counts: business days of the function's calendar, or calendar days.
  public var unit: Unit

  public init(offset: Int, unit: Unit) {
    self.offset = offset
    self.unit = unit
  }
}

/// Whether an unfinished item blocks GO.
public enum GateKind: String, Codable, Sendable, Hashable, CaseIterable {
  case blocking, advisory
}

/// The list over which an item is expanded, into one instance for each element.
public enum Expansion: String, Codable, Sendable, Hashable, CaseIterable {
  case locales, segments
  case dealStages = "deal-stages"
}

/// When an item is due in relation to the launch.
public enum ItemPhase: String, Codable, Sendable, Hashable, CaseIterable {
  case before
  case launchDay = "launch-day"
  case after
}

/// A group whose approval an item needs, and its quorum.
public struct ApprovalRule: Sendable, Hashable {
  /// A function or a group on the roster, for example `legal`.
  public var group: String
  /// How many people of the group must approve; at least 1, which is the default.
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

/// The event that completes an item: its type, and the values its members must have.
///
/// A value in `where` may be `{locale}`, `{segment}`, `{feature}`, `{launch}`, `{flag}` or `{instance}`, substituted
/// for each item.
public struct CompletionRule: Sendable, Hashable {
  /// The full CloudEvents type, for example `dev.gonogo.signal.article.published.v1`.
  public var type: String
  /// JSON Pointers into the event, for example `/data/locale`, with the value required at each.
  public var `where`: [String: JSONValue]

  public init(type: String, where conditions: [String: JSONValue] = [:]) {
    self.type = type
    self.where = conditions
  }
}

/// A proposed change to a template, item by item, relative to a base version.
public struct TemplateChange: Sendable, Hashable {
  /// The version that the proposer saw; a conflict arises only if one of the same items has changed since.
  public var baseVersion: Int
  /// The items to add, with new keys.
  public var add: [TemplateItem]
  /// The items to replace: each takes the place of the item with the same key.
  public var replace: [TemplateItem]
  /// Keys of the items to remove; running launches keep theirs.
  public var remove: [ItemKey]

  public init(baseVersion: Int, add: [TemplateItem] = [], replace: [TemplateItem] = [], remove: [ItemKey] = []) {
    self.baseVersion = baseVersion
    self.add = add
    self.replace = replace
    self.remove = remove
  }
}

/// The stored state of an item; `overdue`, `due-soon`, `at-risk` and `stale` are derived on reading.
public enum ItemState: String, Codable, Sendable, Hashable, CaseIterable {
  case open
  case inProgress = "in-progress"
  case blocked
  case inReview = "in-review"
  case done, waived
  case notApplicable = "not-applicable"
  case voided
}

/// The readiness of a function, determined by its worst blocking item.
public enum ReadinessState: String, Codable, Sendable, Hashable, CaseIterable {
  case ready
  case onTrack = "on-track"
  case atRisk = "at-risk"
  case blocked, unknown
}

/// A decision on a launch.
public enum DecisionKind: String, Codable, Sendable, Hashable, CaseIterable {
  case go
  case noGo = "no-go"
  case hold
}

/// The system's recommendation.
public enum Recommendation: String, Codable, Sendable, Hashable, CaseIterable {
  case go
  case noGo = "no-go"
}

/// Encoded in calls and events in the same form as in files; on decoding, fields of newer versions are ignored.
extension ChecklistTemplate: Codable {
  public init(from decoder: any Decoder) throws {
    self = try LenientDecoding.read(decoder) { Self.read($0, $1) }
  }

  public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  /// The template as written in its file.
  public var document: JSONValue {
    var members: [String: JSONValue] = [
      "version": .integer(Int64(version)), "items": .array(items.map(\.document)),
    ]
    if !owners.isEmpty { members["owners"] = .object(owners.mapValues { .string($0) }) }
    return .object(members)
  }
}

extension TemplateItem: Codable {
  public init(from decoder: any Decoder) throws {
    self = try LenientDecoding.read(decoder) { TemplateItem(reading: $0, at: .root, $1) }
  }

  public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  /// The item as written in its file; fields with their default value are omitted.
  public var document: JSONValue {
    var members: [String: JSONValue] = [
      "key": .string(key), "title": .string(title), "section": .string(section),
      "function": .string(function.rawValue), "tiers": .array(tiers.map { .integer(Int64($0.rawValue)) }),
      "due": .string(due.description), "why": .string(why),
    ]
    if let ownerRole { members["ownerRole"] = .string(ownerRole) }
    if gate != .blocking { members["gate"] = .string(gate.rawValue) }
    if let condition { members["condition"] = .string(condition.rawValue) }
    if let when { members["when"] = when.document }
    if let expand { members["expand"] = .string(expand.rawValue) }
    if !approvals.isEmpty { members["approvals"] = .array(approvals.map(\.document)) }
    if review { members["review"] = true }
    if !evidence.isEmpty { members["evidence"] = .array(evidence.map { .string($0.rawValue) }) }
    if let requires { members["requires"] = .array(requires.map(\.document)) }
    if let completedBy { members["completedBy"] = completedBy.document }
    if !dependencies.isEmpty { members["dependencies"] = .array(dependencies.map { .string($0) }) }
    if let shelfLifeDays { members["shelfLifeDays"] = .integer(Int64(shelfLifeDays)) }
    if strict { members["strict"] = true }
    if phase != .before { members["phase"] = .string(phase.rawValue) }
    if let guidance { members["guidance"] = .string(guidance) }
    return .object(members)
  }
}

extension TemplateChange: Codable {
  public init(from decoder: any Decoder) throws {
    self = try LenientDecoding.read(decoder) { Self.read($0, $1) }
  }

  public func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  /// The change as written in its file.
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

/// Decodes documents leniently, ignoring unknown fields.
enum LenientDecoding {
  static func read<Document>(
    _ decoder: any Decoder, _ body: (JSONValue, DocumentErrors) -> Document?
  ) throws -> Document {
    let faults = DocumentErrors(ignoresUnknownFields: true)
    let value = try decoder.singleValueContainer().decode(JSONValue.self)
    let document = body(value, faults)
    guard faults.faults.isEmpty, let document else {
      let details = faults.faults.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" }
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: details.joined(separator: "; ")))
    }
    return document
  }
}
