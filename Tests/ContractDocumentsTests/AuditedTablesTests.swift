import ChecklistService
import LaunchModel
import MetricsService
import ReviewService
import ServiceKit
import Storage
import Testing
import TieringService

/// A table of a service is audited, or stands here: then its rows follow from audited ones, from the bus, or from time.
@Suite("Audited tables")
struct AuditedTablesTests {
  private static let derived: [String: Set<String>] = [
    "checklist": ["due_decisions", "bookings"],
    "tiering": ["rule_outcomes"],
    "metrics": [
      "account_changes", "ticket_events", "satisfaction_scores", "article_votes", "article_publications", "projections",
      "tallies", "adoption_accounts", "adoption_changes", "usage_marks", "discarded_projections", "projection_state",
      "evaluations", "alarms", "feeds", "feed_events", "feed_gap_spans", "feed_silences", "feed_search",
      "unfollowed_feed_types", "feed_type_searches", "incomplete_feed_types", "adoption_curves",
    ],
    "review": [
      "calendars", "template_version", "sealed_metrics", "items_done", "story",
      "ticket_events", "ticket_tags", "escalations", "scores", "votes", "articles", "missed_searches", "accounts",
      "signal_texts", "text_backfill", "attempt_topics", "spikes",
    ],
  ]

  @Test("Every table is audited, or known to be derived from others")
  func complete() throws {
    try check(ChecklistService.self)
    try check(TieringService.self)
    try check(MetricsService.self)
    try check(ReviewService.self)
  }

  private func check<Service: DomainService>(_ service: Service.Type) throws {
    let sql = Service.migrations.flatMap(\.sql)
    var tables: Set<String> = []
    for statement in sql {
      if let dropped = statement.firstMatch(of: /DROP TABLE (\w+)/) { tables.remove(String(dropped.1)) }
      if let created = statement.firstMatch(of: /CREATE TABLE (\w+)/) { tables.insert(String(created.1)) }
    }
    let audited = Set(Service.auditedTables.map(\.name))
    let derived = try #require(Self.derived[Service.name.rawValue])
    #expect(tables.count > 3 && !audited.isEmpty)
    #expect(tables.subtracting(audited) == derived, "declare it in auditedTables of \(Service.name), or list it here")
    #expect(audited.isSubset(of: tables) && audited.isDisjoint(with: derived))
  }
}
