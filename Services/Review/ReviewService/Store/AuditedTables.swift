import Storage

/// The tables of review that its audit chains cover. Tables that only serve to assemble agendas are left out: their
/// data is on the bus, and a closed review contains its agenda.
enum ReviewAudit {
  static let tables = [
    launches, attempts, reviews, openings, attendance, explanations, outcomes, actions, learnings, learningTargets,
  ]

  private static let launches = AuditedTable(
    "launches", of: .column("id"), prefix: "launch", columns: ["version", "record"], generation: 2
  ) { "version \(try $0.int("version"))" }

  /// The attempts, which determine when reviews open.
  private static let attempts = AuditedTable(
    "attempts", of: .column("launch"), prefix: "attempt", keys: ["attempt"], columns: ["started_at", "rolled_back_at"],
    generation: 2)

  private static let reviews = AuditedTable(
    "reviews", of: .column("launch"), prefix: "review", keys: ["attempt"],
    columns: ["state", "opened_at", "closed_at", "closed_by", "digest", "agenda", "version"]
  ) { try $0.text("state") }

  /// When a scheduled review will open.
  private static let openings = AuditedTable(
    "reviews", of: .column("launch"), prefix: "review-opening", keys: ["attempt"],
    columns: ["opens_at", "opens_on", "calendar_known"], generation: 2
  ) { try $0.text("opens_on") }

  private static let attendance = AuditedTable(
    "attendance", of: .column("launch"), prefix: "attendance", keys: ["attempt", "person"], columns: ["person"]
  ) { try $0.text("person") }

  private static let explanations = AuditedTable(
    "explanations", of: .column("launch"), prefix: "explanation", keys: ["attempt", "metric"], columns: ["text"])

  private static let outcomes = AuditedTable(
    "outcomes", of: .column("launch"), prefix: "outcome", keys: ["attempt", "point"], columns: ["text"])

  private static let actions = AuditedTable(
    "actions", of: .column("launch"), prefix: "action", keys: ["number"],
    columns: ["id", "attempt", "text", "owner", "due", "point", "state", "outcome"]
  ) { "\(try $0.text("state")), \(try $0.optionalText("owner") ?? "without owner")" }

  private static let learnings = AuditedTable(
    "learnings", of: .column("launch"), prefix: "learning", keys: ["number"],
    columns: ["id", "text", "added_by", "added_at", "proposed_at", "change", "adopted_as"])

  /// The kinds of documents that learnings change.
  private static let learningTargets = AuditedTable(
    "learnings", of: .column("launch"), prefix: "learning-target", keys: ["number"], columns: ["target"], generation: 3
  ) { try $0.optionalText("target") }
}
