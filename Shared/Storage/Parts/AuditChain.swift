public import JSON
public import Contract
import Digests
public import LaunchModel

/// A service's audit log: one hash chain per launch. Each link's hash covers the previous link's hash, so that altered,
/// removed or inserted links are detectable.
public struct AuditChain: Sendable {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  public static let migrations = [
    Migration(
      id: "audit/001-links",
      sql: [
        """
        CREATE TABLE audit_links (
          launch TEXT NOT NULL, length BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
          detail TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (launch, length))
        """
      ])
  ]

  private let source: String

  public init(service: ServiceName) { source = service.eventSource }

  /// Appends a link and returns the chain's new head.
  public func append(
    launch: String, at: Timestamp, by: String, action: String, detail: JSONValue, _ transaction: any Transaction
  ) throws -> ChainHead {
    let head = try head(launch: launch, transaction)
    let length = (head?.length ?? 0) + 1
    let hash = SHA256Digest.hex(
      of:
        Self.sealedBytes(
          source: source, launch: launch, length: length, at: at, by: by, action: action, detail: detail,
          previous: head?.hash ?? ChainHead.empty.hash))
    try transaction.execute(
      "INSERT INTO audit_links (launch, length, at, actor, action, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
      [launch, length, at, by, action, String(decoding: detail.serialized(), as: UTF8.self), hash])
    return ChainHead(length: length, hash: hash)
  }

  /// Returns the chain's head, or nil if the launch has no links.
  public func head(launch: String, _ transaction: any Transaction) throws -> ChainHead? {
    let row = try transaction.queryOne(
      "SELECT length, hash FROM audit_links WHERE launch = ? ORDER BY length DESC LIMIT 1", [launch])
    guard let row else { return nil }
    return ChainHead(length: try row.int("length"), hash: try row.text("hash"))
  }

  /// Returns the launches that have a chain, in ascending order.
  public func launches(_ transaction: any Transaction) throws -> [String] {
    var launches: [String] = []
    for row in try transaction.query("SELECT DISTINCT launch FROM audit_links ORDER BY launch") {
      launches.append(try row.text("launch"))
    }
    return launches
  }

  /// Returns all links of the launch, oldest first.
  public func links(launch: String, _ transaction: any Transaction) throws -> [AuditLink] {
    let rows = try transaction.query(
      "SELECT length, at, actor, action, detail, hash FROM audit_links WHERE launch = ? ORDER BY length", [launch])
    var links: [AuditLink] = []
    for row in rows {
      links.append(
        AuditLink(
          length: try row.int("length"), at: try row.timestamp("at"), by: try row.text("actor"),
          action: try row.text("action"), detail: try row.json("detail"), hash: try row.text("hash")))
    }
    return links
  }

  /// Returns the first broken link, or nil if the whole chain is intact.
  ///
  /// Links removed from the end cannot be detected here, only by comparing the chain with the heads that events,
  /// decisions and reports cite; see `AuditChain.compare`.
  public func verify(launch: String, _ transaction: any Transaction) throws -> BrokenLink? {
    let rows = try transaction.query(
      "SELECT length, at, actor, action, detail, hash FROM audit_links WHERE launch = ? ORDER BY length", [launch])
    var previous = ChainHead.empty.hash
    for (index, row) in rows.enumerated() {
      let length = index + 1
      guard try row.int("length") == length else {
        return BrokenLink(length: length, detail: "the link is missing")
      }
      let detail: JSONValue
      do {
        detail = try row.json("detail")
      } catch let error as StorageError where error.code == .unreadable || error.code == .column {
        return BrokenLink(length: length, detail: "the link's detail is not valid JSON")
      }
      let hash = SHA256Digest.hex(
        of:
          Self.sealedBytes(
            source: source, launch: launch, length: length, at: try row.timestamp("at"), by: try row.text("actor"),
            action: try row.text("action"), detail: detail, previous: previous))
      guard try row.text("hash") == hash else {
        return BrokenLink(length: length, detail: "the link's hash does not match its content and the previous link")
      }
      previous = hash
    }
    return nil
  }

  /// Returns the bytes that a link's hash covers: the link and the previous hash as RFC 8785 canonical JSON.
  ///
  /// - Parameters:
  ///   - source: the service's event source, so that a link cannot be moved to another service's chain.
  ///   - previous: the previous link's hash; 64 zeros for the first link.
  private static func sealedBytes(
    source: String, launch: String, length: Int, at: Timestamp, by: String, action: String, detail: JSONValue,
    previous: String
  ) -> [UInt8] {
    let sealed: JSONValue = [
      "source": .string(source), "launch": .string(launch), "length": .integer(Int64(length)),
      "at": .string(at.description), "by": .string(by), "action": .string(action), "detail": detail,
      "previous": .string(previous),
    ]
    return sealed.canonical()
  }
}

extension AuditChain {
  /// Compares the chain with announced heads: returns the first link that is missing or differs; nil if all match.
  ///
  /// A chain that passes `verify` and contains all announced heads is intact up to the last of them.
  ///
  /// - Parameter announced: the chain's heads as cited by announcements, in any order.
  public func compare(
    launch: String, with announced: [ChainHead], _ transaction: any Transaction
  ) throws -> BrokenLink? {
    guard let last = announced.map(\.length).max() else { return nil }
    var hashes: [Int: String] = [:]
    for row in try transaction.query("SELECT length, hash FROM audit_links WHERE launch = ?", [launch]) {
      hashes[try row.int("length")] = try row.text("hash")
    }
    guard let end = hashes.keys.max() else {
      return BrokenLink(length: 1, detail: "the chain is missing: the bus has seen \(last) of its links")
    }
    for head in announced.sorted(by: { $0.length < $1.length }) {
      guard head.length <= end else {
        return BrokenLink(length: end + 1, detail: "cut off after link \(end): the bus has seen \(last)")
      }
      guard hashes[head.length] == head.hash else {
        return BrokenLink(length: head.length, detail: "rewritten: it is not the link that was announced")
      }
    }
    return nil
  }
}
