import Storage

/// The tables of metrics that its audit chains cover. Left out is what is read from the bus, and what follows from it.
enum MetricsAudit {
  static let tables = [
    AuditedTable(
      "plans", of: .column("launch"), prefix: "plan", keys: ["version"],
      columns: ["action", "at", "actor", "document", "definition", "digest", "reason", "retroactive"]
    ) { row in "\(try row.text("action")) by \(try row.text("actor"))" },
    AuditedTable(
      "feed_rulings", of: .fixed(FeedHandlers.chain), prefix: "feed", keys: ["type", "source"],
      columns: ["ruling", "at", "actor", "reason"]
    ) { row in "\(try row.text("ruling")) by \(try row.text("actor"))" },
  ]
}
