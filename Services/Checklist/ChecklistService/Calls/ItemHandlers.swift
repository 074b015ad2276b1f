import ChecklistCore
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage

/// The calls about items.
struct ItemHandlers {
  let context: ChecklistContext

  /// Each verb with its route.
  private static let verbs: [(ItemVerb, Route<ItemAction, ItemResponse>)] = [
    (.start, ChecklistRoutes.start), (.done, ChecklistRoutes.done), (.reopen, ChecklistRoutes.reopen),
    (.block, ChecklistRoutes.block), (.unblock, ChecklistRoutes.unblock), (.submit, ChecklistRoutes.submit),
    (.approve, ChecklistRoutes.approve), (.reject, ChecklistRoutes.reject), (.withdraw, ChecklistRoutes.withdraw),
    (.waive, ChecklistRoutes.waive), (.markNotApplicable, ChecklistRoutes.markNotApplicable),
    (.assign, ChecklistRoutes.assign), (.attach, ChecklistRoutes.attach), (.comment, ChecklistRoutes.comment),
  ]

  /// The maximum size of a response in bytes; the rest of the envelope is reserved for what surrounds the result.
  static let responseLimit = MessageLimits.standard.envelope - (8 << 10)

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.items) { [context] params, _ in
      try await context.read(params.launch, asOf: params.asOf) { state, moment, launches in
        let halt = try HaltRepository(db: launches.db).standing(for: params.launch, asOf: params.asOf)
        return ItemList(launch: params.launch, items: state.checklist.itemViews(at: moment), halt: halt)
      }
    }
    router.read(ChecklistRoutes.showItem) { [context] params, _ in
      let selection = try params.selection
      return try await context.read(params.launch) { state, moment, table in
        try Self.show(selection, of: ItemReader(checklist: state.checklist, moment: moment, db: table.db))
      }
    }
    for (verb, route) in Self.verbs {
      router.change(route) { [context] action, call, tx in
        try ItemChange(verb: verb, action: action, call: call, change: context.change(tx)).perform()
          .fitting(Self.responseLimit)
      }
    }
  }

  private static func show(_ selection: ItemSelection, of reader: ItemReader) throws -> ItemResponse {
    let items = try reader.checklist.resolve(selection)
    if case .one = selection {
      return try ItemResponse.item(try reader.detail(of: items[0])).fittingNewest(responseLimit)
    }
    let response = try ItemResponse.results(
      ItemResults(launch: reader.checklist.launch, results: try items.map { ItemResult(try reader.detail(of: $0)) })
    ).fittingNewest(responseLimit)
    guard try JSONCoding.encode(response).count <= responseLimit else {
      throw Problem.tooLarge(
        code: "answer-too-large",
        "\(items.count) items with their histories exceed the 1 MiB limit for an answer; name fewer items")
    }
    return response
  }
}

/// One call that changes items of a launch.
private struct ItemChange {
  let verb: ItemVerb
  let action: ItemAction
  let call: CallContext
  let change: LaunchChange

  private var history: ItemHistory { ItemHistory(db: change.tx.db) }

  /// Changes the items that the action names, one after the other, in one transaction.
  ///
  /// Each item is changed in memory before anything is stored, so that a failed change leaves no trace in the
  /// transaction.
  func perform() throws -> ItemResponse {
    let selection = try action.selection
    var outcomes: [(item: ItemReference, outcome: Result<ItemEvent, Problem>)] = []
    let (state, moment) = try change.perform(action.launch, reason: action.reason) { state, moment in
      let items = try state.checklist.resolve(selection)
      try requireOneVersion(of: items)
      for item in items { outcomes.append((item, try attempt(item, in: &state.checklist, at: moment))) }
      if case .one = selection { return try outcomes.map { try $0.outcome.get() } }
      return outcomes.compactMap { if case .success(let event) = $0.outcome { event } else { nil } }
    }
    let reader = ItemReader(checklist: state.checklist, moment: moment, db: change.tx.db)
    if case .one = selection { return .item(try reader.detail(of: outcomes[0].item)) }
    let results = try outcomes.map { item, outcome in
      switch outcome {
      case .success: ItemResult(try reader.detail(of: item))
      case .failure(let problem): ItemResult(item, error: problem)
      }
    }
    return .results(ItemResults(launch: action.launch, results: results))
  }

  /// Changes one item. Returns a problem if the item's state or the caller's rights forbid the change; throws if the
  /// store fails.
  private func attempt(
    _ item: ItemReference, in checklist: inout LaunchChecklist, at moment: LaunchMoment
  ) throws -> Result<ItemEvent, Problem> {
    let expected = call.meta.expectedVersion
    do throws(Problem) {
      return .success(
        try checklist.perform(verb, action, on: item, by: call.actor, at: moment, expectedVersion: expected))
    } catch {
      guard error.code == "version-conflict" else { return .failure(error) }
      let changes = try history.load(checklist.launch, item, after: expected ?? 0)
      return .failure(try Self.annotating(error, with: changes))
    }
  }

  /// Adds to a version conflict what others have changed since the version that the caller saw.
  private static func annotating(_ problem: Problem, with changes: [HistoryEntry]) throws -> Problem {
    var annotated = problem
    annotated.extra["changes"] = try JSONCoding.value(changes)
    if let last = changes.last { annotated.detail += "; last \(last.action) by \(last.by) at \(last.at)" }
    return annotated
  }

  /// Throws if a version is expected for several items, because each item has its own version.
  private func requireOneVersion(of items: [ItemReference]) throws(Problem) {
    guard call.meta.expectedVersion != nil, items.count > 1 else { return }
    throw .invalid(
      "version-of-several", pointer: "/_meta/expectedVersion",
      "expectedVersion is the version of one item, and \(items.count) are named; change one item per call, or omit it")
  }
}

/// Reads items of a launch with their histories.
private struct ItemReader {
  let checklist: LaunchChecklist
  let moment: LaunchMoment
  let db: any Transaction

  func detail(of reference: ItemReference) throws -> ItemDetail {
    let item = checklist.items[try checklist.index(of: reference)]
    return ItemDetail(
      launch: checklist.launch, item: checklist.view(of: item, at: moment),
      history: try ItemHistory(db: db).load(checklist.launch, reference))
  }
}

extension ItemResponse {
  /// Returns the response to a change in a form that fits a message: complete, or in short form if the complete
  /// response exceeds `limit` bytes.
  ///
  /// The short form has no histories. For one item it also omits the evidence. For several items it omits the items,
  /// and shortens each error to its code and the beginning of its detail.
  func fitting(_ limit: Int) throws -> ItemResponse {
    guard try JSONCoding.encode(self).count > limit else { return self }
    switch self {
    case .item(let detail): return .item(detail.shortened)
    case .results(var results):
      results.results = results.results.map(\.shortened)
      return .results(results)
    }
  }
}

extension ItemResponse {
  /// Returns the response to a read in a form that fits a message: complete, or with as many of the newest history
  /// entries and pieces of evidence as fit into `limit` bytes.
  fileprivate func fittingNewest(_ limit: Int) throws -> ItemResponse {
    var response = self
    for count in [2_000, 500, 100, 20, 5, 0] {
      guard try JSONCoding.encode(response).count > limit else { break }
      switch self {
      case .item(let detail): response = .item(detail.newest(count))
      case .results(var results):
        results.results = results.results.map { $0.newest(count) }
        response = .results(results)
      }
    }
    return response
  }
}

extension ItemDetail {
  fileprivate func newest(_ count: Int) -> ItemDetail {
    var detail = self
    detail.history = history.suffix(count)
    detail.item.evidence = item.evidence.suffix(count)
    detail.short = detail == self ? short : true
    return detail
  }
}

extension ItemResult {
  fileprivate func newest(_ count: Int) -> ItemResult {
    var result = self
    result.history = history.map { $0.suffix(count) }
    result.item?.evidence = item?.evidence.suffix(count) ?? []
    result.short = result == self ? short : true
    return result
  }
}

extension ItemDetail {
  fileprivate var shortened: ItemDetail {
    var detail = self
    detail.history = []
    detail.item.evidence = []
    detail.short = true
    return detail
  }
}

extension ItemResult {
  /// The number of characters of an error's detail that the short form keeps.
  private static let detailLength = 200

  fileprivate var shortened: ItemResult {
    var result = self
    result.item = nil
    result.history = nil
    result.error = error.map { error in
      Problem(
        error.kind, code: error.code, title: error.title, detail: String(error.detail.prefix(Self.detailLength)),
        retryable: error.retryable, retryAfterMs: error.retryAfterMs)
    }
    return result
  }
}
