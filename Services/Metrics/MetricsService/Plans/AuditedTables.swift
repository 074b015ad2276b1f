import Storage

/// The tables of metrics that its audit chains cover. Left out are signals, which are on the bus; data derived from
/// them, such as the curves of earlier launches; and the times of evaluations.
enum MetricsAudit {
  static let tables = [
    plans, launches, exposures, verdicts, rulings, acceptances, allAcceptances, planDefaults, defaults,
    defaultsProposals,
  ]

  private static let plans = AuditedTable(
    "plans", of: .column("launch"), prefix: "plan", keys: ["version"],
    columns: ["action", "at", "actor", "document", "definition", "digest", "reason", "retroactive"]
  ) { row in "\(try row.text("action")) by \(try row.text("actor"))" }

  private static let launches = AuditedTable(
    "launches", of: .column("launch"), prefix: "launch", keys: ["version"],
    columns: ["log_offset", "owner", "feature", "time_zone", "tier"],
    generation: 2
  ) { row in "feature \(try row.text("feature"))" }

  /// The attempts, which determine the windows of all verdicts.
  private static let exposures = AuditedTable(
    "exposures", of: .column("launch"), prefix: "exposure", keys: ["log_offset"], columns: ["stored_at", "attempts"],
    generation: 2)

  private static let verdicts = AuditedTable(
    "verdicts", of: .column("launch"), prefix: "verdict", keys: ["attempt", "metric"], columns: ["verdict"],
    generation: 2
  ) { row in try row.text("verdict") }

  private static let rulings = AuditedTable(
    "feed_rulings", of: .fixed(FeedHandlers.chain), prefix: "feed", keys: ["type", "source"],
    columns: ["ruling", "at", "actor", "reason"], generation: 2
  ) { row in "\(try row.text("ruling")) by \(try row.text("actor"))" }

  /// The last acceptance of a feed's missing events; a later retirement does not change it.
  private static let acceptances = AuditedTable(
    "feed_rulings", of: .fixed(FeedHandlers.chain), prefix: "feed-acceptance", keys: ["type", "source"],
    columns: ["accepted_at"], generation: 2)

  /// Every acceptance of a feed's missing events.
  private static let allAcceptances = AuditedTable(
    "feed_acceptances", of: .fixed(FeedHandlers.chain), prefix: "feed-accepted", keys: ["type", "source", "at"],
    columns: ["actor", "reason"], generation: 3
  ) { row in "accepted by \(try row.text("actor"))" }

  /// The version of the defaults that completed a plan.
  private static let planDefaults = AuditedTable(
    "plans", of: .column("launch"), prefix: "plan-defaults", keys: ["version"], columns: ["defaults_version"],
    generation: 2)

  private static let defaults = AuditedTable(
    "metric_defaults", of: .fixed(DefaultsRepository.chain), prefix: "defaults", keys: ["version"],
    columns: ["digest", "document"], generation: 2)

  private static let defaultsProposals = AuditedTable(
    "metric_defaults_proposals", of: .fixed(DefaultsRepository.chain), prefix: "proposal", keys: ["proposal"],
    columns: ["document"], generation: 2)
}
