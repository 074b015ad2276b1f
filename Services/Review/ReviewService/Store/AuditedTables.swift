import Storage

/// The tables of review that its audit chains cover. Left out is what is read from the bus, and when reviews open.
enum ReviewAudit {
  static let tables = [reviews, attendance, explanations, outcomes, actions, learnings]

  private static let reviews = AuditedTable(
    "reviews", of: .column("launch"), prefix: "review", keys: ["attempt"],
    columns: ["state", "opened_at", "closed_at", "closed_by", "digest", "agenda", "version"]
  ) { try $0.text("state") }

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
}
