import Contract
import Foundation
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite("Repairing a log")
struct RepairTests {
  private static let roster = Announcements.rosterAdopted.name

  @Test(
    "A repair puts a placeholder at each lost offset and rebuilds the record of ids; a dry run only reports",
    arguments: StorageEngine.allAvailable)
  func repairs(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture async throws in
      for (id, second) in zip(["a", "b", "c", "d", "e", "f"], 1...) { try fixture.append(id, at: Int64(second)) }
      try fixture.metadataStore.save(consumers: ["metrics": 4])
      try await fixture.reopen {
        let intact = try fixture.repair()
        #expect(intact.isIntact && intact.kept == nil, "an intact log is left as it is")
        try await fixture.change("DELETE FROM events WHERE \"offset\" IN (1, 2, 6)")
        try await fixture.change("DELETE FROM event_keys WHERE \"offset\" = 3")
        try await fixture.damage("bytes", at: 5)
        let damage = [
          LogDamage(.missing, 1...2), LogDamage(.missing, 6...6), LogDamage(.changed, 5...5), LogDamage(.keys, 3...3),
        ]
        for _ in 0..<2 {
          let named = try fixture.repair(isDryRun: true)
          #expect(Set(named.damage) == Set(damage))
          #expect(named.kept == nil && named.lost == 0)
        }
        let report = try fixture.repair()
        #expect(Set(report.damage) == Set(damage))
        #expect(report.lost == 4 && report.kept != nil && report.incomplete.isEmpty)
        #expect(report.bounds == LogBounds(head: 6, first: 1))
        #expect(try fixture.repair().isIntact)
      }
      #expect(try fixture.verify().isEmpty)
      let page = try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      #expect(page.events.map(\.offset) == Array(1...6))
      let markers = page.events.filter { TypeFilter([LostEvent.type]).matches($0) }
      #expect(markers.map(\.offset) == [1, 2, 5, 6])
      #expect(page.events.map(\.storedAt.microseconds) == [3, 3, 3, 4, 4, 4].map { $0 * 1_000_000 })
      #expect(
        try fixture.append("a", "c", "d", "e", "new")
          == [.stored(7), .duplicate(3), .duplicate(4), .stored(8), .stored(9)],
        "what is lost can be published again")
      #expect(try fixture.metadataStore.consumers() == ["metrics": 4])
      let (entries, _) = try fixture.metadataStore.quarantined(QuarantineListParameters(), max: 9, bytes: 1 << 20)
      #expect(entries.compactMap(\.entry.offset).sorted() == [1, 5, 6])
      #expect(entries.allSatisfy { $0.entry.code == LostEvent.code })
    }
  }

  @Test(
    "A lost, changed, swapped or forged roster is reported and not used; a repair restores it from the log",
    arguments: StorageEngine.allAvailable,
    [
      "DELETE FROM roster", "UPDATE roster SET checksum = checksum + 1", "UPDATE roster SET checksum = NULL",
      "UPDATE roster SET event = (SELECT bytes FROM events WHERE \"offset\" = 2)",
    ])
  func roster(engine: StorageEngine, change: String) async throws {
    try await withLog(engine) { fixture async throws in
      let roster = try LogFixture.event("r", source: "/gonogo/checklist", type: Self.roster)
      _ = try fixture.log.append(
        [LogFixture.event("old", type: Self.roster), LogFixture.event("a"), roster], at: Timestamp(microseconds: 0))
      #expect(try fixture.metadataStore.rosterEvent() == roster.bytes)
      try await fixture.reopen { try await fixture.change(change) }
      #expect(throws: LogError.damagedRoster) { try fixture.metadataStore.rosterEvent() }
      #expect(try fixture.verify() == [LogDamage(.roster, 3...3)])
      #expect(try fixture.append("b") == [.stored(4)], "the copy does not concern what is stored")
      try await fixture.reopen {
        #expect(try fixture.repair(isDryRun: true).damage == [LogDamage(.roster, 3...3)])
        let report = try fixture.repair()
        #expect(report.kept != nil && report.lost == 0 && report.incomplete.isEmpty)
      }
      #expect(try fixture.metadataStore.rosterEvent() == roster.bytes)
      #expect(try fixture.verify().isEmpty)
    }
  }

  @Test("An older roster in place of the current one is detected", arguments: StorageEngine.allAvailable)
  func olderRoster(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture async throws in
      let events = try ["1", "2"].map { try LogFixture.event($0, type: Self.roster) }
      _ = try fixture.log.append(events, at: Timestamp(microseconds: 0))
      try await fixture.reopen {
        try await fixture.change(
          """
          UPDATE roster SET event = (SELECT bytes FROM events WHERE "offset" = 1), checksum = \(events[0].contentChecksum)
          """)
      }
      #expect(throws: LogError.damagedRoster) { try fixture.metadataStore.rosterEvent() }
    }
  }

  @Test("A roster that nobody adopted is not used", arguments: StorageEngine.allAvailable)
  func madeUpRoster(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture async throws in
      let event = try LogFixture.event("a")
      _ = try fixture.log.append([event], at: Timestamp(microseconds: 0))
      try await fixture.reopen {
        try await fixture.change(
          "INSERT INTO roster (id, event, checksum) SELECT 1, bytes, \(event.contentChecksum) FROM events")
      }
      #expect(throws: LogError.damagedRoster) { try fixture.metadataStore.rosterEvent() }
    }
  }

  @Test(
    "A lost roster whose event was pruned cannot be restored, and is still reported",
    arguments: StorageEngine.allAvailable)
  func prunedRoster(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture async throws in
      let events = [try LogFixture.event("r", type: Self.roster), try LogFixture.event("a")]
      _ = try fixture.log.append(events, at: Timestamp(microseconds: 0))
      _ = try fixture.log.prune(through: 1, atMost: 9)
      try await fixture.reopen {
        try await fixture.change("DELETE FROM roster")
        #expect(try fixture.repair().incomplete == ["roster"])
      }
      #expect(throws: LogError.damagedRoster) { try fixture.metadataStore.rosterEvent() }
    }
  }
}

@Suite("Repairing the log's file")
struct SQLiteRepairTests {
  /// Runs the body with the path of a closed log of three events.
  private func withClosedLog(
    _ body: (LogFixture, DatabaseLocation, _ path: String) async throws -> Void
  ) async throws {
    try await StorageEngine.sqlite.withFolder { folder in
      let location = try StorageEngine.sqlite.location(in: folder)
      guard case .sqlite(let path) = location else { return }
      let fixture = LogFixture(engine: .sqlite, folder: folder, store: try await LogStore.open(location))
      try fixture.append("a", "b", "c")
      try fixture.store.close()
      try await body(fixture, location, path)
    }
  }

  @Test(
    "A log with a lost table is refused by its name; a repair recreates the table from the events",
    arguments: ["event_keys", "log_bounds", "consumers", "quarantine", "roster"])
  func lostTable(table: String) async throws {
    try await withClosedLog { fixture, location, _ async throws in
      try await fixture.change("DROP TABLE " + table)
      let error = await #expect(throws: LogError.self) { _ = try await LogStore.open(location) }
      guard case .damaged(let message) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(message.contains("has lost a table: \(table); repair the log with gonogo-bus repair"))
      let named = try fixture.repair(isDryRun: true)
      #expect(named.lostTables == [table] && named.kept == nil)
      let report = try fixture.repair()
      #expect(report.lostTables == [table] && report.lost == 0 && report.kept != nil && report.incomplete.isEmpty)
      #expect(report.bounds == LogBounds(head: 3, first: 1))
      #expect(try fixture.repair().isIntact)
      try await fixture.reopen(isOpen: false)
      #expect(try fixture.verify().isEmpty)
      #expect(try fixture.append("b", "d") == [.duplicate(2), .stored(4)])
      try fixture.store.close()
    }
  }

  @Test("A repair that cannot read the log advises a backup, and not a repair")
  func beyondRepair() async throws {
    try await withClosedLog { fixture, _, path async throws in
      try await fixture.change("DROP TABLE events")
      let lost = LogError.damaged("the log has lost its table of events; restore a backup")
      #expect(throws: lost) { try fixture.repair() }
      try Data(repeating: 1, count: 100).write(to: URL(filePath: path))
      let error = #expect(throws: LogError.self) { try fixture.repair() }
      #expect(error?.description.hasSuffix("; it cannot be repaired: restore a backup") == true)
    }
  }
}

@Suite(
  "Repairing a log on PostgreSQL",
  .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct PostgreSQLRepairTests {
  /// Runs the body with a closed log of five events after a change, and opens the log again.
  private func withChangedLog(
    _ changes: [String], _ body: (LogFixture) async throws -> Void, after check: (LogFixture) throws -> Void
  ) async throws {
    try await withLog(.postgreSQL) { fixture async throws in
      try fixture.append("a", "b", "c", "d", "e", at: 7)
      try await fixture.reopen {
        for change in changes { try await fixture.change(change) }
        try await body(fixture)
      }
      #expect(try fixture.verify().isEmpty)
      try check(fixture)
    }
  }

  @Test(
    "Events beyond a head that went back are reported and not overwritten, and a repair finds the head")
  func headMovedBack() async throws {
    try await withLog(.postgreSQL) { fixture async throws in
      try fixture.append("a", "b", "c", "d", "e", at: 7)
      try await fixture.reopen {
        try await fixture.change("UPDATE log_bounds SET head = 3")
        try await fixture.change("UPDATE events SET checksum = checksum + 1 WHERE \"offset\" = 5")
      }
      #expect(fixture.log.damage == [LogDamage(.end, 4...5)])
      #expect(throws: LogError.self) { try fixture.append("f") }
      try await fixture.reopen {
        #expect(try fixture.repair(isDryRun: true).damage.contains(LogDamage(.end, 4...5)))
        let report = try fixture.repair()
        #expect(report.bounds == LogBounds(head: 4, first: 1))
        #expect(report.lost == 0)
      }
      #expect(try fixture.verify().isEmpty)
      #expect(try fixture.append("d", "e") == [.duplicate(4), .stored(5)])
    }
  }

  @Test("Missing bounds are restored from the events")
  func bounds() async throws {
    try await withChangedLog(["DELETE FROM log_bounds"]) { fixture async throws in
      let named = try fixture.repair(isDryRun: true)
      #expect(named.hadDamagedBounds && named.kept == nil)
      #expect(try fixture.repair().bounds == LogBounds(head: 5, first: 1))
    } after: { fixture throws in
      #expect(fixture.log.newestStoredAt == Timestamp(microseconds: 7_000_000))
      #expect(try fixture.append("e", "f") == [.duplicate(5), .stored(6)])
    }
  }

  @Test("A missing partition is created again, with placeholders")
  func partition() async throws {
    try await withChangedLog(["DROP TABLE events_1"]) { fixture async throws in
      let report = try fixture.repair()
      #expect(report.damage == [LogDamage(.missing, 1...5)])
      #expect(report.lost == 5)
    } after: { fixture throws in
      #expect(try fixture.append("a") == [.stored(6)])
    }
  }

  @Test("Missing events beyond all partitions get placeholders, unless there are too many")
  func headMovedOn() async throws {
    try await withLog(.postgreSQL) { fixture async throws in
      try await fixture.reopen {
        try await fixture.change("UPDATE log_bounds SET head = 2000000")
        #expect(throws: LogError.self) { try fixture.repair() }
        try await fixture.change("UPDATE log_bounds SET head = 3")
        #expect(try fixture.repair().lost == 3)
      }
      #expect(try fixture.verify().isEmpty)
      #expect(try fixture.append("a") == [.stored(4)])
    }
  }

  @Test("What a repair replaces is kept in a table")
  func kept() async throws {
    try await withChangedLog(["UPDATE events SET stored_at = 1 WHERE \"offset\" IN (2, 4)"]) { fixture async throws in
      #expect(try fixture.repair().kept?.hasSuffix(".damaged_events") == true)
      let database = try await fixture.openBeside()
      let rows = try await database.read {
        try $0.query("SELECT \"offset\", stored_at, replaced_at FROM damaged_events ORDER BY \"offset\"").map {
          [try $0.integer("offset"), try $0.integer("stored_at"), try $0.integer("replaced_at")]
        }
      }
      #expect(rows == [[2, 1, 9_000_000], [4, 1, 9_000_000]])
      try await database.close()
    } after: { _ in
    }
  }

  @Test("Many lost events get placeholders, and the others keep their order")
  func many() async throws {
    try await withLog(.postgreSQL) { fixture async throws in
      for start in stride(from: 1, through: 2_500, by: 500) {
        let events = try (start..<(start + 500)).map { try LogFixture.event("\($0)") }
        _ = try fixture.log.append(events, at: Timestamp(microseconds: Int64(start)))
      }
      try await fixture.reopen {
        try await fixture.change("DELETE FROM events WHERE \"offset\" % 7 = 0 OR \"offset\" BETWEEN 900 AND 1700")
        #expect(
          try fixture.repair().lost == Int64((1...2_500).filter { $0 % 7 == 0 || (900...1_700).contains($0) }.count))
      }
      #expect(try fixture.verify(atMost: 700).isEmpty)
      #expect(try fixture.append("1", "6", "7") == [.duplicate(1), .duplicate(6), .stored(2_501)])
    }
  }

  @Test("A log that a bus has open is not repaired")
  func running() async throws {
    try await withLog(.postgreSQL) { fixture async throws in
      try fixture.append("a")
      let error = #expect(throws: StorageError.self) { try fixture.repair() }
      #expect(error?.code == .locked)
    }
  }

  @Test("A database without a log is left alone")
  func noLog() async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      guard case .postgreSQL(let url, let schema) = try StorageEngine.postgreSQL.location(in: folder) else { return }
      let error = #expect(throws: StorageError.self) {
        try LogRepair.run(url: url, schema: schema, at: Timestamp(microseconds: 0))
      }
      #expect(error?.code == .cannotOpen)
    }
  }
}
