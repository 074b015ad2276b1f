import Contract
import JSON
import LaunchModel
import TestSupport
import Testing

@testable import Storage

@Suite("Comparing the store with its audit chains")
struct StateLedgerTests {
  static let chain = AuditChain(service: .tiering)
  static let now = Timestamp(microseconds: 1_798_794_000_000_000)
  static let tables = [
    AuditedTable(
      "items", of: .column("launch"), prefix: "item", keys: ["item", "instance"], columns: ["document"]
    ) { try $0.json("document")["state"]?.stringValue },
    AuditedTable(
      "launches", of: .column("launch"), prefix: "launch", columns: ["version", "document"], document: "document",
      members: ["votes"]),
    AuditedTable("rosters", of: .fixed("roster"), prefix: "roster", keys: ["version"], columns: ["document"]),
  ]
  static let migrations =
    Outbox.migrations + AuditChain.migrations + [
      Migration(
        id: "test/001-tables",
        sql: [
          """
          CREATE TABLE items (
            launch TEXT NOT NULL, item TEXT NOT NULL, instance TEXT NOT NULL, document TEXT NOT NULL,
            PRIMARY KEY (launch, item, instance))
          """,
          "CREATE TABLE launches (launch TEXT PRIMARY KEY, version BIGINT NOT NULL, document TEXT NOT NULL)",
          "CREATE TABLE rosters (version BIGINT PRIMARY KEY, document TEXT NOT NULL)",
          "CREATE TABLE notes (launch TEXT PRIMARY KEY, text TEXT NOT NULL)",
        ])
    ]

  static func ledger() -> StateLedger {
    let ledger = StateLedger(chain)
    ledger.cover(tables)
    return ledger
  }

  static let saveItem = """
    INSERT INTO items (launch, item, instance, document) VALUES (?, ?, ?, ?)
    ON CONFLICT (launch, item, instance) DO UPDATE SET document = excluded.document
    """
  static let saveLaunch = """
    INSERT INTO launches (launch, version, document) VALUES (?, ?, ?)
    ON CONFLICT (launch) DO UPDATE SET version = excluded.version, document = excluded.document
    """

  /// Changes the store in one transaction, with a link for each chain that it changed.
  static func change(
    _ db: any Database, _ ledger: StateLedger, _ body: @escaping @Sendable (any Transaction) throws -> Void
  ) async throws {
    try await db.write { base in
      let tx = AuditedTransaction(base, ledger)
      try body(tx)
      for subject in tx.unsealedSubjects {
        _ = try chain.append(
          launch: subject, at: now, by: "dana", action: AuditChain.stateAction, detail: [:],
          state: tx.takeState(of: subject), tx)
      }
    }
  }

  static func broken(_ db: any Database, _ ledger: StateLedger, _ subject: String = "a") async throws
    -> BrokenLink?
  {
    try await db.read { try ledger.contradiction(of: subject, $0) }
  }

  static func fill(_ db: any Database, _ ledger: StateLedger) async throws {
    try await change(db, ledger) { tx in
      try tx.execute(saveLaunch, ["a", 1, #"{"date":"2027-03-02","votes":[{"by":"mia","answer":"go"}]}"#])
      try tx.execute(
        saveItem, each: [["a", "qa", "", #"{"state":"open"}"#], ["a", "kb", "de", #"{"state":"open"}"#]])
      try tx.execute("INSERT INTO rosters (version, document) VALUES (1, ?)", ["{}"])
      try tx.execute("INSERT INTO notes (launch, text) VALUES (?, ?)", ["a", "not audited"])
    }
    try await change(db, ledger) { tx in
      try tx.execute("UPDATE items SET document = ? WHERE launch = ? AND item = ?", [#"{"state":"done"}"#, "a", "qa"])
    }
  }

  @Test(
    "Every change of an audited row is in a link, and the store then matches the chain",
    arguments: StorageEngine.allAvailable)
  func intact(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      let links = try await db.read { try Self.chain.links(launch: "a", $0) }
      #expect(
        links.map { $0.state?.set.keys.sorted() } == [
          ["item:kb/de", "item:qa", "launch", "launch-votes"], ["item:qa"],
        ])
      #expect(links[1].state?.set["item:qa"]?.hasSuffix(" done") == true)
      #expect(links[1].state?.found == nil)
      for subject in ["a", "roster"] {
        #expect(try await Self.broken(db, ledger, subject) == nil)
        #expect(try await Self.broken(db, Self.ledger(), subject) == nil, "without a cache")
      }
      try await Self.change(db, ledger) { tx in
        #expect(try tx.execute("DELETE FROM items WHERE launch = ? AND instance = ?", ["a", "de"]) == 1)
        try tx.execute(Self.saveLaunch, ["a", 1, #"{"votes":[],"date":"2027-03-02"}"#])
      }
      #expect(try await Self.broken(db, ledger) == nil)
      let last = try await db.read { try Self.chain.links(launch: "a", $0).last }
      #expect(last?.state?.set == ["item:kb/de": "absent", "launch-votes": "absent"], "the rest is as it was")
      #expect(try await db.read { try ledger.subjects($0) } == ["a", "roster"])
    }
  }

  @Test(
    "A row changed, deleted or added without gonogo is reported with its link, with or without a cache",
    arguments: StorageEngine.allAvailable,
    [
      (#"UPDATE items SET document = '{"state":"open"}' WHERE item = 'qa'"#, "item:qa", 2),
      ("DELETE FROM items WHERE instance = 'de'", "item:kb/de", 1),
      ("INSERT INTO items (launch, item, instance, document) VALUES ('a', 'x', '', '{}')", "item:x", 2),
      ("UPDATE launches SET document = replace(document, '03-02', '03-09')", "launch", 1),
      ("UPDATE launches SET document = replace(document, 'go', 'no')", "launch-votes", 1),
      ("UPDATE launches SET document = 'x'", "launch", 1), ("UPDATE launches SET version = 2", "launch", 1),
    ])
  func tampered(_ engine: StorageEngine, _ tampering: (sql: String, key: String, link: Int)) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      #expect(try await Self.broken(db, ledger) == nil)
      let count = try await db.write { try $0.execute(tampering.sql) }
      #expect(count == 1)
      for ledger in [ledger, Self.ledger()] {
        let broken = try #require(try await Self.broken(db, ledger))
        #expect(broken.key == tampering.key)
        #expect(broken.length == tampering.link, "\(broken.detail)")
      }
      #expect(try await Self.broken(db, ledger, "roster") == nil)
    }
  }

  @Test("The message states the content of the chain and of the store", arguments: StorageEngine.allAvailable)
  func message(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      try await db.write { try $0.execute(#"UPDATE items SET document = '{"state":"open"}' WHERE item = 'qa'"#) }
      let detail = try #require(try await Self.broken(db, ledger)?.detail)
      #expect(detail.hasPrefix(#"item:qa was changed in the store outside gonogo: link 2 says "done" ("#), "\(detail)")
      #expect(detail.contains(#"but the store holds "open" ("#), "\(detail)")
    }
  }

  @Test(
    "Overwriting a row changed without gonogo does not repair it; accepting it with a reason does",
    arguments: StorageEngine.allAvailable)
  func overwritten(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      try await db.write { tx in
        try tx.execute(#"UPDATE items SET document = '{"state":"open"}' WHERE item = 'qa'"#)
        try tx.execute("DELETE FROM items WHERE instance = 'de'")
      }
      try await Self.change(db, ledger) { tx in
        try tx.execute(Self.saveItem, ["a", "qa", "", #"{"state":"blocked"}"#])
        try tx.execute(Self.saveItem, ["a", "kb", "de", #"{"state":"open"}"#])
      }
      for ledger in [ledger, Self.ledger()] {
        let broken = try #require(try await Self.broken(db, ledger))
        #expect(broken.key == "item:kb/de" && broken.length == 1)
        #expect(broken.detail.hasSuffix("but it is missing from the store when link 3 was written"), "\(broken.detail)")
      }
      let accepted = try await db.write { try ledger.accept("a", at: Self.now, by: "dana", reason: "repaired", $0) }
      #expect(accepted?.keys == ["item:kb/de", "item:qa"])
      #expect(try await Self.broken(db, ledger) == nil)
      #expect(try await Self.broken(db, Self.ledger()) == nil)
      let again = try await db.write { try ledger.accept("a", at: Self.now, by: "dana", reason: "repaired", $0) }
      #expect(again == nil)
    }
  }

  @Test("A change undone by a savepoint or a transaction is in no link", arguments: StorageEngine.allAvailable)
  func undone(_ engine: StorageEngine) async throws {
    struct Refused: Error {}
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      try await Self.change(db, ledger) { tx in
        try tx.execute(Self.saveItem, ["a", "kb", "de", #"{"state":"done"}"#])
        do {
          try tx.savepoint {
            try tx.execute(Self.saveItem, ["a", "qa", "", #"{"state":"blocked"}"#])
            throw Refused()
          }
        } catch is Refused {
          // Only the savepoint is undone.
        }
      }
      let last = try await db.read { try Self.chain.links(launch: "a", $0).last }
      #expect(last?.state?.set.keys.sorted() == ["item:kb/de"])
      await #expect(throws: Refused.self) {
        try await Self.change(db, ledger) { tx in
          try tx.execute(Self.saveItem, ["a", "qa", "", #"{"state":"blocked"}"#])
          _ = try Self.chain.append(
            launch: "a", at: Self.now, by: "dana", action: "x", detail: [:], state: LinkState(), tx)
          _ = try ledger.contradiction(of: "a", tx)
          throw Refused()
        }
      }
      try await Self.change(db, ledger) { try $0.execute(Self.saveItem, ["a", "qa", "", #"{"state":"waived"}"#]) }
      #expect(try await Self.broken(db, ledger) == nil)
    }
  }

  @Test("A checkpoint of many rows consists of several links", arguments: StorageEngine.allAvailable)
  func largeCheckpoint(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      try await db.write { tx in
        for number in 1...1_100 { try tx.execute(Self.saveItem, ["a", "\(number)", "", "{}"]) }
      }
      let ledger = Self.ledger()
      for _ in 1...2 { try await db.write { try ledger.checkpoint(at: Self.now, by: "gonogo-tiering", $0) } }
      let links = try await db.read { try Self.chain.links(launch: "a", $0) }
      #expect(links.map { $0.state?.set.count } == [500, 500, 100])
      #expect(try await Self.broken(db, ledger) == nil)
    }
  }

  @Test(
    "For a row inserted where one was deleted without gonogo, the link says what was there",
    arguments: StorageEngine.allAvailable)
  func insertedAnew(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      try await db.write { try $0.execute("DELETE FROM rosters") }
      try await Self.change(db, ledger) { tx in
        try tx.execute("INSERT INTO rosters (version, document) VALUES (1, ?)", ["[]"])
      }
      let broken = try #require(try await Self.broken(db, ledger, "roster"))
      #expect(broken.key == "roster:1")
      #expect(broken.detail.hasSuffix("but it is missing from the store when link 2 was written"), "\(broken.detail)")
    }
  }

  @Test(
    "A link's state is sealed: changing or removing it breaks the chain", arguments: StorageEngine.allAvailable,
    ["SET state = NULL", "SET state = '{\"set\":{}}'", "SET state = 'x'"])
  func sealed(_ engine: StorageEngine, _ change: String) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      try await db.write { try $0.execute("UPDATE audit_links \(change) WHERE launch = 'a' AND length = 2") }
      let broken = try await Self.broken(db, ledger)
      #expect(broken?.length == 2)
      #expect(broken?.key == nil, "the chain itself is broken")
    }
  }

  @Test(
    "An unparseable statement on an audited table is refused",
    arguments: [
      "INSERT INTO items (launch, item, instance, document) SELECT launch, 'x', '', text FROM notes",
      "INSERT INTO items (launch, item, instance, document) VALUES ((SELECT text FROM notes), ?, ?, ?)",
      "DELETE FROM items WHERE launch = ? RETURNING item",
    ])
  func unreadable(_ sql: String) async throws {
    try await StorageEngine.sqlite.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      let error = await #expect(throws: StorageError.self) {
        try await Self.change(db, ledger) { try $0.execute(sql, []) }
      }
      #expect(error?.code == .statement)
    }
  }

  @Test(
    "A chain without a head that a decision cites was cut off or rewritten", arguments: StorageEngine.allAvailable)
  func cited(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(Self.migrations) { db in
      let ledger = Self.ledger()
      try await Self.fill(db, ledger)
      func broken(_ head: ChainHead) async throws -> BrokenLink? {
        try await db.read { try ledger.verify(AuditVerifyParameters(launch: "a", cited: [head]), "a", $0)?.broken }
      }
      let head = try #require(try await db.read { try Self.chain.head(launch: "a", $0) })
      #expect(try await broken(head) == nil)
      func contradiction(_ head: ChainHead) async throws -> BrokenLink? {
        try await db.read { try ledger.contradiction(of: "a", citing: [head], $0) }
      }
      #expect(try await contradiction(head) == nil)
      for other in [ChainHead(length: 5, hash: head.hash), ChainHead(length: 1, hash: head.hash)] {
        let verified = try #require(try await broken(other))
        #expect(try await contradiction(other) == verified, "a check says the same as a verification")
      }
      let cut = try await broken(ChainHead(length: 5, hash: head.hash))
      #expect(cut == BrokenLink(length: 3, detail: "cut off after link 2: a decision cites 5"))
      let rewritten = try await broken(ChainHead(length: 1, hash: head.hash))
      #expect(rewritten == BrokenLink(length: 1, detail: "rewritten: it is not the link that a decision cites"))
    }
  }
}
