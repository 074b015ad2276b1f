import ChecklistCore
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage

/// One change of a launch in a transaction: loads the launch, applies the change, stores and announces the result, and
/// checks whether the current GO has become stale. For many changes use `LaunchBatch`.
struct LaunchChange {
  let tx: ServiceTransaction
  let context: ChecklistContext
  /// The roster that this transaction brings into effect; nil for the one in effect.
  var adopting: Roster?

  private var launches: LaunchRepository { LaunchRepository(db: tx.db) }

  /// Changes a stored launch.
  ///
  /// - Parameters:
  ///   - by: the name recorded in histories; by default the transaction's actor.
  ///   - body: changes the launch and returns the changes of its items.
  /// - Throws: `not found` if there is no such launch.
  @discardableResult
  func perform(
    _ launch: LaunchID, by: String? = nil, reason: String? = nil,
    _ body: (inout LaunchState, LaunchMoment) throws -> [ItemEvent]
  ) throws -> (state: LaunchState, moment: LaunchMoment) {
    guard let before = try launches.load(launch) else {
      throw Problem.noLaunch(launch, among: try launches.all().map(\.rawValue))
    }
    let changed = try change(before, in: try context.calendars.all(tx.db), by: by, reason: reason, body)
    try saveRest(of: changed.state, before: before, at: changed.moment)
    return changed
  }

  /// Changes a launch that was loaded in this transaction; stores and announces everything except what `saveRest`
  /// stores.
  ///
  /// - Throws: the body's error; the transaction or a savepoint must then undo the change.
  func change(
    _ before: LaunchState, in calendars: CalendarSet, by: String?, reason: String?,
    _ body: (inout LaunchState, LaunchMoment) throws -> [ItemEvent]
  ) throws -> (state: LaunchState, moment: LaunchMoment) {
    var state = before
    let start = try moment(of: before, in: calendars)
    try tx.actor.requireDelegation(on: start.today)
    let events = try body(&state, start)
    state.checklist.recordWaits(at: tx.now)
    let moment = try moment(of: state, in: calendars)
    // Stored before the announcements, so that their audit links cover the result.
    try launches.saveItems(of: state, before: before, at: tx.now)
    try record(events, of: state, by: by, reason: reason)
    try settle(&state, at: moment)
    try announceApprovalNotices(of: state.checklist, at: moment)
    return (state, moment)
  }

  private func moment(of state: LaunchState, in calendars: CalendarSet) throws(Problem) -> LaunchMoment {
    var moment = try context.moment(of: state.checklist.record.plan, at: tx.now, in: calendars)
    if let adopting { moment.roster = adopting }
    return moment
  }

  /// Stores a new launch.
  func begin(_ state: LaunchState) throws {
    let moment = try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db)
    var state = state
    try launches.saveItems(of: state, before: nil, at: tx.now)
    try settle(&state, at: moment)
    try saveRest(of: state, before: nil, at: moment)
  }

  /// Adds the item changes to their histories and announces them, each in the name of whoever had the right.
  private func record(_ events: [ItemEvent], of state: LaunchState, by: String?, reason: String?) throws {
    for event in events {
      try tx.acting(as: event.actor ?? tx.actor) { try record(event, in: state.checklist, by: by, reason: reason) }
    }
  }

  private func record(_ event: ItemEvent, in checklist: LaunchChecklist, by: String?, reason: String?) throws {
    let item = checklist.items.first { $0.reference == event.item }
    let entry = try ItemHistory(db: tx.db).add(
      event, of: checklist.launch, version: item?.version ?? 1, by: by ?? tx.actor.description, at: tx.now)
    try tx.announce(
      Announcements.checklistItem, launch: checklist.launch.rawValue, version: checklist.record.version,
      reason: reason,
      ItemChanged(
        item: event.item.key, instance: event.item.instance, from: event.step.from, to: event.step.to,
        action: event.step.action))
    guard let item else { return }
    if event.step.to == .blocked, event.step.from != .blocked { try announceBlock(of: item, in: checklist) }
    if event.step.action == WaiverStep.request.action { try announceWaiverRequest(for: item, in: checklist) }
    if event.step.action == ItemVerb.comment.rawValue, let text = event.step.detail {
      try announceMentions(in: text, entry: entry, on: item, in: checklist)
    }
  }

  /// Notifies the launch's owner and the item's function each time an item becomes blocked.
  private func announceBlock(of item: ChecklistItem, in checklist: LaunchChecklist) throws {
    let (plan, function) = (checklist.record.plan, item.definition.function)
    let reason = item.reason.map { ": \($0)" } ?? ""
    try tx.announce(
      Announcements.noticeBlocked, launch: plan.launch.rawValue, version: checklist.record.version,
      Notice(
        key: "blocked/\(plan.launch)/\(item.name)/\(item.version)", people: [plan.owner], functions: [function],
        text: "\(item.name) (\(function.title)) of \(plan.name) is blocked\(reason)"))
  }

  /// Notifies whoever may waive an item that somebody requests a waiver.
  private func announceWaiverRequest(for item: ChecklistItem, in checklist: LaunchChecklist) throws {
    guard let request = item.waiverRequest else { return }
    let plan = checklist.record.plan
    try tx.announce(
      Announcements.noticeApprovalAsked, launch: plan.launch.rawValue, version: checklist.record.version,
      Notice(
        key: "approvalasked/\(plan.launch)/\(item.name)/waiver/\(request.at)", functions: [item.waiverFunction],
        text: "\(request.by) asks to waive \(item.name) (\(item.definition.function.title)) of \(plan.name): "
          + "\(request.reason) (gonogo item waive \(plan.launch) \(item.name))"))
  }

  /// Notifies the people whom a comment mentions, except its author.
  private func announceMentions(
    in text: String, entry: Int, on item: ChecklistItem, in checklist: LaunchChecklist
  ) throws {
    let people = Mentions.people(in: text, on: context.environment.roster).filter { $0 != tx.actor.person }
    guard !people.isEmpty else { return }
    let plan = checklist.record.plan
    try tx.announce(
      Announcements.noticeMentioned, launch: plan.launch.rawValue, version: checklist.record.version,
      Notice(
        key: "mentioned/\(plan.launch)/\(item.name)/\(entry)", people: people,
        text: "\(tx.actor.description) mentioned you in a comment on \(item.name) of \(plan.name): \(text)"))
  }

  /// Notifies groups whose approval is requested, and groups that have not responded in time, each once.
  private func announceApprovalNotices(of checklist: LaunchChecklist, at moment: LaunchMoment) throws {
    let (launch, reminders) = (checklist.launch, ReminderRepository(db: tx.db))
    for notice in try reminders.unsent(checklist.approvalNotices(at: moment), of: launch, by: { $0.key(of: launch) }) {
      let key = notice.key(of: launch)
      // Stored before the announcement, so that the announcement's audit link covers it.
      try reminders.markSent(key, of: launch)
      try tx.announce(
        Announcements.noticeApprovalAsked, launch: launch.rawValue, version: checklist.record.version,
        Notice(key: key, people: notice.people, functions: notice.functions, text: notice.text))
    }
  }

  /// Updates what depends on the change: the status and the current decision.
  private func settle(_ state: inout LaunchState, at moment: LaunchMoment) throws {
    markLive(&state)
    try markStale(&state, at: moment)
  }

  /// Stores the launch itself, and the columns by which lists, jobs and bookings find it; all of it is derived from the
  /// state.
  func saveRest(of state: LaunchState, before: LaunchState?, at moment: LaunchMoment) throws {
    try launches.save(state, before: before, at: tx.now, today: moment.today)
    try ReminderRepository(db: tx.db).schedule(state.checklist, at: moment)
    try launches.setDueDecision(
      state.checklist.launch,
      state.decisions.isAutomaticGoDue(for: state.checklist, at: moment, exposure: state.exposure))
  }

  /// Marks an exposed launch as live, even if it was postponed or cancelled before or at the same time.
  private func markLive(_ state: inout LaunchState) {
    if state.isExposed, !state.checklist.isRunning { state.checklist.record.status = .live }
  }

  /// Records and announces that the current GO is stale if its basis has become worse.
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
        decision: decision.kind, digest: decision.digest, artifact: decision.artifact, override: decision.override,
        reasons: reasons))
    try tx.announce(
      Announcements.noticeStale, launch: launch, version: record.version,
      Notice(
        key: "stale/\(launch)/\(decision.sequence)", people: [record.plan.owner],
        functions: [.productOps] + Set(worsened.compactMap(\.function)).sorted().filter { $0 != .productOps },
        text: "The GO for \(record.plan.name) is stale: \(reasons.joined(separator: "; "))"))
  }
}

/// The context shared by the checklist's calls, event handlers and jobs: environment, calendars and roster.
struct ChecklistContext: Sendable {
  let environment: ServiceEnvironment
  let calendars = CalendarRepository()
  let forecasts = ForecastCache()
  let overviews = OverviewCache()

  init(_ environment: ServiceEnvironment) { self.environment = environment }

  /// Returns a moment with the zone, calendars and roster that apply to a plan.
  func moment(of plan: LaunchPlan, at now: Timestamp, _ db: any Transaction) throws -> LaunchMoment {
    try moment(of: plan, at: now, in: try calendars.all(db))
  }

  /// Returns a moment with the zone, calendars and roster that apply to a plan, using calendars that are already
  /// loaded.
  func moment(of plan: LaunchPlan, at now: Timestamp, in calendars: CalendarSet) throws(Problem) -> LaunchMoment {
    LaunchMoment(
      now: now, zone: try ZoneRules(plan.timeZone), calendars: LaunchCalendars(of: plan, from: calendars),
      roster: environment.roster)
  }

  /// Returns a change of one launch in a transaction.
  func change(_ tx: ServiceTransaction) -> LaunchChange { LaunchChange(tx: tx, context: self) }

  /// Reads a launch as it is now, or as it was at `asOf`.
  func read<R: Sendable>(
    _ launch: LaunchID, asOf: Timestamp? = nil,
    _ body: @escaping @Sendable (LaunchState, LaunchMoment, LaunchRepository) throws -> R
  ) async throws -> R {
    let now = environment.clock.now()
    return try await environment.database.read { db in
      let launches = LaunchRepository(db: db)
      let found = if let asOf { try launches.load(launch, asOf: asOf) } else { try launches.load(launch) }
      guard var state = found else {
        throw Problem.noLaunch(launch, among: try launches.all().map(\.rawValue))
      }
      if asOf == nil { state.checklist.bookings = try BookingRepository(db: db).reasons(against: launch) }
      return try body(state, try moment(of: state.checklist.record.plan, at: asOf ?? now, db), launches)
    }
  }
}
