import Contract
import Digests
import JSON
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The adopted metric defaults, and the proposals to replace them. Version 1 is built in and not stored.
struct DefaultsRepository {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// The audit chain of metric defaults, used in audit entries and events in place of a launch's id.
  static let chain = "metric-defaults"

  /// The defaults with a version; nil for the adopted version.
  ///
  /// - Throws: `defaults-not-found`.
  func adopted(version: Int? = nil) throws -> DocumentAdopted {
    let row = try version.map { try find($0) } ?? latest()
    if let row {
      return DocumentAdopted(
        documentVersion: try row.int("version"), digest: try row.text("digest"), document: try row.json("document"))
    }
    guard version == nil || version == MetricDefaults.builtIn.version else {
      throw Problem.notFound(
        "defaults-not-found", title: "no such metric defaults",
        "the metric defaults have no version \(version ?? 1); gonogo metric defaults show prints the adopted one")
    }
    let document = MetricDefaults.builtIn.document
    return DocumentAdopted(documentVersion: 1, digest: SHA256Digest.hex(ofCanonical: document), document: document)
  }

  /// Stores defaults under a version and announces them.
  ///
  /// - Parameter learning: the learning that proposed them, if any.
  func adopt(
    _ defaults: MetricDefaults, as version: Int, reason: String?, learning: String? = nil, _ tx: ServiceTransaction
  ) throws -> DocumentAdopted {
    var defaults = defaults
    defaults.version = version
    let document = defaults.document
    let adopted = DocumentAdopted(
      documentVersion: version, digest: SHA256Digest.hex(ofCanonical: document), document: document,
      learning: learning)
    try db.execute(
      "INSERT INTO metric_defaults (version, digest, document) VALUES (?, ?, ?)",
      [version, adopted.digest, try SQLValue.json(document)])
    try tx.announce(
      Announcements.metricDefaultsAdopted, launch: Self.chain, version: version, reason: reason, adopted)
    return adopted
  }

  private func find(_ version: Int) throws -> Row? {
    try db.queryOne("SELECT version, digest, document FROM metric_defaults WHERE version = ?", [version])
  }

  private func latest() throws -> Row? {
    try db.queryOne("SELECT version, digest, document FROM metric_defaults ORDER BY version DESC LIMIT 1")
  }

  // MARK: Proposals

  /// The id of the next proposal, for example `defaults-2`.
  func nextProposalID() throws -> String {
    let row = try db.queryOne("SELECT COUNT(*) AS proposals FROM metric_defaults_proposals")
    return "defaults-\((try row?.int("proposals") ?? 0) + 1)"
  }

  /// The proposals to replace a version, in the order they were proposed.
  func proposals(toReplace version: Int) throws -> [MetricDefaultsProposal] {
    try db.query("SELECT document FROM metric_defaults_proposals ORDER BY place")
      .map { try $0.json("document", as: MetricDefaultsProposal.self) }
      .filter { $0.baseVersion == version }
  }

  /// The proposal with an id; nil if there is none.
  func find(_ id: String) throws -> MetricDefaultsProposal? {
    try db.queryOne("SELECT document FROM metric_defaults_proposals WHERE proposal = ?", [id])?
      .json("document", as: MetricDefaultsProposal.self)
  }

  /// - Throws: `proposal-not-found`.
  func proposal(_ id: String) throws -> MetricDefaultsProposal {
    guard let proposal = try find(id) else {
      throw Problem.notFound(
        "proposal-not-found", title: "no such proposal",
        "no proposal \"\(id)\"; list them with gonogo metric defaults show")
    }
    return proposal
  }

  /// Stores a new or changed proposal.
  func save(_ proposal: MetricDefaultsProposal) throws {
    try db.execute(
      """
      INSERT INTO metric_defaults_proposals (proposal, place, document)
      VALUES (?, (SELECT COUNT(*) + 1 FROM metric_defaults_proposals), ?)
      ON CONFLICT (proposal) DO UPDATE SET document = excluded.document
      """, [proposal.id, try SQLValue.json(proposal)])
  }
}

extension DefaultsRepository {
  /// Stores the defaults that a learning proposes, unless they are already stored or equal the adopted ones.
  func store(_ proposed: LearningProposed, by header: AnnouncementHeader, _ tx: ServiceTransaction) throws {
    guard proposed.target == LearningTarget.metricDefaults.rawValue, let document = proposed.document,
      try find(proposed.learning) == nil
    else { return }
    let defaults = try MetricDefaults(reading: document)
    let current = try adopted()
    let changes = defaults.changes(from: try MetricDefaults(reading: current.document))
    guard !changes.isEmpty else { return }
    let proposal = MetricDefaultsProposal(
      id: proposed.learning, reason: proposed.text, document: document,
      baseVersion: defaults.version ?? current.documentVersion, changes: changes, proposedAt: header.at,
      proposedBy: header.by, learning: proposed.learning, launches: proposed.launches)
    try save(proposal)
    try tx.record(launch: Self.chain, action: "defaults.propose", detail: proposal)
  }
}
