import Contract
import LaunchModel
import Storage

/// The stored versions of the checklist template.
struct TemplateRepository {
  let db: any Transaction

  /// Returns a version of the template, by default the latest; nil if there is none.
  func load(_ version: Int? = nil) throws -> ChecklistTemplate? {
    let row =
      if let version {
        try db.queryOne("SELECT document FROM templates WHERE version = ?", [version])
      } else {
        try db.queryOne("SELECT document FROM templates ORDER BY version DESC LIMIT 1")
      }
    return try row?.json("document", as: ChecklistTemplate.self)
  }

  /// Returns a version of the template, by default the latest.
  ///
  /// - Throws: `not found` if there is no such version.
  func require(_ version: Int? = nil) throws -> ChecklistTemplate {
    guard let template = try load(version) else {
      throw Problem.notFound(
        "template-not-found", title: "no such template version",
        version.map { "no template version \($0); see gonogo template list" } ?? "no template has been adopted yet")
    }
    return template
  }

  func add(_ template: ChecklistTemplate, digest: String, by actor: String, at now: Timestamp) throws {
    try db.execute(
      "INSERT INTO templates (version, at, actor, digest, document) VALUES (?, ?, ?, ?, ?)",
      [template.version, now, actor, digest, try SQLValue.json(template)])
  }

  /// Every version, oldest first.
  func versions() throws -> [TemplateList.Version] {
    try db.query("SELECT version, at, actor, digest, document FROM templates ORDER BY version").map {
      TemplateList.Version(
        version: try $0.int("version"), adoptedAt: try $0.timestamp("at"), adoptedBy: try $0.text("actor"),
        items: try $0.json("document", as: ChecklistTemplate.self).items.count, digest: try $0.text("digest"))
    }
  }
}

/// The stored proposals to change the template.
struct TemplateProposalRepository {
  let db: any Transaction

  /// Every proposal, oldest first.
  func all() throws -> [TemplateProposalView] {
    try db.query("SELECT document FROM template_proposals ORDER BY place")
      .map { try $0.json("document", as: TemplateProposalView.self) }
  }

  /// Returns the proposal with an id; nil if there is none.
  func load(_ id: String) throws -> TemplateProposalView? {
    try db.queryOne("SELECT document FROM template_proposals WHERE proposal = ?", [id])?
      .json("document", as: TemplateProposalView.self)
  }

  /// Inserts or updates a proposal.
  func save(_ proposal: TemplateProposalView) throws {
    try db.execute(
      """
      INSERT INTO template_proposals (proposal, place, document)
      VALUES (?, (SELECT COALESCE(MAX(place), 0) + 1 FROM template_proposals), ?)
      ON CONFLICT (proposal) DO UPDATE SET document = excluded.document
      """, [proposal.id, try SQLValue.json(proposal)])
  }

  /// Returns the id of the next proposal that does not come from a learning.
  func nextID() throws -> String { "proposal-\(try all().count + 1)" }
}
