import Digests
import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// The adopted policies, and the templates announced by checklist.
struct DocumentRepository {
  private enum Kind: String {
    case policy, template
  }

  let db: any Transaction

  /// The subject used in audit entries and events in place of a launch's id.
  static let policySubject = "policy"

  var isWithoutPolicy: Bool {
    get throws { try current(.policy) == nil }
  }

  func currentPolicy() throws -> TierPolicy? {
    try current(.policy).map { try TierPolicy(reading: try $0.json("document")) }
  }

  /// The template with a version; the latest one if the version is nil or was never announced.
  func template(version: Int?) throws -> ChecklistTemplate? {
    let row = try version.flatMap { try find(.template, $0) } ?? current(.template)
    return try row?.json("document", as: ChecklistTemplate.self)
  }

  /// The policy with a version; nil for the adopted one.
  ///
  /// - Throws: `policy-not-found`.
  func policy(version: Int?) throws -> DocumentAdopted {
    let row = try version.map { try find(.policy, $0) } ?? current(.policy)
    guard let row else {
      throw Problem.notFound(
        "policy-not-found", title: "no such policy", "the tier policy has no version \(version ?? 1)")
    }
    return DocumentAdopted(
      documentVersion: try row.int("version"), digest: try row.text("digest"), document: try row.json("document"))
  }

  /// Stores a policy under its version and announces it.
  ///
  /// - Parameter learning: the learning that proposed the policy, if any.
  func adoptPolicy(
    _ document: JSONValue, reason: String?, learning: String? = nil, _ tx: ServiceTransaction
  ) throws {
    let policy = try TierPolicy(reading: document)
    let adopted = DocumentAdopted(
      documentVersion: policy.version, digest: SHA256Digest.hex(ofCanonical: document), document: document,
      learning: learning)
    try save(.policy, adopted.documentVersion, adopted.digest, document)
    try tx.announce(
      Announcements.policyAdopted, launch: Self.policySubject, version: policy.version, reason: reason, adopted)
  }

  /// Stores an announced template; a version already stored is left unchanged.
  func saveTemplate(_ adopted: TemplateAdopted) throws {
    try save(.template, adopted.templateVersion, adopted.digest, adopted.document.document)
  }

  private func current(_ kind: Kind) throws -> Row? {
    try db.queryOne(
      "SELECT version, digest, document FROM adopted_documents WHERE kind = ? ORDER BY version DESC LIMIT 1",
      [kind.rawValue])
  }

  private func find(_ kind: Kind, _ version: Int) throws -> Row? {
    try db.queryOne(
      "SELECT version, digest, document FROM adopted_documents WHERE kind = ? AND version = ?",
      [kind.rawValue, version])
  }

  private func save(_ kind: Kind, _ version: Int, _ digest: String, _ document: JSONValue) throws {
    try db.execute(
      """
      INSERT INTO adopted_documents (kind, version, digest, document) VALUES (?, ?, ?, ?)
      ON CONFLICT (kind, version) DO NOTHING
      """, [kind.rawValue, version, digest, try SQLValue.json(document)])
  }
}
