public import JSON
public import LaunchModel

/// A version of a document; nil stands for the adopted one.
public struct VersionReference: Codable, Sendable, Hashable {
  /// From 1; nil for the one that is in force.
  public var version: Int?

  public init(version: Int? = nil) { self.version = version }
}

/// The template's versions and open proposals.
public struct TemplateList: Codable, Sendable, Hashable {
  /// One version that was adopted.
  public struct Version: Codable, Sendable, Hashable {
    /// From 1, one more with each adoption.
    public var version: Int
    /// When it was adopted.
    public var adoptedAt: Timestamp
    /// Who adopted it, as `dana`; the service itself for the built-in one.
    public var adoptedBy: String
    /// How many items it has.
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
  /// The version that new launches start from.
  public var current: Int
  /// All that were ever adopted; none is deleted.
  public var versions: [Version]
  /// Those still open and those adopted.
  public var proposals: [TemplateProposalView]

  public init(current: Int, versions: [Version], proposals: [TemplateProposalView]) {
    self.current = current
    self.versions = versions
    self.proposals = proposals
  }
}

/// A change of the template, proposed by hand.
public struct TemplateProposal: Codable, Sendable, Hashable {
  /// A template change as its file has it, read by `TemplateChange.init(reading:)`.
  public var change: JSONValue
  /// Why it should change, told with the proposal; nil where nothing is said.
  public var reason: String?

  public init(change: JSONValue, reason: String? = nil) {
    self.change = change
    self.reason = reason
  }
}

/// A proposed change of the template and what became of it.
public struct TemplateProposalView: Codable, Sendable, Hashable {
  /// The learning's id, as `smart-routing-l1`, or `proposal-2` for one made by hand.
  public var id: String
  /// The learning it came from, where it did.
  public var learning: String?
  /// What was learnt, or the reason given; empty where there is none.
  public var text: String
  /// The launches that it cites.
  public var launches: [LaunchID]
  /// What would be added, replaced and removed.
  public var change: TemplateChange
  /// When it was proposed.
  public var proposedAt: Timestamp
  /// Who proposed it, as `dana`, or `dana (claimed by uid:1000)`.
  public var proposedBy: String
  /// The template version that it became.
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

/// Adopts an open proposal, or a whole template document.
public struct AdoptTemplate: Codable, Sendable, Hashable {
  /// The id of an open proposal; nil where `document` is given, and never both.
  public var proposal: String?
  /// A template as its file has it.
  public var document: JSONValue?

  public init(proposal: String? = nil, document: JSONValue? = nil) {
    self.proposal = proposal
    self.document = document
  }
}

/// Adopts a roster document as its file has it.
public struct AdoptRoster: Codable, Sendable, Hashable {
  /// The roster file's content; faults are answered with pointers into it.
  public var document: JSONValue

  public init(document: JSONValue) { self.document = document }
}

/// The adopted roster; version 0 and empty before there is one.
public struct RosterView: Codable, Sendable, Hashable {
  /// From 1, one more with each adoption; 0 before there is one.
  public var rosterVersion: Int
  /// The people, grants and groups in force.
  public var document: Roster
  /// When it was adopted; nil before there is one.
  public var adoptedAt: Timestamp?
  /// Who adopted it, as `dana`, or `dana (claimed by uid:1000)`; nil before there is one.
  public var adoptedBy: String?

  public init(rosterVersion: Int, document: Roster, adoptedAt: Timestamp? = nil, adoptedBy: String? = nil) {
    self.rosterVersion = rosterVersion
    self.document = document
    self.adoptedAt = adoptedAt
    self.adoptedBy = adoptedBy
  }
}
