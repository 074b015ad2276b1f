import ChecklistCore
import Contract
import JSON
import LaunchModel
import Storage

/// The stored launches with their items, decisions and exposure. Every change of a launch or an item also adds a
/// revision, from which `asOf` queries are answered.
struct LaunchRepository {
  let db: any Transaction

  /// Returns the launch; nil if it is not stored.
  func load(_ launch: LaunchID) throws -> LaunchState? {
    guard let row = try db.queryOne("SELECT document FROM launches WHERE launch = ?", [launch]) else { return nil }
    let items = try db.query("SELECT document FROM items WHERE launch = ? ORDER BY place", [launch])
      .map { try $0.json("document", as: ChecklistItem.self) }
    let document = try row.json("document", as: LaunchDocument.self)
    let steps = try ExposureRepository(db: db).load(launch)
    var checklist = document.checklist(try EvidenceRepository(db: db).complete(items, of: launch))
    checklist.hypercare = try HypercareRepository(db: db).load(launch, upTo: document.hypercare)
    return LaunchState(
      checklist: checklist,
      decisions: try DecisionRepository(db: db).load(launch, standingAt: steps.map(\.at)), exposure: Exposure(steps))
  }

  /// The launch as tiering last announced it; nil if it is not stored.
  func record(of launch: LaunchID) throws -> LaunchRecord? {
    try db.queryOne("SELECT document FROM launches WHERE launch = ?", [launch])?
      .json("document", as: LaunchDocument.self).record
  }

  /// The launch as it was at a moment; nil if it was not stored yet.
  func load(_ launch: LaunchID, asOf moment: Timestamp) throws -> LaunchState? {
    let rows = try db.query(
      """
      SELECT part, document FROM revisions AS latest WHERE launch = ? AND revision = (
        SELECT MAX(revision) FROM revisions WHERE launch = latest.launch AND part = latest.part AND at <= ?)
      """, [launch, moment])
    guard let head = try rows.first(where: { try $0.text("part").isEmpty }) else { return nil }
    let items = try rows.filter { try !$0.text("part").isEmpty }
      .map { try $0.json("document", as: PlacedItem.self) }
      .sorted { $0.place < $1.place }
    let document = try head.json("document", as: LaunchDocument.self)
    let steps = try ExposureRepository(db: db).load(launch).filter { $0.recordedAt <= moment }
    var checklist = document.checklist(
      try EvidenceRepository(db: db).complete(items.map(\.item), of: launch, isCurrent: false))
    checklist.hypercare = try HypercareRepository(db: db).load(launch, upTo: document.hypercare)
    return LaunchState(
      checklist: checklist,
      decisions: try DecisionRepository(db: db).load(launch, upTo: moment, standingAt: steps.map(\.at)),
      exposure: Exposure(steps))
  }

  /// Refuses evidence for an item that a stored launch does not have, without loading the launch. Accepts any evidence
  /// for an unknown launch.
  ///
  /// - Throws: the same errors as `LaunchChecklist.requireItem`.
  func requireItem(of event: EvidenceEvent, in launch: LaunchID) throws {
    // Other keys need a comparison as text rather than by bytes, which is made with the loaded items.
    guard let key = event.namedItem, key.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else { return }
    guard try db.queryOne("SELECT version FROM launches WHERE launch = ?", [launch]) != nil,
      try db.queryOne(
        "SELECT place FROM items WHERE launch = ? AND item = ? AND instance = ?",
        [launch, key, event.text("instance") ?? ""]) == nil
    else { return }
    let named = try db.query("SELECT document FROM items WHERE launch = ? AND item = ? ORDER BY place", [launch, key])
      .map { try $0.json("document", as: ChecklistItem.self) }
    let keys = named.isEmpty ? try db.query("SELECT DISTINCT item FROM items WHERE launch = ?", [launch]) : []
    try event.requireItem(among: named, of: launch, keys: Set(try keys.map { try $0.text("item") }))
  }

  /// Returns the launches that are neither cancelled nor postponed, ascending.
  func running() throws -> [LaunchID] {
    try ids(of: db.query("SELECT launch FROM launches WHERE running = 1 ORDER BY launch"))
  }

  /// Returns every launch, ascending.
  func all() throws -> [LaunchID] { try ids(of: db.query("SELECT launch FROM launches ORDER BY launch")) }

  /// Returns the launches on which a person may be assigned to an item, because some item names them as an owner.
  func ids(withItemsOf person: PersonID) throws -> [LaunchID] {
    let name = String(decoding: JSONValue.string(person).serialized(), as: UTF8.self)
    let escaped = name.map { "!%_".contains($0) ? "!\($0)" : "\($0)" }.joined()
    let pattern = "%\"owner\":\(escaped)%"
    return try ids(
      of: db.query(
        "SELECT DISTINCT launch FROM items WHERE document LIKE ? ESCAPE '!' ORDER BY launch", [pattern]))
  }

  /// Returns the launches of a feature.
  func ids(feature: String) throws -> [LaunchID] {
    try ids(of: db.query("SELECT launch FROM launches WHERE feature = ? ORDER BY launch", [feature]))
  }

  /// Returns the launches whose rollout a flag controls.
  func ids(flag: String) throws -> [LaunchID] {
    try ids(of: db.query("SELECT launch FROM launches WHERE flag = ? ORDER BY launch", [flag]))
  }

  private func ids(of rows: [Row]) throws -> [LaunchID] { try rows.compactMap { LaunchID(try $0.text("launch")) } }

  /// Stores what has changed, except the items.
  ///
  /// - Parameters:
  /// - before: the state as stored; nil for a new launch.
  /// - today: the local date on which the current GO was last checked.
  func save(
    _ state: LaunchState, before: LaunchState?, at now: Timestamp, today: LocalDate
  ) throws {
    try saveHead(state, before: before, at: now, today: today)
    try BookingRepository(db: db).save(state)
  }

  /// Stores the items that have changed.
  func saveItems(of state: LaunchState, before: LaunchState?, at now: Timestamp) throws {
    let earlier = before?.checklist.items ?? []
    for (place, item) in state.checklist.items.enumerated()
    where place >= earlier.count || earlier[place] != item {
      try save(item, at: place, of: state.checklist.launch, now)
    }
  }

  private func saveHead(
    _ state: LaunchState, before: LaunchState?, at now: Timestamp, today: LocalDate
  ) throws {
    let checklist = state.checklist
    let plan = checklist.record.plan
    let document = LaunchDocument(of: checklist)
    let standing = state.decisions.decisions.last
    let isWatched = standing.map { $0.kind == .go && $0.staleAt == nil } ?? false
    try db.execute(
      """
      INSERT INTO launches (
        launch, version, feature, flag, running, watched, checked_on, time_zone, document)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (launch) DO UPDATE SET version = excluded.version, feature = excluded.feature, flag = excluded.flag,
        running = excluded.running, watched = excluded.watched, checked_on = excluded.checked_on,
        time_zone = excluded.time_zone, document = excluded.document
      """,
      [
        plan.launch, checklist.record.version, plan.feature, plan.rollout?.flag, checklist.isRunning, isWatched, today,
        plan.timeZone, try SQLValue.json(document),
      ])
    if before.map({ LaunchDocument(of: $0.checklist) }) != document {
      try addRevision(of: plan.launch, part: "", try SQLValue.json(document), now)
    }
  }

  private func save(_ item: ChecklistItem, at place: Int, of launch: LaunchID, _ now: Timestamp) throws {
    let document = try JSONCoding.value(item.withoutEvidence)
    try EvidenceRepository(db: db).save(item, of: launch)
    try db.execute(
      """
      INSERT INTO items (launch, item, instance, place, document) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (launch, item, instance) DO UPDATE SET place = excluded.place, document = excluded.document
      """, [launch, item.definition.key, item.instance ?? "", place, try SQLValue.json(document)])
    let placed: JSONValue = .object([
      PlacedItem.CodingKeys.item.rawValue: document, PlacedItem.CodingKeys.place.rawValue: .integer(Int64(place)),
    ])
    try addRevision(of: launch, part: item.name, try SQLValue.json(placed), now)
  }

  private func addRevision(of launch: LaunchID, part: String, _ document: SQLValue, _ now: Timestamp) throws {
    let last = try db.queryOne(
      "SELECT MAX(revision) AS last FROM revisions WHERE launch = ? AND part = ?", [launch, part])
    try db.execute(
      "INSERT INTO revisions (launch, part, revision, at, document) VALUES (?, ?, ?, ?, ?)",
      [launch, part, (try last?.optionalInt("last") ?? 0) + 1, now, document])
  }
}

/// An item with its position in the checklist, as stored in a revision.
private struct PlacedItem: Decodable {
  enum CodingKeys: String, CodingKey {
    case place, item
  }

  var place: Int
  var item: ChecklistItem
}

/// A launch whose current GO must be checked when its local date changes.
struct WatchedLaunch: Sendable {
  var launch: LaunchID
  var timeZone: String
  /// The local date of the last check.
  var checkedOn: LocalDate
}

extension LaunchRepository {
  /// Returns the launches whose current decision is a GO that is not stale.
  func watched() throws -> [WatchedLaunch] {
    try db.query("SELECT launch, time_zone, checked_on FROM launches WHERE watched = 1 ORDER BY launch").compactMap {
      row in
      guard let launch = LaunchID(try row.text("launch")) else { return nil }
      return WatchedLaunch(
        launch: launch, timeZone: try row.text("time_zone"), checkedOn: try row.date("checked_on"))
    }
  }

  /// Returns the launches that should get their GO automatically.
  func dueDecisions() throws -> [LaunchID] {
    try db.query("SELECT launch FROM due_decisions ORDER BY launch").compactMap { LaunchID(try $0.text("launch")) }
  }

  /// Returns the IANA name of the launch's zone; nil if the launch is not stored.
  func timeZone(of launch: LaunchID) throws -> String? {
    try db.queryOne("SELECT time_zone FROM launches WHERE launch = ?", [launch])?.text("time_zone")
  }

  /// Whether the launch should get its GO automatically.
  func isDueDecision(_ launch: LaunchID) throws -> Bool {
    try db.queryOne("SELECT launch FROM due_decisions WHERE launch = ?", [launch]) != nil
  }

  /// Sets whether the launch should get its GO automatically.
  func setDueDecision(_ launch: LaunchID, _ isDue: Bool) throws {
    if isDue {
      try db.execute("INSERT INTO due_decisions (launch) VALUES (?) ON CONFLICT (launch) DO NOTHING", [launch])
    } else {
      try db.execute("DELETE FROM due_decisions WHERE launch = ?", [launch])
    }
  }
}

/// Everything stored about one launch.
struct LaunchState: Sendable {
  var checklist: LaunchChecklist
  var decisions: DecisionHistory
  var exposure: Exposure { didSet { checklist.setExposure(exposure) } }

  init(checklist: LaunchChecklist, decisions: DecisionHistory, exposure: Exposure) {
    self.checklist = checklist
    self.decisions = decisions
    self.exposure = exposure
    self.checklist.setExposure(exposure)
  }

  /// Whether customers have the feature now.
  var isExposed: Bool { exposure.percentage > 0 }

  /// Whether it is upcoming: not exposed yet, and neither postponed nor cancelled.
  var isAhead: Bool { checklist.isRunning && !isExposed }

  /// Returns the current decision as calls show it: stale if the facts say so now, even if that is not recorded yet.
  func decision(at moment: LaunchMoment) -> DecisionView {
    decisions.view(of: checklist, at: moment, exposure: exposure)
  }

  /// Returns the rules that exposure broke, each starting with a stable code.
  ///
  /// - Parameter halts: all halts of the line so far.
  func violations(at moment: LaunchMoment, halts: [Halt]) -> [String] {
    exposure.violations(
      of: checklist.record, seal: checklist.seal, decisions: decisions, halts: halts, in: moment.zone)
  }
}

extension LaunchChecklist {
  /// Updates the checklist's copy of facts about exposure.
  fileprivate mutating func setExposure(_ exposure: Exposure) {
    exposedSince = exposure.attempts.first?.startedAt
    latestAttempt = exposure.attempts.last
  }
}

/// The document in a row of `launches`: a launch without its items, decisions and exposure.
struct LaunchDocument: Sendable, Hashable, Codable {
  var record: LaunchRecord
  var templateVersion: Int
  var votes: [PollVote]
  var seal: Seal?
  /// Nil if no hypercare is recorded, as in documents older than this field.
  var hypercare: HypercareExtent?

  init(of checklist: LaunchChecklist) {
    record = checklist.record
    templateVersion = checklist.templateVersion
    votes = checklist.votes
    seal = checklist.seal
    hypercare = HypercareExtent(of: checklist.hypercare)
  }

  func checklist(_ items: [ChecklistItem]) -> LaunchChecklist {
    LaunchChecklist(record: record, templateVersion: templateVersion, items: items, votes: votes, seal: seal)
  }
}

/// The stored decisions, each with the snapshot that its digest covers.
struct DecisionRepository {
  let db: any Transaction

  /// Returns the decisions of a launch that still matter: the latest, and those that were in effect at the given
  /// moments, such as when the exposure was raised.
  ///
  /// - Parameter limit: decisions made after this moment are ignored.
  func load(
    _ launch: LaunchID, upTo limit: Timestamp = Timestamp(microseconds: .max), standingAt moments: [Timestamp]
  ) throws -> DecisionHistory {
    let made = try db.query(
      "SELECT decision, at FROM decisions WHERE launch = ? AND at <= ? ORDER BY decision", [launch, limit]
    ).map { (sequence: try $0.int("decision"), at: try $0.timestamp("at")) }
    let standing = moments.compactMap { moment in made.last { $0.at <= moment }?.sequence }
    let needed = Set(standing).union(made.suffix(1).map(\.sequence)).sorted()
    return DecisionHistory(
      try needed.compactMap { sequence in
        try db.queryOne("SELECT document FROM decisions WHERE launch = ? AND decision = ?", [launch, sequence])?
          .json("document", as: Decision.self)
      })
  }

  /// Adds a decision with the canonical JSON of its snapshot.
  func add(_ decision: Decision, of launch: LaunchID, snapshot: [UInt8]) throws {
    try db.execute(
      "INSERT INTO decisions (launch, decision, at, document, snapshot) VALUES (?, ?, ?, ?, ?)",
      [
        launch, decision.sequence, decision.at, try SQLValue.json(decision), String(decoding: snapshot, as: UTF8.self),
      ])
  }

  /// Updates a decision that was confirmed or went stale.
  func update(_ decision: Decision, of launch: LaunchID) throws {
    try db.execute(
      "UPDATE decisions SET document = ? WHERE launch = ? AND decision = ?",
      [try SQLValue.json(decision), launch, decision.sequence])
  }
}

/// The stored steps of exposure.
struct ExposureRepository {
  let db: any Transaction

  /// Returns a launch's steps, in the order in which they were recorded.
  func load(_ launch: LaunchID) throws -> [ExposureStep] {
    try db.query("SELECT document FROM exposure_steps WHERE launch = ? ORDER BY step", [launch])
      .map { try $0.json("document", as: ExposureStep.self) }
  }

  func add(_ step: ExposureStep, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO exposure_steps (launch, step, document) VALUES (?, ?, ?)",
      [launch, step.sequence, try SQLValue.json(step)])
  }
}

/// The stored history of items.
struct ItemHistory {
  let db: any Transaction

  /// Returns an item's entries, oldest first; only those newer than the item's version `version`.
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

  /// Adds an entry, with the version of the item after the change.
  ///
  /// - Returns: the entry's number within the item's history, from 1.
  @discardableResult
  func add(
    _ event: ItemEvent, of launch: LaunchID, version: Int, by actor: String, at now: Timestamp
  ) throws -> Int {
    let instance = event.item.instance ?? ""
    let last = try db.queryOne(
      "SELECT MAX(entry) AS last FROM item_history WHERE launch = ? AND item = ? AND instance = ?",
      [launch, event.item.key, instance])
    let entry = (try last?.optionalInt("last") ?? 0) + 1
    try db.execute(
      """
      INSERT INTO item_history (launch, item, instance, entry, at, actor, action, detail, item_version)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        launch, event.item.key, instance, entry, now, actor, event.step.action, event.step.detail, version,
      ])
    return entry
  }
}
