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
        var view = state.checklist.readiness(at: moment, isExposed: state.isExposed)
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
      // Announced, so that a vote whose link is cut off is missed.
      if let vote {
        try tx.announce(
          Announcements.checklistVote, launch: params.launch.rawValue, version: state.checklist.record.version,
          reason: vote.note, VoteCast(function: vote.function, answer: vote.answer))
      }
      return state.checklist.poll
    }
  }

  /// The running launches, by date.
  private func board(
    _ params: BoardReference, _ call: CallContext, _ context: ChecklistContext
  ) async throws -> BoardView {
    let launches = try await context.environment.database.read { db in
      let repository = LaunchRepository(db: db)
      let calendars = try context.calendars.all(db)
      var forecasts = try params.asOf == nil ? context.forecasts.session(db, context, at: call.now) : nil
      return try (params.asOf == nil ? repository.running() : repository.all()).compactMap { launch -> ReadinessView? in
        let found =
          if let asOf = params.asOf { try repository.load(launch, asOf: asOf) } else { try repository.load(launch) }
        guard let state = found, state.checklist.isRunning, state.checklist.record.status != .closed else { return nil }
        let moment = try context.moment(of: state.checklist.record.plan, at: params.asOf ?? call.now, in: calendars)
        var view = state.checklist.readiness(at: moment, isExposed: state.isExposed)
        view.forecast = try forecasts?.forecast(of: state, as: view, at: moment, most: ForecastCache.mostPerBoard)
        return view
      }
    }
    return BoardView(launches: launches.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) })
  }
}

/// The call that previews how a change of a launch would affect its checklist.
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
  }
}
