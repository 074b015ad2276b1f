public import JSON

/// A version of a document; nil stands for the adopted one.
public struct VersionReference: Codable, Sendable, Hashable {
  public var version: Int?

  public init(version: Int? = nil) { self.version = version }
}

/// The template's versions and open proposals.
public struct TemplateList: Codable, Sendable, Hashable {
  /// One version that was adopted.
  public struct Version: Codable, Sendable, Hashable {
    public var version: Int
    public var adoptedAt: Timestamp
    public var adoptedBy: String
    public var items: Int
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
  public var versions: [Version]
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
  public var reason: String?

  public init(change: JSONValue, reason: String? = nil) {
    self.change = change
    self.reason = reason
  }
}

/// A proposed change of the template and what became of it.
public struct TemplateProposalView: Codable, Sendable, Hashable {
  public var id: String
  /// The learning it came from, where it did.
  public var learning: String?
  public var text: String
  public var launches: [LaunchID]
  public var change: TemplateChange
  public var proposedAt: Timestamp
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
  public var document: JSONValue

  public init(document: JSONValue) { self.document = document }
}

/// The adopted roster; version 0 and empty before there is one.
public struct RosterView: Codable, Sendable, Hashable {
  public var rosterVersion: Int
  public var document: Roster
  public var adoptedAt: Timestamp?
  public var adoptedBy: String?

  public init(rosterVersion: Int, document: Roster, adoptedAt: Timestamp? = nil, adoptedBy: String? = nil) {
    self.rosterVersion = rosterVersion
    self.document = document
    self.adoptedAt = adoptedAt
    self.adoptedBy = adoptedBy
  }
}
