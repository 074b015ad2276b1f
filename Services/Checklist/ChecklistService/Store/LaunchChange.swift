import ChecklistCore
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage

/// One change of a launch within a transaction: loads it, lets it change, stores and announces what became other, and looks
/// whether the standing GO still holds.
struct LaunchChange {
  let tx: ServiceTransaction
  let context: ChecklistContext

  private var table: LaunchRepository { LaunchRepository(db: tx.db) }

  /// Changes a launch that has to be there.
  ///
  /// - Parameters:
  ///   - by: who is named in the histories; the transaction's actor where nil.
  ///   - body: gives what it did to items.
  @discardableResult
  func perform(
    _ launch: LaunchID, by: String? = nil, reason: String? = nil,
    _ body: (inout LaunchState, LaunchMoment) throws -> [ItemEvent]
  ) throws -> (state: LaunchState, moment: LaunchMoment) {
    guard let before = try table.load(launch) else { throw Problem.noLaunch(launch) }
    var state = before
    let events = try body(&state, try context.moment(of: before.checklist.record.plan, at: tx.now, tx.db))
    let moment = try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db)
    try note(events, of: state, by: by, reason: reason)
    try keep(&state, before: before, at: moment)
    return (state, moment)
  }

  /// Stores a launch that is not there yet.
  func begin(_ state: LaunchState) throws {
    let moment = try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db)
    var state = state
    try keep(&state, before: nil, at: moment)
  }

  private func note(_ events: [ItemEvent], of state: LaunchState, by: String?, reason: String?) throws {
    let checklist = state.checklist
    let history = ItemHistory(db: tx.db)
    for event in events {
      let version = checklist.items.first { $0.reference == event.item }?.version ?? 1
      try history.add(
        event, of: checklist.launch, version: version, by: by ?? tx.actor.description, at: tx.now)
      try tx.announce(
        Announcements.checklistItem, launch: checklist.launch.rawValue, version: checklist.record.version,
        reason: reason,
        ItemChanged(
          item: event.item.key, instance: event.item.instance, from: event.step.from, to: event.step.to,
          action: event.step.action))
      if event.step.to == .blocked, event.step.from != .blocked { try announceBlock(of: event.item, in: checklist) }
    }
  }

  /// Tells the launch's owner and the function that an item is blocked, once each time.
  private func announceBlock(of reference: ItemReference, in checklist: LaunchChecklist) throws {
    guard let item = checklist.items.first(where: { $0.reference == reference }) else { return }
    let (plan, function) = (checklist.record.plan, item.definition.function)
    let reason = item.reason.map { ": \($0)" } ?? ""
    try tx.announce(
      Announcements.noticeBlocked, launch: plan.launch.rawValue, version: checklist.record.version,
      Notice(
        key: "blocked/\(plan.launch)/\(item.name)/\(item.version)", people: [plan.owner], functions: [function],
        text: "\(item.name) (\(function.title)) of \(plan.name) is blocked\(reason)"))
  }

  private func keep(_ state: inout LaunchState, before: LaunchState?, at moment: LaunchMoment) throws {
    endStop(&state)
    try markStale(&state, at: moment)
    try table.save(state, before: before, at: tx.now, today: moment.today)
    try ReminderRepository(db: tx.db).schedule(state.checklist, at: moment)
    try table.setDueDecision(
      state.checklist.launch,
      state.decisions.isDueByItself(for: state.checklist, at: moment, isExposed: state.isExposed))
  }

  /// What customers have is neither put off nor given up, whatever was announced before they had it, or at the same time.
  private func endStop(_ state: inout LaunchState) {
    if state.isExposed, !state.checklist.isRunning { state.checklist.record.status = .live }
  }

  /// Records, and announces, that the standing GO rests on what has become worse.
  private func markStale(_ state: inout LaunchState, at moment: LaunchMoment) throws {
    let worsened = state.decisions.worsened(in: state.checklist, at: moment)
    guard !worsened.isEmpty, let last = state.decisions.decisions.indices.last else { return }
    state.decisions.decisions[last].staleAt = tx.now
    state.decisions.decisions[last].staleReasons = worsened
    let decision = state.decisions.decisions[last]
    let record = state.checklist.record
    let launch = record.plan.launch.rawValue
    try DecisionRepository(db: tx.db).update(decision, of: record.plan.launch)
    let reasons = worsened.map(\.detail)
    try tx.announce(
      Announcements.decisionStale, launch: launch, version: record.version,
      DecisionAnnounced(
        decision: decision.kind, digest: decision.digest, override: decision.override, reasons: reasons))
    try tx.announce(
      Announcements.noticeStale, launch: launch, version: record.version,
      Notice(
        key: "stale/\(launch)/\(decision.sequence)", people: [record.plan.owner],
        functions: [.productOps] + Set(worsened.compactMap(\.function)).sorted().filter { $0 != .productOps },
        text: "The GO of \(record.plan.name) is stale: \(reasons.joined(separator: "; "))"))
  }
}

extension Problem {
  /// There is no launch of that id, as far as the checklist knows.
  static func noLaunch(_ launch: LaunchID) -> Problem {
    .notFound("launch-not-found", title: "no such launch", "there is no launch \(launch)")
  }
}

/// What every call, event and sweep of the checklist has around it: the calendars and the roster.
struct ChecklistContext: Sendable {
  let environment: ServiceEnvironment
  let calendars = CalendarRepository()

  init(_ environment: ServiceEnvironment) { self.environment = environment }

  /// A moment as a launch of that plan sees it.
  func moment(of plan: LaunchPlan, at now: Timestamp, _ db: any Transaction) throws -> LaunchMoment {
    try moment(of: plan, at: now, in: try calendars.book(db))
  }

  /// A moment as a launch of that plan sees it, where the calendars are at hand.
  func moment(of plan: LaunchPlan, at now: Timestamp, in book: CalendarSet) throws(Problem) -> LaunchMoment {
    LaunchMoment(
      now: now, zone: try ZoneRules(plan.timeZone), calendars: LaunchCalendars(of: plan, from: book),
      roster: environment.roster)
  }

  /// A change of one launch in a transaction.
  func change(_ tx: ServiceTransaction) -> LaunchChange { LaunchChange(tx: tx, context: self) }

  /// Reads a launch as it is, or as it was at a moment, and what that moment is to it.
  func read<R: Sendable>(
    _ launch: LaunchID, asOf: Timestamp? = nil,
    _ body: @escaping @Sendable (LaunchState, LaunchMoment, LaunchRepository) throws -> R
  ) async throws -> R {
    let now = environment.clock.now()
    return try await environment.database.read { db in
      let table = LaunchRepository(db: db)
      let found = if let asOf { try table.load(launch, asOf: asOf) } else { try table.load(launch) }
      guard let state = found else { throw Problem.noLaunch(launch) }
      return try body(state, try moment(of: state.checklist.record.plan, at: asOf ?? now, db), table)
    }
  }
}

/// What was done with each item.
struct ItemHistory {
  let db: any Transaction

  /// An item's entries, the first one first; only those after a version of the item, where one is given.
  func load(_ launch: LaunchID, _ item: ItemReference, after version: Int = 0) throws -> [HistoryEntry] {
    try db.query(
      """
      SELECT at, actor, action, detail FROM item_history
      WHERE launch = ? AND item = ? AND instance = ? AND item_version > ? ORDER BY entry
      """, [launch, item.key, item.instance ?? "", version]
    ).map {
      HistoryEntry(
        at: try $0.timestamp("at"), by: try $0.text("actor"), action: try $0.text("action"),
        detail: try $0.optionalText("detail"))
    }
  }

  /// Adds what was done, with the version that the item has by it.
  func add(
    _ event: ItemEvent, of launch: LaunchID, version: Int, by actor: String, at now: Timestamp
  ) throws {
    let instance = event.item.instance ?? ""
    try db.execute(
      """
      INSERT INTO item_history (launch, item, instance, entry, at, actor, action, detail, item_version)
      VALUES (?, ?, ?, (
        SELECT COALESCE(MAX(entry), 0) + 1 FROM item_history WHERE launch = ? AND item = ? AND instance = ?),
        ?, ?, ?, ?, ?)
      """,
      [
        launch, event.item.key, instance, launch, event.item.key, instance, now, actor, event.step.action,
        event.step.detail, version,
      ])
  }
}
