import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("The stored evidence of items")
struct EvidenceStoreTests {
  /// The texts that an event adds to or writes over, by table.
  private static let texts = [
    "items": ["document"], "item_evidence": ["value", "actor"], "item_history": ["actor", "detail"],
    "revisions": ["document"], "audit_links": ["detail", "state"],
  ]

  private static func report(_ item: String, _ number: Int, _ more: [String: JSONValue] = [:]) -> CloudEvent {
    let data: [String: JSONValue] = ["launch": "smart-routing", "item": .string(item), "outcome": "passed"]
    return Signals.event(.evidenceRecorded, id: "run-\(100_000 + number)", .object(data.merging(more) { $1 }))
  }

  private static func receive(_ events: [CloudEvent], _ stage: Stage) async throws {
    _ = try await stage.harness.bus.publish(events.map { $0.encoded() }, timeout: .testTimeout)
    try await stage.harness.settle()
  }

  /// The rows of a table, and the length of their texts in characters.
  private static func size(_ table: String, _ stage: Stage) async throws -> (rows: Int, length: Int) {
    let length = (texts[table] ?? []).map { "LENGTH(COALESCE(CAST(\($0) AS TEXT), ''))" }.joined(separator: " + ")
    let sql = "SELECT COUNT(*) AS rows, COALESCE(SUM(\(length)), 0) AS length FROM \(table)"
    return try await stage.harness.environment.database.read { db in
      let row = try db.queryOne(sql)
      return (try row?.int("rows") ?? 0, try row?.int("length") ?? 0)
    }
  }

  @Test("The data that an event adds to the store does not grow with its item's evidence", arguments: [1, 50])
  func constant(_ together: Int) async throws {
    try await Stage.with { stage in
      var sizes: [String: [(rows: Int, length: Int)]] = [:]
      for block in 0..<4 {
        let events = (0..<100).map {
          Self.report("qa", block * 100 + $0, ["url": "https://ci.example/run", "attended": ["cora", "sam"]])
        }
        for start in stride(from: 0, to: events.count, by: together) {
          try await Self.receive(Array(events[start..<start + together]), stage)
        }
        for table in Self.texts.keys { sizes[table, default: []].append(try await Self.size(table, stage)) }
      }
      for (table, sizes) in sizes {
        let (early, late) = (sizes[1].length - sizes[0].length, sizes[3].length - sizes[2].length)
        #expect(late <= early + early / 20 + 20, "\(table) grows by \(early), then by \(late)")
        #expect(sizes[3].rows - sizes[2].rows == sizes[1].rows - sizes[0].rows, "\(table)")
      }
      let revisions = try #require(sizes["revisions"])
      #expect(revisions[3].rows - revisions[2].rows == 100)
      #expect(try await stage.show("qa").item.evidence.count == 801, "an event and a link each, and one attendance")
    }
  }

  @Test("New attendance replaces earlier attendance, which queries about an earlier moment still show")
  func replaced() async throws {
    try await Stage.with { stage in
      try await Self.receive([Self.report("internal-demo", 1, ["attended": ["cora", "sam"]])], stage)
      let before = stage.harness.clock.now()
      stage.set("2027-02-02T15:00:00Z")
      try await Self.receive([Self.report("internal-demo", 2, ["attended": ["cora", "sol"]])], stage)
      func attendance(_ asOf: Timestamp? = nil) async throws -> [String]? {
        let items = try await stage.harness.call(
          ChecklistRoutes.items, LaunchReference(launch: Stage.launch, asOf: asOf)
        ).items
        return items.first { $0.key == "internal-demo" }?.evidence.filter { $0.kind == .attendance }.map(\.value)
      }
      #expect(try await attendance() == ["cora, sol"])
      #expect(try await attendance(before) == ["cora, sam"])
      let shown = try await stage.show("internal-demo").item.evidence.map(\.kind)
      #expect(shown == [.event, .event, .attendance], "in the order of attaching")
    }
  }

  @Test("Evidence in the documents of an older store stays there until the item's next change moves it to rows")
  func upgrade() async throws {
    try await StorageEngine.standard.withFolder { folder in
      let now = Stage.at("2027-02-01T15:00:00Z")
      let bus = MemoryBus(clock: ManualClock(now))
      try await withServiceHarness(ChecklistService.self, at: now, in: folder, bus: bus, isTampered: true) { harness in
        let stage = try await Stage.begin(harness)
        try await Self.receive(
          [
            Self.report("qa", 1, ["url": "https://ci.example/1"]), Self.report("qa", 2, ["text": "run 2"]),
            Self.report("internal-demo", 3, ["attended": ["cora", "sam"], "presenter": "erin"]),
          ], stage)
        try await stage.act(ChecklistRoutes.comment, "qa", as: "erin") { $0.text = "two runs" }
        try await Self.downgrade(harness)
      }
      try await withServiceHarness(ChecklistService.self, at: now, in: folder, bus: bus) { harness in
        let stage = Stage(harness: harness, Stage.record())
        let audit = AuditShowParameters(launch: Stage.launch.rawValue)
        let links = try await harness.call(ServiceRoutes.auditShow(.checklist), audit).links
        #expect(links.map(\.action) == [AuditChain.checkpointAction, AuditChain.checkpointAction])
        #expect(links.last?.state?.covers == 4)
        let keys = try #require(links.last?.state?.set.keys.sorted())
        #expect(keys.contains("history:qa/1") && keys.contains("revision:1") && keys.contains("launch-lookup"))
        #expect(!keys.contains("item:qa") && !keys.contains("launch"))
        try await harness.requireIntactChains()
        let shown = [try await stage.show("qa"), try await stage.show("internal-demo")]
        #expect(shown[0].item.evidence.map(\.kind) == [.event, .link, .event, .text])
        #expect(shown[1].item.evidence.map(\.kind) == [.event, .attendance])
        #expect(try await Self.size("item_evidence", stage).rows == 0)
        stage.set("2027-02-02T15:00:00Z")
        // Changes that attach nothing, something, and something in place of another piece.
        try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
        #expect(try await stage.show("qa").item.evidence == shown[0].item.evidence)
        #expect(try await Self.size("item_evidence", stage).rows == 4)
        try await Self.receive([Self.report("internal-demo", 4, ["attended": ["cora", "sol"]])], stage)
        #expect(
          try await stage.show("internal-demo").item.evidence.map(\.value)
            == ["//test run-100003", "//test run-100004", "cora, sol"])
        let before = try await harness.call(
          ChecklistRoutes.items, LaunchReference(launch: Stage.launch, asOf: now)
        ).items
        #expect(before.first { $0.key == "qa" }?.evidence == shown[0].item.evidence)
        #expect(before.first { $0.key == "internal-demo" }?.evidence == shown[1].item.evidence)
      }
      // A restart takes nothing more into the chain.
      let later = Stage.at("2027-02-03T15:00:00Z")
      try await withServiceHarness(ChecklistService.self, at: later, in: folder, bus: bus) { harness in
        let links = try await harness.call(
          ServiceRoutes.auditShow(.checklist), AuditShowParameters(launch: Stage.launch.rawValue)
        ).links
        #expect(links.count { $0.action == AuditChain.checkpointAction } == 2)
      }
    }
  }

  /// Makes the store what the version before wrote: evidence inside the documents, no table for it, and chains that say
  /// nothing about histories and revisions.
  private static func downgrade(_ harness: ServiceHarness<ChecklistService>) async throws {
    let environment = harness.environment
    let created = [
      "item_evidence", "hypercare_rosters", "hypercare_checks", "halts", "signing_keys", "statements",
      "booking_reasons",
    ]
    let new = Set(created + ["item_history", "revisions", "reminders_sent"])
    try await environment.database.write { db in
      for row in try db.query("SELECT launch, item, instance, document FROM items") {
        let identity = [try row.text("launch"), try row.text("item"), try row.text("instance")]
        let pieces = try Self.pieces(of: identity, db)
        try db.execute(
          "UPDATE items SET document = ? WHERE launch = ? AND item = ? AND instance = ?",
          [Self.older(try row.json("document"), pieces)] + identity)
        let part = identity[2].isEmpty ? identity[1] : "\(identity[1])/\(identity[2])"
        for row in try db.query(
          "SELECT revision, document FROM revisions WHERE launch = ? AND part = ?", [identity[0], part])
        {
          let placed = try row.json("document")
          var members = placed.objectValue ?? [:]
          members["item"] = try JSONValue(parsing: Self.older(placed["item"] ?? .null, pieces).utf8)
          try db.execute(
            "UPDATE revisions SET document = ? WHERE launch = ? AND part = ? AND revision = ?",
            [
              String(decoding: JSONValue.object(members).serialized(), as: UTF8.self), identity[0], part,
              try row.int("revision"),
            ])
        }
      }
      for table in created { try db.execute("DROP TABLE \(table)") }
      try db.execute("DROP INDEX launches_by_asking")
      try db.execute("ALTER TABLE launches DROP COLUMN ask_at")
      try db.execute("DELETE FROM schema_migrations WHERE id >= 'checklist/007' AND id < 'checklist0'")
      try db.execute("DELETE FROM audit_links")
      let older = StateLedger(environment.audit)
      // A table that is declared twice has columns that are audited later.
      var seen = new
      older.cover(environment.state.tables.filter { seen.insert($0.name).inserted })
      try older.checkpoint(at: environment.clock.now(), by: "gonogo-checklist", db)
    }
  }

  private static func pieces(of item: [String], _ db: any Transaction) throws -> [(number: Int, piece: JSONValue)] {
    try db.query(
      """
      SELECT piece, kind, value, actor, at FROM item_evidence WHERE launch = ? AND item = ? AND instance = ?
      ORDER BY piece
      """, item
    ).map { row in
      let piece: JSONValue = [
        "kind": .string(try row.text("kind")), "value": .string(try row.text("value")),
        "by": .string(try row.text("actor")), "at": .string(try row.timestamp("at").description),
      ]
      return (try row.int("piece"), piece)
    }
  }

  /// An item's document with the pieces that it had then.
  private static func older(_ document: JSONValue, _ pieces: [(number: Int, piece: JSONValue)]) -> String {
    var members = document.objectValue ?? [:]
    let attached = members.removeValue(forKey: "attachedEver")?.integerValue ?? 0
    members["evidence"] = .array(pieces.filter { $0.number <= attached }.map(\.piece))
    return String(decoding: JSONValue.object(members).serialized(), as: UTF8.self)
  }
}
