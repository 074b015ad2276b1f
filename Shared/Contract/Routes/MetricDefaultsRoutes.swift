public import JSON
public import LaunchModel

extension MetricsRoutes {
  /// A version of the metric defaults, in full, with the proposals to replace it.
  public static let showDefaults = Route<VersionReference, MetricDefaultsView>(.metrics, "defaults.show", .read)
  /// The effect of metric defaults, or the reasons why they cannot be proposed; stores nothing.
  public static let checkDefaults = Route<CheckMetricDefaults, MetricDefaultsCheck>(.metrics, "defaults.check", .read)
  /// Stores metric defaults as a proposal to be adopted.
  public static let proposeDefaults = Route<ProposeMetricDefaults, MetricDefaultsProposal>(
    .metrics, "defaults.propose", .change)
  /// Adopts a proposal of metric defaults, which apply to plans defined or amended from then on; Product Ops only. A
  /// proposal whose base is no longer the adopted version is rejected with `proposal-outdated`.
  public static let adoptDefaults = Route<AdoptMetricDefaults, MetricDefaultsAdoption>(
    .metrics, "defaults.adopt", .change)
}

/// A version of the metric defaults, which supply values that metric files omit.
public struct MetricDefaultsView: Codable, Sendable, Hashable {
  /// The version: 1 is built in; each adoption increases it by one.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// The defaults by tier and kind of metric, in full.
  public var document: JSONValue
  /// The proposals to replace this version, oldest first.
  public var proposals: [MetricDefaultsProposal]

  public init(documentVersion: Int, digest: String, document: JSONValue, proposals: [MetricDefaultsProposal]) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.document = document
    self.proposals = proposals
  }
}

/// Metric defaults to check.
public struct CheckMetricDefaults: Codable, Sendable, Hashable {
  /// The defaults as written in their file; errors have pointers into it.
  public var document: JSONValue

  public init(document: JSONValue) { self.document = document }
}

/// The effect of metric defaults.
public struct MetricDefaultsCheck: Codable, Sendable, Hashable {
  /// The adopted version, which the defaults would replace.
  public var baseVersion: Int
  /// The values that differ from that version, for example `tier 1 adoption: target - → >= 30%`; never empty.
  public var changes: [String]

  public init(baseVersion: Int, changes: [String]) {
    self.baseVersion = baseVersion
    self.changes = changes
  }
}

/// Metric defaults to propose.
public struct ProposeMetricDefaults: Codable, Sendable, Hashable {
  /// The defaults as written in their file; omitted values are the built-in ones. If it has a `version`, that is the
  /// version to replace, which must be the adopted one.
  public var document: JSONValue
  /// Why they should change; required.
  public var reason: String?

  public init(document: JSONValue, reason: String? = nil) {
    self.document = document
    self.reason = reason
  }
}

/// Proposed metric defaults and their outcome.
public struct MetricDefaultsProposal: Codable, Sendable, Hashable {
  /// The id, for example `defaults-2`.
  public var id: String
  /// Why they should change.
  public var reason: String
  /// The defaults as they were proposed.
  public var document: JSONValue
  /// The version that was adopted at the time of the proposal, which it is to replace.
  public var baseVersion: Int
  /// The values that differ from that version, for example `tier 1 adoption: target - → >= 30%`; never empty.
  public var changes: [String]
  /// When they were proposed.
  public var proposedAt: Timestamp
  /// Who proposed them: `dana`, or `dana (claimed by uid:1000)`.
  public var proposedBy: String
  /// The version they became; nil if they were not adopted.
  public var adoptedAs: Int?
  /// The learning it came from, whose id is also the proposal's; nil if there is none.
  public var learning: String?
  /// The launches that the learning cites; nil if it came from none.
  public var launches: [LaunchID]?

  public init(
    id: String, reason: String, document: JSONValue, baseVersion: Int, changes: [String], proposedAt: Timestamp,
    proposedBy: String, adoptedAs: Int? = nil, learning: String? = nil, launches: [LaunchID]? = nil
  ) {
    self.learning = learning
    self.launches = launches
    self.id = id
    self.reason = reason
    self.document = document
    self.baseVersion = baseVersion
    self.changes = changes
    self.proposedAt = proposedAt
    self.proposedBy = proposedBy
    self.adoptedAs = adoptedAs
  }
}

/// A proposal of metric defaults to adopt.
public struct AdoptMetricDefaults: Codable, Sendable, Hashable {
  /// The proposal's id, for example `defaults-2`.
  public var proposal: String
  /// Why, for the audit trail; nil to use the proposal's own reason.
  public var reason: String?

  public init(proposal: String, reason: String? = nil) {
    self.proposal = proposal
    self.reason = reason
  }
}

/// Adopted metric defaults.
public struct MetricDefaultsAdoption: Codable, Sendable, Hashable {
  /// The new version, one more than the previous one.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// The values that differ from the previous version, for example `tier 1 adoption: target - → >= 30%`; never empty.
  public var changes: [String]

  public init(documentVersion: Int, digest: String, changes: [String]) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.changes = changes
  }
}
