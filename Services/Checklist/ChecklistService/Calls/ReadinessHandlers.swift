import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls about readiness and the poll.
struct ReadinessHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.readiness) { [context] params, _ in
      try await context.read(params.launch, asOf: params.asOf) { state, moment, launches in
        let halt = try HaltRepository(db: launches.db).standing(for: params.launch, asOf: params.asOf)
        var view = state.checklist.detailedReadiness(at: moment, isExposed: state.isExposed, halt: halt)
        if params.asOf == nil {
          var forecasts = try context.forecasts.session(launches.db, context, at: moment.now)
          view.forecast = try forecasts.forecast(of: state, as: view, at: moment)
        }
        return view
      }
    }
    router.read(ChecklistRoutes.board) { [context] params, call in try await board(params, call, context) }
    router.read(ChecklistRoutes.showPoll) { [context] params, _ in
      try await context.read(params.launch, asOf: params.asOf) { state, _, launches in
        var poll = state.checklist.poll
        poll.halt = try HaltRepository(db: launches.db).standing(for: params.launch, asOf: params.asOf)
        return poll
      }
    }
    router.change(ChecklistRoutes.answerPoll) { [context] params, call, tx in
      var vote: PollVote?
      let (state, _) = try context.change(tx).perform(params.launch, reason: params.note) { state, moment in
        vote = try state.checklist.answer(params, by: call.actor, at: moment.now)
        return []
      }
      // Announced, so that the loss is noticed if the vote's audit link is cut off the end of the chain.
      if let vote {
        try tx.announce(
          Announcements.checklistVote, launch: params.launch.rawValue, version: state.checklist.record.version,
          reason: vote.note, VoteCast(function: vote.function, answer: vote.answer))
      }
      var poll = state.checklist.poll
      poll.halt = try HaltRepository(db: tx.db).standing(for: params.launch)
      return poll
    }
  }

  /// Returns the running launches, by date.
  private func board(
    _ params: BoardReference, _ call: CallContext, _ context: ChecklistContext
  ) async throws -> BoardView {
    let now = call.now
    if let asOf = params.asOf { return try await board(asOf: asOf, context) }
    return try await context.overviews.read(context, at: now) { overviews, db in
      let halt = try HaltRepository(db: db).standing()
      var forecasts = try context.forecasts.session(db, context, at: now)
      let views = try overviews.map { overview -> ReadinessView in
        var view = overview.view(at: now, halt: halt)
        view.forecast = try forecasts.forecast(of: overview)
        return view
      }
      return BoardView(launches: views, halt: halt)
    }
  }

  /// The launches that were running at an earlier moment, by date.
  private func board(asOf moment: Timestamp, _ context: ChecklistContext) async throws -> BoardView {
    try await context.environment.database.read { db in
      let halt = try HaltRepository(db: db).standing(asOf: moment)
      let (launches, calendars) = (LaunchRepository(db: db), try context.calendars.all(db))
      let views = try launches.all().compactMap { launch -> ReadinessView? in
        guard let state = try launches.load(launch, asOf: moment), state.checklist.isRunning,
          state.checklist.record.status != .closed
        else { return nil }
        let isHalted = halt?.closed(launch, at: moment) ?? false
        return state.checklist.readiness(
          at: try context.moment(of: state.checklist.record.plan, at: moment, in: calendars),
          isExposed: state.isExposed, halt: isHalted ? halt : nil)
      }
      return BoardView(launches: views.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) }, halt: halt)
    }
  }
}

/// The calls that preview how a change of a launch or of a calendar would affect checklists.
struct PreviewHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.preview) { [context] params, call in
      try Rights.require(call.actor, .read)
      let next = params.record
      return try await context.read(next.plan.launch) { state, now, launches in
        let template = try TemplateRepository(db: launches.db).require(state.checklist.templateVersion)
        return state.checklist.preview(
          of: next, template: template, decisions: state.decisions, at: now,
          then: try context.moment(of: next.plan, at: now.now, launches.db))
      }
    }
    router.read(ChecklistRoutes.previewCalendar) { [context] params, call in
      try Rights.require(call.actor, .read)
      let calendar = try CalendarDocument(reading: params.document)
      return try await context.environment.database.read { db in
        try Self.preview(calendar, at: call.now, context, db)
      }
    }
  }

  /// Recomputes a copy of each running launch that uses the calendar.
  private static func preview(
    _ calendar: CalendarDocument, at now: Timestamp, _ context: ChecklistContext, _ db: any Transaction
  ) throws -> CalendarPreview {
    let before = try context.calendars.all(db)
    var after = before
    after.adopt(calendar)
    let launches = try LaunchRepository(db: db).running().compactMap { launch -> CalendarPreview.Launch? in
      guard let state = try LaunchRepository(db: db).load(launch) else { return nil }
      let record = state.checklist.record
      guard record.plan.names(calendar: calendar.key), record.status != .closed else { return nil }
      let preview = state.checklist.preview(
        of: record, template: try TemplateRepository(db: db).require(state.checklist.templateVersion),
        decisions: state.decisions, at: try context.moment(of: record.plan, at: now, in: before),
        then: try context.moment(of: record.plan, at: now, in: after))
      guard !preview.moved.isEmpty || !preview.decisionStale.isEmpty else { return nil }
      return CalendarPreview.Launch(
        launch: launch, name: record.plan.name, date: record.plan.date, moved: preview.moved.count,
        impossible: preview.impossible.count, endsGo: !preview.decisionStale.isEmpty)
    }
    return CalendarPreview(
      calendar: calendar.key, launches: launches.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) })
  }
}
