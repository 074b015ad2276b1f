import Contract
import JSON
import ServiceKit
import Storage

/// The checklist's tables that its audit chains cover. Tables and columns that are derived from these, and change with
/// each item, are left out: bookings, due decisions, and the columns that say when a launch is checked next (`watched`,
/// `checked_on`, `remind_on`, `ask_at`).
enum ChecklistAudit {
  static let tables = [
    launches, lookups, items, evidence, decisions, exposure, acceptances, templates, proposals, rosters,
    CalendarRepository.audited, history, revisions, reminders, shifts, checks, halts, signingKeys, statements,
    bookingReasons,
  ]

  /// The names of the tables that decisions and the gate depend on: all except the historical records.
  static let basis = Set(tables.map(\.name)).subtracting([
    history.name, revisions.name, reminders.name, checks.name, signingKeys.name, statements.name,
  ])

  /// The launch as the checklist knows it; votes and seal have their own digests.
  private static let launches = AuditedTable(
    "launches", of: .column("launch"), prefix: "launch", columns: ["version", "document"], document: "document",
    members: ["votes", "seal"]
  ) { row in
    let record = try row.json("document")["record"]
    return words(
      record?["tier"].map { "tier \($0.plainText)" }, record?["date"]?.stringValue, record?["status"]?.stringValue)
  }

  /// The columns by which events and the board find a launch. They are derived from the document, but must be
  /// protected: if the flag were changed here, for example, a rollback by that flag would not find the launch and leave
  /// its gate open.
  private static let lookups = AuditedTable(
    "launches", of: .column("launch"), prefix: "launch-lookup", columns: ["feature", "flag", "running", "time_zone"],
    generation: 3
  ) { row in
    words(
      "feature \(try row.text("feature"))", try row.optionalText("flag").map { "flag \($0)" },
      try row.bool("running") ? nil : "not running")
  }

  private static let items = AuditedTable(
    "items", of: .column("launch"), prefix: "item", keys: ["item", "instance"], columns: ["place", "document"]
  ) { row in
    let item = try row.json("document")
    let evidence = item["attachedEver"]?.integerValue ?? Int64(item["evidence"]?.arrayValue?.count ?? 0)
    let verdicts = (item["approvals"]?.arrayValue ?? []).filter { ($0["endedAt"] ?? .null) == .null }.map {
      "\($0["verdict"].plainText) by \($0["person"].plainText) for \($0["group"].plainText)"
    }
    return words(
      item["state"]?.stringValue, evidence == 0 ? nil : "evidence \(evidence)",
      item["waiver"]?["by"]?.stringValue.map { "waived by \($0)" },
      verdicts.isEmpty ? nil : verdicts.joined(separator: ", "))
  }

  private static let evidence = AuditedTable(
    "item_evidence", of: .column("launch"), prefix: "evidence", keys: ["item", "instance", "piece"],
    columns: ["kind", "value", "actor", "at", "contrary", "replaced_by"], generation: 2
  ) { row in
    words(
      try row.optionalBool("contrary") == true ? "contrary" : nil, "\(try row.text("kind")) \(try row.text("value"))",
      try row.optionalInt("replaced_by").map { "replaced by \($0)" })
  }

  private static let history = AuditedTable(
    "item_history", of: .column("launch"), prefix: "history", keys: ["item", "instance", "entry"],
    columns: ["at", "actor", "action", "detail", "item_version"], generation: 2
  ) { row in "\(try row.text("action")) by \(try row.text("actor"))" }

  private static let revisions = AuditedTable(
    "revisions", of: .column("launch"), prefix: "revision", keys: ["part", "revision"], columns: ["at", "document"],
    generation: 2)

  private static let reminders = AuditedTable(
    "reminders_sent", of: .column("launch"), prefix: "reminder", keys: ["notice"], columns: ["notice"], generation: 3)

  private static let decisions = AuditedTable(
    "decisions", of: .column("launch"), prefix: "decision", keys: ["decision"],
    columns: ["at", "document", "snapshot"], latest: "decision"
  ) { row in
    let decision = try row.json("document")
    return words(
      decision["kind"]?.stringValue, decision["by"]?.stringValue.map { "by \($0)" },
      (decision["confirmedAt"] ?? .null) == .null ? nil : "confirmed",
      (decision["staleAt"] ?? .null) == .null ? nil : "stale")
  }

  private static let exposure = AuditedTable(
    "exposure_steps", of: .column("launch"), prefix: "exposure", keys: ["step"], columns: ["document"]
  ) { row in
    let step = try row.json("document")
    return words(step["percentage"].map { "\($0.plainText) %" }, step["by"]?.stringValue.map { "by \($0)" })
  }

  private static let shifts = AuditedTable(
    "hypercare_rosters", of: .column("launch"), prefix: "hypercare", keys: ["version"],
    columns: ["at", "actor", "document"], generation: 4, latest: "version"
  ) { row in
    let count = try row.json("document")["shifts"]?.arrayValue?.count ?? 0
    return words("\(count) \(count == 1 ? "shift" : "shifts")", "by \(try row.text("actor"))")
  }

  private static let checks = AuditedTable(
    "hypercare_checks", of: .column("launch"), prefix: "hypercare-check", keys: ["entry"], columns: ["document"],
    generation: 4
  ) { row in
    let check = try row.json("document")
    return words(
      check["day"].map { "day \($0.plainText)" }, check["outcome"]?.stringValue,
      check["by"]?.stringValue.map { "by \($0)" })
  }

  private static let acceptances = AuditedTable(
    "booking_acceptances", of: .column("launch"), prefix: "booking", keys: ["kind", "other"], columns: ["document"])

  private static let templates = AuditedTable(
    "templates", of: .fixed(TemplateChanges.subject), prefix: "template", keys: ["version"],
    columns: ["at", "actor", "digest", "document"])

  private static let proposals = AuditedTable(
    "template_proposals", of: .fixed(TemplateChanges.subject), prefix: "proposal", keys: ["proposal"],
    columns: ["document"])

  private static let rosters = AuditedTable(
    "rosters", of: .fixed(RosterChange.subject), prefix: "roster", keys: ["version"],
    columns: ["at", "actor", "digest", "document"])

  private static let halts = AuditedTable(
    "halts", of: .fixed(HaltAnnounced.subject), prefix: "halt", keys: ["halt"], columns: ["document"], generation: 4
  ) { row in
    let halt = try row.json("document")
    return words(
      halt["by"]?.stringValue.map { "by \($0)" }, (halt["lifted"] ?? .null) == .null ? nil : "lifted",
      halt["exceptions"]?.arrayValue.flatMap { $0.isEmpty ? nil : "exceptions \($0.count)" })
  }

  /// The signing keys without their secrets; replacing a secret requires replacing its public key, which is covered.
  private static let signingKeys = AuditedTable(
    SigningKeyRepository.table, of: .fixed(SigningKeyRepository.subject), prefix: "signing-key", keys: ["keyid"],
    columns: ["place", "public_key", "made_at", "made_by", "retired_at"], generation: 4
  ) { row in
    words("made by \(try row.text("made_by"))", try row.optionalInteger("retired_at").map { _ in "retired" })
  }

  private static let bookingReasons = AuditedTable(
    "booking_reasons", of: .fixed(BookingRepository.reasonsSubject), prefix: "booking-reason", keys: ["kind"],
    columns: ["version"], generation: 4)

  private static let statements = AuditedTable(
    "statements", of: .column("launch"), prefix: "statement", keys: ["statement"],
    columns: ["type", "decision", "digest", "envelope"], generation: 4
  ) { row in "\(try row.text("type")) \(try row.text("digest"))" }

  private static func words(_ parts: String?...) -> String { parts.compactMap(\.self).joined(separator: ", ") }
}
