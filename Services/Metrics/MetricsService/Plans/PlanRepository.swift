import ServiceKit
import JSON
import Contract
import Digests
import LaunchModel
import MetricsCore
import Storage

/// The stored metric plans, with all their versions.
struct PlanRepository {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// The history of a launch's plan up to a moment; nil for the whole history.
  func history(of launch: LaunchID, until moment: Timestamp? = nil) throws -> PlanHistory {
    let rows = try db.query(
      """
      SELECT version, action, at, actor, document, definition, digest, reason, retroactive, defaults_version
      FROM plans WHERE launch = ? AND at <= ? ORDER BY version
      """, [launch, moment ?? Timestamp(microseconds: .max)])
    return PlanHistory(entries: try rows.map(entry))
  }

  /// Adds an entry.
  func add(_ entry: PlanHistory.Entry, to launch: LaunchID) throws {
    try db.execute(
      """
      INSERT INTO plans (
        launch, version, action, at, actor, document, definition, digest, reason, retroactive, defaults_version)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        launch, entry.version, entry.action.rawValue, entry.at, entry.by, try SQLValue.json(entry.document),
        try entry.definition.map { try SQLValue.json($0) }, entry.digest, entry.reason, entry.isRetroactive,
        entry.defaultsVersion,
      ])
  }

  private func entry(_ row: Row) throws -> PlanHistory.Entry {
    guard let action = PlanHistory.Entry.Action(rawValue: try row.text("action")) else {
      throw StorageError(.unreadable, "the table plans contains an action unknown to this version")
    }
    let isDefined = try row.optionalText("definition") != nil
    return PlanHistory.Entry(
      version: try row.int("version"), action: action, at: try row.timestamp("at"), by: try row.text("actor"),
      document: try row.json("document"), definition: isDefined ? .some(try row.json("definition")) : .none,
      digest: try row.optionalText("digest"),
      reason: try row.optionalText("reason"), isRetroactive: try row.bool("retroactive"),
      defaultsVersion: try row.optionalInt("defaults_version"))
  }
}

/// The history of a launch's metric plan: definitions, the seal, amendments.
struct PlanHistory {
  /// One entry, numbered from 1.
  struct Entry {
    enum Action: String {
      case define, seal, amend
    }

    var version: Int
    var action: Action
    var at: Timestamp
    var by: String
    /// The submitted metric file, completed with the defaults in force at the time.
    var document: JSONValue
    /// The sealed definition; nil for `define`, because the launch's feature may still change.
    var definition: JSONValue?
    var digest: String?
    var reason: String?
    var isRetroactive: Bool
    /// The version of the defaults that completed the file; nil for entries from before defaults had versions.
    var defaultsVersion: Int?

    /// The plan of the entry. If it is not sealed, it is for `feature`, the launch's current one.
    func plan(feature: String) throws -> MetricPlan {
      guard let definition else { return try MetricPlan(reading: document, feature: feature) }
      return try MetricPlan(definition: definition)
    }
  }

  /// The entries, sorted by version.
  var entries: [Entry]

  /// The plan in force.
  var current: Entry? { entries.last }

  var seal: Entry? { entries.last { $0.action == .seal } }

  var amendments: [Entry] { entries.filter { $0.action == .amend } }

  /// The number of entries; 0 if there is no plan.
  var version: Int { current?.version ?? 0 }

  var isSealed: Bool { seal != nil }

  /// The plans to evaluate: the current one and, if it was amended, the originally sealed one.
  func plans(feature: String) throws -> [MetricPlan] {
    guard let current else { return [] }
    var plans = [try current.plan(feature: feature)]
    if let seal, current.action == .amend { plans.append(try seal.plan(feature: feature)) }
    return plans
  }

  /// The plan as returned by calls.
  func view(of launch: LaunchID, feature: String) throws -> PlanView {
    let definition = try current?.plan(feature: feature).definition
    return PlanView(
      launch: launch, sealed: isSealed, digest: definition.map(SHA256Digest.hex(ofCanonical:)), sealedAt: seal?.at,
      sealedBy: seal?.by,
      definition: definition,
      amendments: amendments.map { entry in
        PlanView.Amendment(
          digest: entry.digest ?? "", reason: entry.reason ?? "", by: entry.by, at: entry.at,
          retroactive: entry.isRetroactive)
      }, version: version, defaultsVersion: current?.defaultsVersion)
  }
}

/// Compares a launch's stored plan with the digests sealed in its audit chain.
struct SealCheck {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// The first link of the audit chain that the stored plan contradicts; nil if the plan is the sealed one.
  ///
  /// - Parameters:
  ///   - links: the launch's audit chain up to `moment`.
  ///   - launch: the launch.
  ///   - moment: the moment to check; nil for now.
  func contradiction(to links: [AuditLink], of launch: LaunchID, until moment: Timestamp? = nil) throws -> BrokenLink? {
    let steps = try PlanRepository(db).history(of: launch, until: moment).entries.filter { $0.action != .define }
    let sealing = links.filter { Self.actions.contains($0.action) }
    for (index, link) in sealing.enumerated() {
      guard index < steps.count else {
        return BrokenLink(length: link.length, detail: "the metric plan sealed by this link is missing from the store")
      }
      let digest = link.detail["digest"]?.stringValue ?? ""
      guard steps[index].digest == digest, steps[index].definition.map(SHA256Digest.hex(ofCanonical:)) == digest else {
        return BrokenLink(
          length: link.length,
          detail: "the metric plan was changed after sealing: its digest is no longer the sealed one (\(digest))")
      }
    }
    guard steps.count > sealing.count else { return nil }
    return BrokenLink(
      length: (links.last?.length ?? 0) + 1, detail: "the store has a sealed metric plan that the audit chain lacks")
  }

  /// Requires that the stored plan is the sealed one.
  ///
  /// - Throws: `changed-after-sealing` if it is not.
  func require(_ launch: LaunchID, until moment: Timestamp? = nil) throws {
    guard let broken = try broken(launch, until: moment) else { return }
    throw Problem.conflict(
      Problem.changedAfterSealing, title: "the metrics were changed after sealing",
      "the sealed metrics of \(launch) were changed in the store: at link \(broken.length) of the audit chain, "
        + "\(broken.detail). There are no verdicts until the store is restored from a backup")
  }

  /// The first link of the launch's audit chain that the stored plan contradicts; nil if the plan is the sealed one.
  func broken(_ launch: LaunchID, until moment: Timestamp? = nil) throws -> BrokenLink? {
    let links = try AuditChain(service: MetricsService.name).links(launch: launch.rawValue, db)
    return try contradiction(
      to: links.filter { link in moment.map { link.at <= $0 } ?? true }, of: launch, until: moment)
  }

  private static let actions: Set<String> = [
    Announcements.metricsSealed.name, Announcements.metricsAmended.name,
  ]
}
