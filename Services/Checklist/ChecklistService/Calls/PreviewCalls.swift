import ChecklistCore
import LaunchModel
import ServiceKit

/// What changes of a launch would do to its checklist.
struct PreviewCalls {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.preview) { [context] params, call in
      try Rights.require(call.actor, .read)
      let next = params.record
      return try await context.read(next.plan.launch) { state, now, table in
        let template = try TemplateTable(db: table.db).require(state.checklist.templateVersion)
        return state.checklist.preview(
          of: next, template: template, decisions: state.decisions, at: now,
          then: try context.moment(of: next.plan, at: now.now, table.db))
      }
    }
  }
}
