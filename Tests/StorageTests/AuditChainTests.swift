import JSON
import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@Suite struct AuditChainTests {
  private static let chain = AuditChain(service: .tiering)
  private static let start = Timestamp(microseconds: 1_798_794_000_000_000)

  private static func fill(_ tx: any Transaction) throws {
    for (index, action) in ["proposed", "retiered", "rescheduled"].enumerated() {
      _ = try chain.append(
        launch: "smart-routing", at: start.adding(seconds: Int64(index)), by: "dana", action: action,
        detail: ["n": .integer(Int64(index)), "note": "größer", "share": 0.25], tx)
    }
    _ = try chain.append(launch: "other", at: start, by: "dana", action: "proposed", detail: [:], tx)
  }

  @Test("Each launch has an intact chain", arguments: StorageEngine.allAvailable)
  func intact(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(AuditChain.migrations) { db in
      try await db.write { try Self.fill($0) }
      try await db.read { tx in
        #expect(try Self.chain.launches(tx) == ["other", "smart-routing"])
        #expect(try Self.chain.verify(launch: "smart-routing", tx) == nil)
        let links = try Self.chain.links(launch: "smart-routing", tx)
        #expect(links.map(\.action) == ["proposed", "retiered", "rescheduled"])
        #expect(links.map(\.length) == [1, 2, 3])
        #expect(try Self.chain.head(launch: "smart-routing", tx) == ChainHead(length: 3, hash: links[2].hash))
        #expect(try Self.chain.head(launch: "nobody", tx) == nil)
      }
    }
  }

  /// Hashes computed with Python's `hashlib.sha256` over canonical JSON written by hand.
  @Test("The hash covers the canonical JSON with the previous hash", arguments: StorageEngine.allAvailable)
  func hash(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(AuditChain.migrations) { db in
      try await db.write { try Self.fill($0) }
      let hashes = try await db.read { try Self.chain.links(launch: "smart-routing", $0).map(\.hash) }
      #expect(
        hashes.prefix(2) == [
          "613250443ec9e6156023be05b63459012539b59d53a3fa9336b67c2e79a85c7e",
          "77769b5cef08fb7a85550ef96daceaf8160b3fe0224af0d22dac2042345fd969",
        ])
    }
  }

  @Test(
    "The first broken link is named",
    arguments: StorageEngine.allAvailable,
    [
      ("UPDATE audit_links SET detail = '{\"n\":7}' WHERE length = 2", 2),
      ("UPDATE audit_links SET detail = 'no json' WHERE length = 2", 2),
      ("UPDATE audit_links SET actor = 'somebody' WHERE length = 1", 1),
      ("UPDATE audit_links SET at = at + 1 WHERE length = 3", 3),
      ("UPDATE audit_links SET hash = 'x' WHERE length = 1", 1),
      ("DELETE FROM audit_links WHERE length = 2", 2),
      ("DELETE FROM audit_links WHERE length = 1", 1),
      ("UPDATE audit_links SET launch = 'smart-routing', length = 4 WHERE launch = 'other'", 4),
    ])
  func firstBrokenLink(_ engine: StorageEngine, _ tampering: (sql: String, broken: Int)) async throws {
    try await engine.withDatabase(AuditChain.migrations) { db in
      try await db.write { tx in
        try Self.fill(tx)
        try tx.execute(tampering.sql)
        #expect(try Self.chain.verify(launch: "smart-routing", tx)?.length == tampering.broken)
      }
    }
  }

  @Test("A chain of another service does not verify", arguments: StorageEngine.allAvailable)
  func anotherService(_ engine: StorageEngine) async throws {
    try await engine.withDatabase(AuditChain.migrations) { db in
      try await db.write { tx in
        try Self.fill(tx)
        #expect(try AuditChain(service: .metrics).verify(launch: "other", tx)?.length == 1)
      }
    }
  }

  @Test(
    "A chain that differs from its announced heads is broken",
    arguments: StorageEngine.allAvailable,
    [
      ("DELETE FROM audit_links WHERE launch = 'other'", nil, nil),
      ("DELETE FROM audit_links WHERE length = 3", 3, "cut off after link 2: the bus has seen 3"),
      ("DELETE FROM audit_links WHERE length > 1", 2, "cut off after link 1: the bus has seen 3"),
      ("DELETE FROM audit_links", 1, "the chain is missing: the bus has seen 3 of its links"),
      ("UPDATE audit_links SET hash = 'x' WHERE length = 2", 2, "rewritten: it is not the link that was announced"),
    ] as [(String, Int?, String?)])
  func announcedHeads(
    _ engine: StorageEngine, _ tampering: (sql: String, broken: Int?, detail: String?)
  ) async throws {
    try await engine.withDatabase(AuditChain.migrations) { db in
      try await db.write { tx in
        try Self.fill(tx)
        let links = try Self.chain.links(launch: "smart-routing", tx)
        let announced = links.dropFirst().map { ChainHead(length: $0.length, hash: $0.hash) }
        try tx.execute(tampering.sql)
        let broken = try Self.chain.compare(launch: "smart-routing", with: announced.reversed(), tx)
        #expect(broken?.length == tampering.broken)
        #expect(broken?.detail == tampering.detail)
      }
    }
  }
}
