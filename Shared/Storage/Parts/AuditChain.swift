public import JSON
public import Contract
import Digests
public import LaunchModel

/// A service's audit log: one hash chain per launch. Each link's hash covers the previous link's hash, so that altered,
/// removed or inserted links can be detected.
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
      ]),
    // The state of the store according to the link; null in older links.
    Migration(id: "audit/002-state", sql: ["ALTER TABLE audit_links ADD COLUMN state TEXT"]),
  ]

  /// The action of a link that only records what a transaction changed in the store.
  public static let stateAction = "state"
  /// The action of the link with which an upgrade extends a chain whose earlier links recorded no state of the store.
  public static let checkpointAction = "state.checkpoint"
  /// The action of a link that accepts the store as it is.
  public static let acceptAction = "state.accept"

  /// Returns whether a link is only about the store, not about a change that people made.
  public static func isBookkeeping(_ action: String) -> Bool { action == stateAction || action == checkpointAction }

  private static let columns = "length, at, actor, action, detail, hash, state"

  private let source: String

  public init(service: ServiceName) { source = service.eventSource }

  /// Appends a link and returns the chain's new head.
  ///
  /// - Parameter state: the state of the store according to the link; nil only if nothing is audited.
  public func append(
    launch: String, at: Timestamp, by: String, action: String, detail: JSONValue, state: LinkState? = nil,
    _ transaction: any Transaction
  ) throws -> ChainHead {
    let head = try head(launch: launch, transaction)
    let length = (head?.length ?? 0) + 1
    let hash = SHA256Digest.hex(
      of:
        Self.sealedBytes(
          source: source, launch: launch, length: length, at: at, by: by, action: action, detail: detail,
          state: state, previous: head?.hash ?? ChainHead.empty.hash))
    try transaction.execute(
      """
      INSERT INTO audit_links (launch, length, at, actor, action, detail, hash, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        launch, length, at, by, action, String(decoding: detail.serialized(), as: UTF8.self), hash,
        try state.map { try SQLValue.json($0) },
      ])
    return ChainHead(length: length, hash: hash)
  }

  /// Returns the chain's head; nil if the launch has no links.
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
    try transaction.query("SELECT \(Self.columns) FROM audit_links WHERE launch = ? ORDER BY length", [launch])
      .map(Self.link)
  }

  /// Returns the first broken link; nil if the whole chain is intact.
  ///
  /// Links removed from the end cannot be detected here, but only by comparing the chain with the heads that events,
  /// decisions and reports cite; see `AuditChain.compare`.
  public func verify(launch: String, _ transaction: any Transaction) throws -> BrokenLink? {
    var digests = StateDigests()
    return try advance(&digests, launch: launch, transaction)
  }

  /// Verifies the links after those already folded, and folds them.
  ///
  /// - Returns: the first broken link; the links before it are folded.
  func advance(
    _ digests: inout StateDigests, launch: String, _ transaction: any Transaction
  ) throws -> BrokenLink? {
    let rows = try transaction.query(
      "SELECT \(Self.columns) FROM audit_links WHERE launch = ? AND length > ? ORDER BY length",
      [launch, digests.head.length])
    for row in rows {
      let length = digests.head.length + 1
      guard try row.int("length") == length else {
        return BrokenLink(length: length, detail: "the link is missing")
      }
      let link: AuditLink
      do {
        link = try Self.link(row)
      } catch let error as StorageError where error.code == .unreadable || error.code == .column {
        return BrokenLink(length: length, detail: "the link's detail or state is not valid JSON")
      }
      let sealed = Self.sealedBytes(
        source: source, launch: launch, length: length, at: link.at, by: link.by, action: link.action,
        detail: link.detail, state: link.state, previous: digests.head.hash)
      guard link.hash == SHA256Digest.hex(of: sealed) else {
        return BrokenLink(length: length, detail: "the link's hash does not match its content and the previous link")
      }
      digests.fold(link)
    }
    return nil
  }

  private static func link(_ row: Row) throws -> AuditLink {
    AuditLink(
      length: try row.int("length"), at: try row.timestamp("at"), by: try row.text("actor"),
      action: try row.text("action"), detail: try row.json("detail"), hash: try row.text("hash"),
      state: try row.optionalText("state") == nil ? nil : try row.json("state", as: LinkState.self))
  }

  /// Returns the bytes that a link's hash covers: the link and the previous hash as RFC 8785 canonical JSON.
  ///
  /// - Parameters:
  ///   - source: the service's event source, so that a link cannot be moved to another service's chain.
  ///   - state: the state of the store according to the link; nil for an older link that recorded none.
  ///   - previous: the previous link's hash; 64 zeros for the first link.
  private static func sealedBytes(
    source: String, launch: String, length: Int, at: Timestamp, by: String, action: String, detail: JSONValue,
    state: LinkState?, previous: String
  ) -> [UInt8] {
    var sealed: [String: JSONValue] = [
      "source": .string(source), "launch": .string(launch), "length": .integer(Int64(length)),
      "at": .string(at.description), "by": .string(by), "action": .string(action), "detail": detail,
      "previous": .string(previous),
    ]
    if let state {
      var members: [String: JSONValue] = ["set": .object(state.set.mapValues { .string($0) })]
      if let found = state.found { members["found"] = .object(found.mapValues { .string($0) }) }
      if let covers = state.covers { members["covers"] = .integer(Int64(covers)) }
      sealed["state"] = .object(members)
    }
    return JSONValue.object(sealed).canonical()
  }
}

extension AuditChain {
  /// The kind of record that cites a head of the chain.
  public enum Witness: Sendable {
    case bus, decision

    fileprivate func seen(_ length: Int) -> String {
      switch self {
      case .bus: "the bus has seen \(length)"
      case .decision: "a decision cites \(length)"
      }
    }

    fileprivate var origin: String {
      switch self {
      case .bus: "that was announced"
      case .decision: "that a decision cites"
      }
    }
  }

  /// Compares the chain with heads that others cite: returns the first link that is missing or differs; nil if all
  /// match.
  ///
  /// A chain that passes `verify` and contains all cited heads is intact up to the last of them.
  ///
  /// - Parameter cited: the chain's heads as cited by announcements or decisions, in any order.
  public func compare(
    launch: String, with cited: [ChainHead], seenBy witness: Witness = .bus, _ transaction: any Transaction
  ) throws -> BrokenLink? {
    guard let last = cited.map(\.length).max() else { return nil }
    guard let end = try head(launch: launch, transaction)?.length else {
      return BrokenLink(length: 1, detail: "the chain is missing: \(witness.seen(last)) of its links")
    }
    for head in cited.sorted(by: { $0.length < $1.length }) {
      guard head.length <= end else {
        return BrokenLink(length: end + 1, detail: "cut off after link \(end): \(witness.seen(last))")
      }
      let row = try transaction.queryOne(
        "SELECT hash FROM audit_links WHERE launch = ? AND length = ?", [launch, head.length])
      guard try row?.text("hash") == head.hash else {
        return BrokenLink(length: head.length, detail: "rewritten: it is not the link \(witness.origin)")
      }
    }
    return nil
  }
}
