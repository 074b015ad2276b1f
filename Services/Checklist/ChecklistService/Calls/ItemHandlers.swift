import ChecklistCore
import JSON
import Contract
import LaunchModel
import ServiceKit

/// The calls about items.
struct ItemHandlers {
  let context: ChecklistContext

  /// Each verb with its route.
  private static let verbs: [(ItemVerb, Route<ItemAction, ItemDetail>)] = [
    (.start, ChecklistRoutes.start), (.done, ChecklistRoutes.done), (.reopen, ChecklistRoutes.reopen),
    (.block, ChecklistRoutes.block), (.unblock, ChecklistRoutes.unblock), (.submit, ChecklistRoutes.submit),
    (.approve, ChecklistRoutes.approve), (.reject, ChecklistRoutes.reject), (.withdraw, ChecklistRoutes.withdraw),
    (.waive, ChecklistRoutes.waive), (.markNotApplicable, ChecklistRoutes.markNotApplicable),
    (.assign, ChecklistRoutes.assign), (.attach, ChecklistRoutes.attach), (.comment, ChecklistRoutes.comment),
  ]

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.items) { [context] params, _ in
      try await context.read(params.launch, asOf: params.asOf) { state, moment, _ in
        ItemList(launch: params.launch, items: state.checklist.itemViews(at: moment))
      }
    }
    router.read(ChecklistRoutes.showItem) { [context] params, _ in
      try await context.read(params.launch) { state, moment, table in
        let wanted = ItemReference(key: params.key, instance: params.instance)
        let item = state.checklist.items[try state.checklist.index(of: wanted)]
        return try Self.detail(of: item, state.checklist, moment, ItemHistory(db: table.db))
      }
    }
    for (verb, route) in Self.verbs {
      router.change(route) { [context] params, call, tx in
        try Self.perform(verb, params, call, context.change(tx))
      }
    }
  }

  private static func perform(
    _ verb: ItemVerb, _ action: ItemAction, _ call: CallContext, _ change: LaunchChange
  ) throws -> ItemDetail {
    var item: ItemReference?
    let history = ItemHistory(db: change.tx.db)
    let (state, moment) = try change.perform(action.launch, reason: action.reason) { state, moment in
      do {
        let event = try state.checklist.perform(
          verb, action, by: call.actor, at: moment, expectedVersion: call.meta.expectedVersion)
        item = event.item
        return [event]
      } catch let problem as Problem where problem.code == "version-conflict" {
        throw try Self.telling(problem, action, call, state.checklist, history)
      }
    }
    let checklist = state.checklist
    let reference = item ?? ItemReference(key: action.key, instance: action.instance)
    return try detail(of: checklist.items[try checklist.index(of: reference)], checklist, moment, history)
  }

  private static func detail(
    of item: ChecklistItem, _ checklist: LaunchChecklist, _ moment: LaunchMoment, _ history: ItemHistory
  ) throws -> ItemDetail {
    ItemDetail(
      launch: checklist.launch, item: checklist.view(of: item, at: moment),
      history: try history.load(checklist.launch, item.reference))
  }

  /// The conflict with what others did since the version that the caller saw.
  private static func telling(
    _ problem: Problem, _ action: ItemAction, _ call: CallContext, _ checklist: LaunchChecklist, _ history: ItemHistory
  ) throws -> Problem {
    let index = try checklist.index(of: ItemReference(key: action.key, instance: action.instance))
    let changes = try history.load(
      action.launch, checklist.items[index].reference, after: call.meta.expectedVersion ?? 0)
    var told = problem
    told.extra["changes"] = try JSONCoding.value(changes)
    if let last = changes.last { told.detail += "; last \(last.action) by \(last.by) at \(last.at)" }
    return told
  }
}
