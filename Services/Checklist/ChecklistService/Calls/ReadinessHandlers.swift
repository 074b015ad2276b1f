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
      try await context.read(params.launch, asOf: params.asOf) { state, _, _ in state.checklist.poll }
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
      return state.checklist.poll
    }
  }

  /// Returns the running launches, by date.
  private func board(
    _ params: BoardReference, _ call: CallContext, _ context: ChecklistContext
  ) async throws -> BoardView {
    let (launches, halt) = try await context.environment.database.read { db in
      let halt = try HaltRepository(db: db).standing(asOf: params.asOf)
      let repository = LaunchRepository(db: db)
      let calendars = try context.calendars.all(db)
      let hasBookingReasons = try !BookingRepository(db: db).reasons().isEmpty
      var forecasts = try params.asOf == nil ? context.forecasts.session(db, context, at: call.now) : nil
      let all = params.asOf == nil ? try repository.running() : try repository.all()
      let views = try all.compactMap { launch -> ReadinessView? in
        let found =
          if let asOf = params.asOf { try repository.load(launch, asOf: asOf) } else { try repository.load(launch) }
        guard var state = found, state.checklist.isRunning, state.checklist.record.status != .closed else { return nil }
        if params.asOf == nil, hasBookingReasons {
          state.checklist.bookings = try BookingRepository(db: db).reasons(against: launch)
        }
        let moment = try context.moment(of: state.checklist.record.plan, at: params.asOf ?? call.now, in: calendars)
        let isHalted =
          if let asOf = params.asOf { halt?.closed(launch, at: asOf) } else { halt?.closes(launch) }
        var view = state.checklist.readiness(
          at: moment, isExposed: state.isExposed, halt: isHalted == true ? halt : nil)
        view.forecast = try forecasts?.forecast(of: state, as: view, at: moment, most: ForecastCache.mostPerBoard)
        return view
      }
      return (views, halt)
    }
    return BoardView(launches: launches.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) }, halt: halt)
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
