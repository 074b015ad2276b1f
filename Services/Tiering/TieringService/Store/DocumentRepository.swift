import Digests
import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// The adopted policies, and the template as checklist announced it last.
struct DocumentRepository {
  private enum Kind: String {
    case policy, template
  }

  let db: any Transaction

  /// What the audit and the events name instead of a launch.
  static let policySubject = "policy"

  var isWithoutPolicy: Bool {
    get throws { try current(.policy) == nil }
  }

  func currentPolicy() throws -> TierPolicy? {
    try current(.policy).map { try TierPolicy(reading: try $0.json("document")) }
  }

  /// A version of the template; the adopted one for nil, and where that version was never announced.
  func template(version: Int?) throws -> ChecklistTemplate? {
    let row = try version.flatMap { try find(.template, $0) } ?? current(.template)
    return try row?.json("document", as: ChecklistTemplate.self)
  }

  /// A version of the policy; the adopted one for nil.
  ///
  /// - Throws: `policy-not-found`.
  func policy(version: Int?) throws -> DocumentAdopted {
    let row = try version.map { try find(.policy, $0) } ?? current(.policy)
    guard let row else {
      throw Problem.notFound(
        "policy-not-found", title: "no such policy", "there is no version \(version ?? 1) of the tier policy")
    }
    return DocumentAdopted(
      documentVersion: try row.int("version"), digest: try row.text("digest"), document: try row.json("document"))
  }

  /// Keeps a policy as the next version and announces it.
  func adoptPolicy(_ document: JSONValue, reason: String?, _ tx: ServiceTransaction) throws {
    let policy = try TierPolicy(reading: document)
    let adopted = DocumentAdopted(
      documentVersion: policy.version, digest: SHA256Digest.hex(ofCanonical: document), document: document)
    try keep(.policy, adopted.documentVersion, adopted.digest, document)
    try tx.announce(
      Announcements.policyAdopted, launch: Self.policySubject, version: policy.version, reason: reason, adopted)
  }

  /// Keeps a template that was announced, whose version is not known yet.
  func keepTemplate(_ adopted: TemplateAdopted) throws {
    try keep(.template, adopted.templateVersion, adopted.digest, adopted.document.document)
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

  private func keep(_ kind: Kind, _ version: Int, _ digest: String, _ document: JSONValue) throws {
    try db.execute(
      """
      INSERT INTO adopted_documents (kind, version, digest, document) VALUES (?, ?, ?, ?)
      ON CONFLICT (kind, version) DO NOTHING
      """, [kind.rawValue, version, digest, try SQLValue.json(document)])
  }
}
