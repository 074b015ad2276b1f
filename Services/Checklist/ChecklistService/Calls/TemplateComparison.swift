import ChecklistCore
import Contract
import LaunchModel
import Storage

/// Compares the template versions, the proposal or the document named in a call.
struct TemplateComparison {
  let db: any Transaction

  private var templates: TemplateRepository { TemplateRepository(db: db) }

  /// - Throws: `invalid` if the call names more than one of them, or a document with errors; `not found` if a version
  ///   or proposal does not exist; a conflict if the proposal no longer fits the version that it is compared with.
  func diff(_ request: DiffTemplates) throws -> TemplateDiff {
    let named = [request.to != nil, request.proposal != nil, request.document != nil]
    guard named.count(where: { $0 }) <= 1 else {
      throw Problem.invalid("ambiguous", pointer: "/to", "give one of to, proposal and document")
    }
    if let document = request.document {
      let next = try ChecklistTemplate(reading: document)
      return TemplateDiff(from: try templates.require(request.from), to: next, version: nil)
    }
    if let id = request.proposal {
      let current = try templates.require(request.from)
      return TemplateDiff(from: current, to: try merged(id, into: current), version: nil)
    }
    let next = try templates.require(request.to)
    // The first version has no predecessor, so it is compared with itself.
    let previous = try templates.require(request.from ?? max(1, next.version - 1))
    return TemplateDiff(from: previous, to: next, version: next.version)
  }

  private func merged(_ id: String, into template: ChecklistTemplate) throws -> ChecklistTemplate {
    guard let proposal = try TemplateProposalRepository(db: db).load(id) else {
      throw Problem.notFound(
        "proposal-not-found", title: "no such proposal", "no proposal \"\(id)\"; see gonogo template list")
    }
    if let version = proposal.adoptedAs {
      throw Problem.conflict(
        "already-adopted",
        "\(id) was adopted as template version \(version); see gonogo template diff \(version - 1) \(version)")
    }
    return try template.merging(proposal.change, from: try templates.require(proposal.change.baseVersion))
  }
}
