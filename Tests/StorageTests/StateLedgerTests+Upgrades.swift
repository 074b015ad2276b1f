import JSON
import Contract
import TestSupport
import Testing

@testable import Storage

/// What a new version takes into the chains, and what rests on their last word.
extension StateLedgerTests {
  @Test("An older chain gets one checkpoint, and never a second", arguments: StorageEngine.allAvailable)
  func checkpoint(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      try await db.write { tx in
        _ = try Self.chain.append(launch: "a", at: Self.now, by: "dana", action: "proposed", detail: [:], tx)
        try tx.execute(Self.saveItem, ["a", "qa", "", #"{"state":"done"}"#])
        try tx.execute("INSERT INTO rosters (version, document) VALUES (1, '{}')")
      }
      let ledger = Self.ledger()
      #expect(try await Self.broken(db, ledger)?.key == "item:qa", "no link says anything about it yet")
      for _ in 1...2 { try await db.write { try ledger.checkpoint(at: Self.now, by: "gonogo-tiering", $0) } }
      for subject in ["a", "roster"] { #expect(try await Self.broken(db, ledger, subject) == nil) }
      let actions = try await db.read { try Self.chain.links(launch: "a", $0).map(\.action) }
      #expect(actions == ["proposed", AuditChain.checkpointAction])
      try await db.write { tx in
        try tx.execute(#"UPDATE items SET document = '{"state":"open"}'"#)
        try tx.execute("INSERT INTO launches (launch, version, document) VALUES ('b', 1, '{}')")
        try ledger.checkpoint(at: Self.now, by: "gonogo-tiering", tx)
      }
      #expect(try await Self.broken(db, ledger)?.key == "item:qa")
      #expect(try await Self.broken(db, ledger, "b")?.key == "launch")
    }
  }

  @Test("A newly audited table is added to each chain once", arguments: StorageEngine.allAvailable)
  func laterTable(_ engine: StorageEngine) async throws {
    let notes = AuditedTable("notes", of: .column("launch"), prefix: "note", columns: ["text"], generation: 2)
    @Sendable func upgraded() -> StateLedger {
      let ledger = StateLedger(Self.chain)
      ledger.cover(Self.tables + [notes])
      return ledger
    }
    func checkpoint(_ db: any Database, _ ledger: StateLedger) async throws {
      try await db.write { try ledger.checkpoint(at: Self.now, by: "gonogo-tiering", $0) }
    }
    try await engine.withDatabase(Self.migrations) { db in
      try await Self.fill(db, Self.ledger())
      let ledger = upgraded()
      #expect(try await Self.broken(db, ledger)?.key == "note", "no link says anything about it yet")
      for _ in 1...2 { try await checkpoint(db, ledger) }
      #expect(try await Self.broken(db, ledger) == nil)
      let links = try await db.read { try Self.chain.links(launch: "a", $0) }
      #expect(links.count == 3)
      #expect(links.last?.state?.covers == 2)
      #expect(links.last?.state?.set.keys.sorted() == ["note"], "the rest is in links already")
      #expect(try await db.read { try Self.chain.links(launch: "roster", $0).count } == 1, "it has no notes")
      try await Self.change(db, ledger) { tx in
        try tx.execute(Self.saveItem, ["b", "qa", "", #"{"state":"open"}"#])
      }
      try await db.write { tx in
        try tx.execute("UPDATE notes SET text = 'changed' WHERE launch = 'a'")
        try tx.execute("INSERT INTO notes (launch, text) VALUES ('b', 'added')")
      }
      try await checkpoint(db, upgraded())
      for subject in ["a", "b"] {
        for ledger in [ledger, upgraded()] {
          #expect(
            try await Self.broken(db, ledger, subject)?.key == "note", "a restart takes in nothing that was changed")
        }
      }
      try await db.write { tx in
        try tx.execute("UPDATE audit_links SET state = replace(state, '\"covers\":2', '\"covers\":1')")
      }
      let broken = try #require(try await Self.broken(db, upgraded()))
      #expect(broken.detail.contains("does not match its content"), "what a link covers is sealed with it")
    }
  }

  @Test(
    "With a newly audited table, rows of a subject without a chain are added once, and never later",
    arguments: StorageEngine.allAvailable)
  func laterTableWithoutChain(_ engine: StorageEngine) async throws {
    let notes = AuditedTable("notes", of: .column("launch"), prefix: "note", columns: ["text"], generation: 2)
    let ledger = StateLedger(Self.chain)
    ledger.cover(Self.tables + [notes])
    try await engine.withDatabase(Self.migrations) { db in
      try await Self.fill(db, Self.ledger())
      try await db.write { tx in
        try tx.execute("INSERT INTO notes (launch, text) VALUES ('c', 'from before')")
        try tx.execute(Self.saveItem, ["d", "qa", "", #"{"state":"done"}"#])
        try ledger.checkpoint(at: Self.now, by: "gonogo-tiering", tx)
      }
      #expect(try await Self.broken(db, ledger, "c") == nil)
      #expect(try await Self.broken(db, ledger, "d")?.key == "item:qa", "its table was audited before")
      try await db.write { tx in
        try tx.execute("INSERT INTO notes (launch, text) VALUES ('e', 'added')")
        try ledger.checkpoint(at: Self.now, by: "gonogo-tiering", tx)
      }
      #expect(try await Self.broken(db, ledger, "e")?.key == "note")
    }
  }

  @Test(
    "Newly audited columns of an audited table have their own digests",
    arguments: StorageEngine.allAvailable)
  func laterColumns(_ engine: StorageEngine) async throws {
    let versions = AuditedTable(
      "launches", of: .column("launch"), prefix: "launch-version", columns: ["version"], generation: 2)
    let documents = AuditedTable(
      "launches", of: .column("launch"), prefix: "launch", columns: ["document"], document: "document",
      members: ["votes"])
    try await engine.withDatabase(Self.migrations) { db in
      let (before, ledger) = (StateLedger(Self.chain), StateLedger(Self.chain))
      before.cover([documents])
      ledger.cover([documents, versions])
      try await Self.change(db, before) { try $0.execute(Self.saveLaunch, ["a", 1, "{}"]) }
      try await db.write { try ledger.checkpoint(at: Self.now, by: "gonogo-tiering", $0) }
      #expect(try await Self.broken(db, ledger) == nil)
      try await Self.change(db, ledger) { try $0.execute(Self.saveLaunch, ["a", 2, "{}"]) }
      let links = try await db.read { try Self.chain.links(launch: "a", $0) }
      #expect(links.map { $0.state?.set.keys.sorted() } == [["launch"], ["launch-version"], ["launch-version"]])
      #expect(try await Self.broken(db, ledger) == nil)
      try await db.write { try $0.execute("UPDATE launches SET version = 3") }
      #expect(try await Self.broken(db, ledger)?.key == "launch-version")
      try await Self.change(db, ledger) { try $0.execute(Self.saveLaunch, ["a", 4, "{}"]) }
      let broken = try #require(try await Self.broken(db, ledger))
      #expect(broken.key == "launch-version" && broken.length == 3, "writing over it does not make it right")
    }
  }

  @Test(
    "A table is distrusted if its chain disagrees with it or it once had rows; a recorded write restores trust",
    arguments: StorageEngine.allAvailable)
  func distrust(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      let rosters = try #require(ledger.tables.last)
      func distrust() async throws -> String? {
        try await db.read { try ledger.distrust(of: "roster", in: rosters, $0)?.key }
      }
      #expect(try await distrust() == nil, "there was none")
      try await Self.fill(db, ledger)
      #expect(try await distrust() == nil)
      try await db.write { try $0.execute("UPDATE rosters SET document = '[]'") }
      #expect(try await distrust() == "roster:1")
      try await db.write { try $0.execute("DELETE FROM rosters") }
      #expect(try await distrust() == "roster:1")
      _ = try await db.write { try ledger.accept("roster", at: Self.now, by: "dana", reason: "gone", $0) }
      #expect(try await distrust() == "roster:1", "though the chain says that there is none")
      try await Self.change(db, ledger) { tx in
        try tx.execute("INSERT INTO rosters (version, document) VALUES (1, ?)", ["{}"])
      }
      #expect(try await distrust() == nil)
    }
  }
}
