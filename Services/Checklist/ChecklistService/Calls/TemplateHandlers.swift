import ChecklistCore
import JSON
import Contract
import Digests
import LaunchModel
import ServiceKit
import Storage

/// The calls about the template.
struct TemplateHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.listTemplates) { [context] _, _ in
      try await context.environment.database.read { db in
        let versions = try TemplateRepository(db: db).versions()
        return TemplateList(
          current: versions.last?.version ?? 0, versions: versions,
          proposals: try TemplateProposalRepository(db: db).all())
      }
    }
    router.read(ChecklistRoutes.showTemplate) { [context] params, _ in
      try await context.environment.database.read { try TemplateRepository(db: $0).require(params.version) }
    }
    router.read(ChecklistRoutes.diffTemplates) { [context] params, _ in
      try await context.environment.database.read { try TemplateComparison(db: $0).diff(params) }
    }
    router.read(ChecklistRoutes.lintTemplate) { [context] params, call in
      try Rights.require(call.actor, .read)
      let roster = context.environment.roster
      if let document = params.document { return TemplateInspection.report(onReading: document, roster: roster) }
      return try await context.environment.database.read {
        TemplateInspection.report(on: try TemplateRepository(db: $0).require(), roster: roster)
      }
    }
    router.change(ChecklistRoutes.proposeTemplate) { params, call, tx in
      try TemplateChanges(tx: tx).propose(params, by: call.actor)
    }
    router.change(ChecklistRoutes.adoptTemplate) { [context] params, call, tx in
      let before = try TemplateRepository(db: tx.db).require()
      var adopted = try TemplateChanges(tx: tx).adopt(params, by: call.actor)
      adopted.warnings = try RosterReferences(db: tx.db, context: context, now: tx.now).warnings()
      var answer = adopted
      answer.changes = TemplateDiff(from: before, to: adopted.document, version: adopted.templateVersion)
      return try JSONCoding.encode(answer).count <= ItemHandlers.responseLimit ? answer : adopted
    }
  }
}

/// Proposes and adopts versions of the template. Running launches keep the version with which they started.
struct TemplateChanges {
  let tx: ServiceTransaction

  private var templates: TemplateRepository { TemplateRepository(db: tx.db) }
  private var proposals: TemplateProposalRepository { TemplateProposalRepository(db: tx.db) }

  /// The subject of the audit chain and of events, in place of a launch.
  static let subject = "templates"

  /// Stores a proposal if it can be merged into the current template.
  func propose(_ proposal: TemplateProposal, by actor: Actor) throws -> TemplateProposalView {
    try Rights.require(actor, .onRoster)
    let change = try TemplateChange(reading: proposal.change)
    _ = try merged(change)
    let view = TemplateProposalView(
      id: try proposals.nextID(), text: proposal.reason ?? "", change: change, proposedAt: tx.now,
      proposedBy: actor.description)
    try proposals.save(view)
    try tx.record(launch: Self.subject, action: "template.propose", detail: view, reason: proposal.reason)
    return view
  }

  /// Adopts an open proposal, or a whole document, as the next version.
  func adopt(_ request: AdoptTemplate, by actor: Actor) throws -> TemplateAdopted {
    try Rights.require(actor, .productOps)
    if let document = request.document {
      guard request.proposal == nil else {
        throw Problem.invalid(
          "ambiguous", pointer: "/document", "give a proposal or a document, not both")
      }
      return try adopt(document: document)
    }
    guard let id = request.proposal else {
      throw Problem.invalid("missing-proposal", pointer: "/proposal", "give the id of a proposal, or a document")
    }
    guard var proposal = try proposals.load(id) else {
      throw Problem.notFound(
        "proposal-not-found", title: "no such proposal", "no proposal \"\(id)\"; see gonogo template list")
    }
    if let version = proposal.adoptedAs {
      throw Problem.conflict("already-adopted", "\(id) was already adopted as template version \(version)")
    }
    var next = try merged(proposal.change)
    if let learning = proposal.learning {
      next = try merged(proposal.change.citing(learning: learning, of: proposal.launches))
    }
    proposal.adoptedAs = next.version
    try proposals.save(proposal)
    return try adopt(next, learning: proposal.learning, reason: proposal.text)
  }

  /// Adopts the given template as the next version.
  func adopt(_ template: ChecklistTemplate, learning: String? = nil, reason: String? = nil) throws -> TemplateAdopted {
    try requireCompletable(template)
    let adopted = TemplateAdopted(
      templateVersion: template.version, digest: SHA256Digest.hex(ofCanonical: try JSONCoding.value(template)),
      document: template,
      learning: learning)
    try templates.add(template, digest: adopted.digest, by: tx.actor.description, at: tx.now)
    try tx.announce(
      Announcements.templateAdopted, launch: Self.subject, version: template.version, reason: reason, adopted)
    return adopted
  }

  private func adopt(document: JSONValue) throws -> TemplateAdopted {
    var template = try ChecklistTemplate(reading: document)
    let current = try templates.require()
    guard template.items != current.items || template.owners != current.owners else {
      throw Problem.conflict("nothing-changes", "template version \(current.version) already has exactly these items")
    }
    template.version = current.version + 1
    return try adopt(template)
  }

  /// Returns the current template with the change merged in, validated.
  ///
  /// - Throws: the errors of the merged template, each located in the change.
  private func merged(_ change: TemplateChange) throws -> ChecklistTemplate {
    let base = try templates.require(change.baseVersion)
    let next = try templates.require().merging(change, from: base)
    do {
      let template = try ChecklistTemplate(reading: next.document)
      try requireCompletable(template)
      return template
    } catch let problem as Problem {
      throw change.locating(problem, in: next)
    }
  }

  /// Throws if a completion rule names events that the checklist does not subscribe to.
  private func requireCompletable(_ template: ChecklistTemplate) throws {
    let errors = template.items.enumerated().compactMap { index, item -> FieldError? in
      guard let type = item.completedBy?.type, !ChecklistEventHandlers.completingTypes.contains(type) else {
        return nil
      }
      let known = ChecklistEventHandlers.completingTypes.sorted().joined(separator: ", ")
      return FieldError(
        pointer: "/items/\(index)/completedBy/type",
        detail: "events of type \(type) cannot complete an item; use one of \(known)")
    }
    guard errors.isEmpty else {
      throw Problem.invalid("invalid-template", title: "invalid template", errors: errors)
    }
  }
}
