import ChecklistCore
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage

/// The calls about what past launches show about the template: records, suggestions and replays.
struct TemplateRecordHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.templateRecord) { [context] params, call in
      try Rights.require(call.actor, .read)
      let (experience, template) = try await read(call, context) { try $0.require() }
      let (complete, missing) = try await PastOutcomes(call: call).adding(to: experience)
      let records = complete.records(for: template)
      guard let key = params.key else {
        return TemplateRecord(launches: complete.views, items: records, missing: missing)
      }
      guard let record = records.first(where: { $0.key == key }) else {
        throw Problem.notFound(
          "item-not-found", title: "no such item",
          "neither the template nor a launch so far has an item \"\(key)\""
            + "\(Suggestion.text(for: key, among: records.map(\.key))); see gonogo template show")
      }
      return TemplateRecord(launches: complete.views, items: [record], missing: missing)
    }
    router.read(ChecklistRoutes.suggestTemplate) { [context] _, call in
      try Rights.require(call.actor, .read)
      let (experience, template) = try await read(call, context) { try $0.require() }
      return experience.suggestions(for: template)
    }
    router.read(ChecklistRoutes.replayTemplate) { [context] params, call in
      try Rights.require(call.actor, .read)
      let (experience, (change, template)) = try await read(call, context) { try replayed(params, $0) }
      let (complete, missing) = try await PastOutcomes(call: call).adding(to: experience)
      var replay = complete.replay(change, of: template)
      replay.missing = missing
      return replay
    }
  }

  /// Reads the past launches and the templates.
  private func read<R: Sendable>(
    _ call: CallContext, _ context: ChecklistContext,
    _ body: @escaping @Sendable (TemplateRepository) throws -> R
  ) async throws -> (TemplateExperience, R) {
    try await call.environment.database.read { db in
      (try CourseRepository(db: db, context: context).courses(at: call.now), try body(TemplateRepository(db: db)))
    }
  }

  /// Returns the change to replay, and the version into which it would be merged: the current one or, for an adopted
  /// proposal, its base.
  ///
  /// - Throws: the same errors as adopting the change.
  private func replayed(
    _ params: ReplayTemplate, _ templates: TemplateRepository
  ) throws -> (TemplateChange, ChecklistTemplate) {
    switch (params.proposal, params.change) {
    case (let id?, nil):
      guard let proposal = try TemplateProposalRepository(db: templates.db).load(id) else {
        throw Problem.notFound(
          "proposal-not-found", title: "no such proposal", "no proposal \"\(id)\"; see gonogo template list")
      }
      if proposal.adoptedAs != nil { return (proposal.change, try templates.require(proposal.change.baseVersion)) }
      return (proposal.change, try mergeable(proposal.change, templates))
    case (nil, let document?):
      let change = try TemplateChange(reading: document)
      return (change, try mergeable(change, templates))
    case (nil, nil), (_?, _?):
      throw Problem.invalid(
        "one-change", title: "one change at a time", pointer: "", "replay either a proposal or a change, not both")
    }
  }

  /// Returns the current template, after checking that the change can be merged into it.
  private func mergeable(_ change: TemplateChange, _ templates: TemplateRepository) throws -> ChecklistTemplate {
    let current = try templates.require()
    let next = try current.merging(change, from: try templates.require(change.baseVersion))
    do throws(Problem) {
      _ = try ChecklistTemplate(reading: next.document)
    } catch {
      throw change.locating(error, in: next)
    }
    return current
  }
}

/// The outcomes of past launches, as metrics has them.
private struct PastOutcomes {
  let call: CallContext

  /// The part of the caller's time that is reserved for the answer.
  private static let reserve = Duration.milliseconds(500)

  /// Adds the outcomes of launches that were shipped and have metrics.
  ///
  /// - Returns: the launches, and what could not be reached, because records without outcomes are better than none.
  func adding(to experience: TemplateExperience) async throws -> (TemplateExperience, missing: [String]) {
    let metrics = call.environment.clients(for: .metrics)
    var launches = experience.launches
    for index in launches.indices where launches[index].record.tier.isMeasured && launches[index].shippedOn != nil {
      guard ContinuousClock.now < call.deadline - Self.reserve else {
        return (TemplateExperience(launches), ["metrics: no time left to ask for all outcomes; allow more (--timeout)"])
      }
      do {
        let request = VerdictRequest(launch: launches[index].record.plan.launch)
        launches[index].outcome = LaunchOutcome(try await metrics.call(MetricsRoutes.verdicts, request))
      } catch let problem as Problem where problem.kind != .notFound {
        let detail = problem.detail.isEmpty ? problem.title : problem.detail
        return (TemplateExperience(launches), ["metrics: \(detail)"])
      } catch is Problem {
        // A launch that metrics does not know has no outcome.
        continue
      }
    }
    return (TemplateExperience(launches), [])
  }
}

extension LaunchOutcome {
  fileprivate init(_ view: MetricsView) {
    func keys(_ verdict: Verdict) -> [String] { view.metrics.filter { $0.verdict == verdict }.map(\.key) }
    let tickets = view.metrics.first { $0.kind == "tickets" && $0.verdict != .unknown }?.value
    self.init(
      met: keys(.met), missed: keys(.missed),
      missedAdoption: view.metrics.contains { $0.kind == "adoption" && $0.verdict == .missed },
      tickets: tickets.map { Int($0.rounded()) })
  }
}
