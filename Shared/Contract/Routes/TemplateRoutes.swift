public import JSON
public import LaunchModel

/// Selects a version of a document.
public struct VersionReference: Codable, Sendable, Hashable {
  /// The version, starting at 1; nil means the current one.
  public var version: Int?

  public init(version: Int? = nil) { self.version = version }
}

/// The template's versions and the proposals to change it.
public struct TemplateList: Codable, Sendable, Hashable {
  /// An adopted version.
  public struct Version: Codable, Sendable, Hashable {
    /// The version: 1 for the first, increased by one with each adoption.
    public var version: Int
    /// When it was adopted.
    public var adoptedAt: Timestamp
    /// Who adopted it, for example `dana`; the service itself for the built-in version.
    public var adoptedBy: String
    /// The number of items in it.
    public var items: Int
    /// The SHA-256 of the template in canonical JSON, lower-case hex.
    public var digest: String

    public init(version: Int, adoptedAt: Timestamp, adoptedBy: String, items: Int, digest: String) {
      self.version = version
      self.adoptedAt = adoptedAt
      self.adoptedBy = adoptedBy
      self.items = items
      self.digest = digest
    }
  }
  /// The version that new launches use.
  public var current: Int
  /// All adopted versions; none is ever deleted.
  public var versions: [Version]
  /// All proposals, open and adopted.
  public var proposals: [TemplateProposalView]

  public init(current: Int, versions: [Version], proposals: [TemplateProposalView]) {
    self.current = current
    self.versions = versions
    self.proposals = proposals
  }
}

/// A manually proposed change to the template.
public struct TemplateProposal: Codable, Sendable, Hashable {
  /// The template change as written in its file, read by `TemplateChange.init(reading:)`.
  public var change: JSONValue
  /// Why it should change; stored with the proposal; nil if no reason is given.
  public var reason: String?

  public init(change: JSONValue, reason: String? = nil) {
    self.change = change
    self.reason = reason
  }
}

/// A proposed change to the template and its outcome.
public struct TemplateProposalView: Codable, Sendable, Hashable {
  /// The learning's id, for example `smart-routing-l1`; for a manual proposal, for example `proposal-2`.
  public var id: String
  /// The learning it came from; nil if there is none.
  public var learning: String?
  /// What was learned, or the reason given; may be empty.
  public var text: String
  /// The launches it cites.
  public var launches: [LaunchID]
  /// The items to add, replace and remove.
  public var change: TemplateChange
  /// When it was proposed.
  public var proposedAt: Timestamp
  /// Who proposed it: `dana`, or `dana (claimed by uid:1000)`.
  public var proposedBy: String
  /// The template version it became; nil if it was not adopted.
  public var adoptedAs: Int?

  public init(
    id: String, learning: String? = nil, text: String, launches: [LaunchID] = [], change: TemplateChange,
    proposedAt: Timestamp, proposedBy: String, adoptedAs: Int? = nil
  ) {
    self.id = id
    self.learning = learning
    self.text = text
    self.launches = launches
    self.change = change
    self.proposedAt = proposedAt
    self.proposedBy = proposedBy
    self.adoptedAs = adoptedAs
  }
}

/// Selects the templates to compare: two versions, or the current one and a proposal or a document.
public struct DiffTemplates: Codable, Sendable, Hashable {
  /// The earlier version; nil means the one before `to` or, if a proposal or document is given, the current one.
  public var from: Int?
  /// The later version; nil means the current one. Not allowed together with `proposal` or `document`.
  public var to: Int?
  /// The id of an open proposal, whose change is compared with the current version.
  public var proposal: String?
  /// A template as written in its file; errors have pointers into it.
  public var document: JSONValue?

  public init(from: Int? = nil, to: Int? = nil, proposal: String? = nil, document: JSONValue? = nil) {
    self.from = from
    self.to = to
    self.proposal = proposal
    self.document = document
  }
}

/// Adopts an open proposal or a whole template; exactly one of the two is given.
public struct AdoptTemplate: Codable, Sendable, Hashable {
  /// The id of an open proposal; nil exactly if `document` is given.
  public var proposal: String?
  /// A template as written in its file; nil exactly if `proposal` is given.
  public var document: JSONValue?

  public init(proposal: String? = nil, document: JSONValue? = nil) {
    self.proposal = proposal
    self.document = document
  }
}

/// Adopts a roster.
public struct AdoptRoster: Codable, Sendable, Hashable {
  /// The roster file's contents; errors have pointers into it.
  public var document: JSONValue
  /// Why, for the audit trail.
  public var reason: String?

  public init(document: JSONValue, reason: String? = nil) {
    self.document = document
    self.reason = reason
  }
}

/// The adopted roster; empty, with version 0, before the first adoption.
public struct RosterView: Codable, Sendable, Hashable {
  /// The version: 1 for the first, increased by one with each adoption; 0 before the first.
  public var rosterVersion: Int
  /// The people, grants and groups in force.
  public var document: Roster
  /// When it was adopted; nil before the first adoption.
  public var adoptedAt: Timestamp?
  /// Who adopted it: `dana`, or `dana (claimed by uid:1000)`; nil before the first adoption.
  public var adoptedBy: String?

  public init(rosterVersion: Int, document: Roster, adoptedAt: Timestamp? = nil, adoptedBy: String? = nil) {
    self.rosterVersion = rosterVersion
    self.document = document
    self.adoptedAt = adoptedAt
    self.adoptedBy = adoptedBy
  }
}
