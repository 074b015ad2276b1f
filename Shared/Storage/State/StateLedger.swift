public import Contract
import JSON
public import LaunchModel
import Synchronization

/// Compares what a service's store holds with what its audit chains say.
///
/// The folded chains are cached, so that only new links are read. A cached fold counts only if the store still has the
/// link that it ends with: links of a transaction that was rolled back, and a store that was replaced, are noticed.
public final class StateLedger: Sendable {
  private struct State {
    var tables: [AuditedTable] = []
    var covers: Int?
    var statements: [String: AuditedStatement?] = [:]
    var folds: [String: StateDigests] = [:]
    /// The subjects in the order of their last use, the latest last.
    var order: [String] = []
  }

  /// The number of folded chains that are kept.
  private static let capacity = 256

  private let chain: AuditChain
  private let state = Mutex(State())

  public init(_ chain: AuditChain) { self.chain = chain }

  /// Sets the audited tables; called once, before anything is written.
  public func cover(_ tables: [AuditedTable]) {
    let generation = tables.map(\.generation).max() ?? 1
    state.withLock {
      $0.tables = tables
      $0.statements = [:]
      $0.covers = generation > 1 ? generation : nil
    }
  }

  /// What every link says of the generations of audited tables; see `LinkState.covers`.
  var covers: Int? { state.withLock { $0.covers } }

  /// The audited tables.
  public var tables: [AuditedTable] { state.withLock { $0.tables } }

  /// The statement, if it changes an audited table.
  ///
  /// - Throws: `StorageError` if it does in a form that cannot be read.
  func statement(_ sql: String) throws -> AuditedStatement? {
    // Reads are many, and change nothing.
    if sql.hasPrefix("SELECT") { return nil }
    let known = state.withLock { ($0.statements[sql], $0.tables) }
    if let statement = known.0 { return statement }
    let statement = try AuditedStatement(sql, tables: Dictionary(grouping: known.1, by: \.name))
    state.withLock { $0.statements[sql] = .some(statement) }
    return statement
  }

  /// What the chain says, with its first broken link.
  func digests(of subject: String, _ transaction: any Transaction) throws -> (StateDigests, BrokenLink?) {
    var digests = state.withLock { $0.folds[subject] } ?? StateDigests()
    if digests.head.length > 0 {
      let row = try transaction.queryOne(
        "SELECT hash FROM audit_links WHERE launch = ? AND length = ?", [subject, digests.head.length])
      if try row?.text("hash") != digests.head.hash { digests = StateDigests() }
    }
    let broken = try chain.advance(&digests, launch: subject, transaction)
    state.withLock { state in
      state.folds[subject] = digests
      state.order.removeAll { $0 == subject }
      state.order.append(subject)
      if state.order.count > Self.capacity { state.folds[state.order.removeFirst()] = nil }
    }
    return (digests, broken)
  }

  /// The first link that is broken, that differs from the heads that decisions cite, or that the store contradicts; nil if
  /// the store holds what the chain says.
  ///
  /// - Parameters:
  ///   - tables: the tables to compare, and of these only the rows that still matter; nil for every row of every table.
  ///   - cited: heads of the chain that decisions cite.
  public func contradiction(
    of subject: String, in tables: Set<String>? = nil, citing cited: [ChainHead] = [], _ transaction: any Transaction
  ) throws -> BrokenLink? {
    let (digests, broken) = try digests(of: subject, transaction)
    if let broken { return broken }
    if let broken = try chain.compare(launch: subject, with: cited, seenBy: .decision, transaction) { return broken }
    return try differences(digests, subject, in: tables, transaction).first?.broken(length: max(1, digests.head.length))
  }

  /// The first reason why the rows of a table cannot be relied on: the chain is broken, or its last word on a row is not what
  /// the store holds. Nil if there is none.
  ///
  /// What was written over does not count, since the store holds what gonogo wrote. A table that once had rows and has none
  /// is a reason even if the chain says so, for a table whose absence would mean something else than its rows.
  public func distrust(of subject: String, in table: AuditedTable, _ transaction: any Transaction) throws
    -> BrokenLink?
  {
    let (digests, broken) = try digests(of: subject, transaction)
    if let broken { return broken }
    let rows = try table.rows(of: subject, transaction)
    if rows.isEmpty, let entry = digests.entries.first(where: { table.owns($0.key) }) {
      return StateDifference(key: entry.key, expected: entry.value, found: LinkState.absent)
        .broken(length: digests.head.length)
    }
    for row in rows {
      for entry in try table.entries(of: row, isDescribed: true) where entry.digest != digests.digest(entry.key) {
        return StateDifference(key: entry.key, expected: digests.entries[entry.key], found: entry.value)
          .broken(length: max(1, digests.head.length))
      }
    }
    return nil
  }

  /// Where the store differs from the chain, in the order of the links.
  private func differences(
    _ digests: StateDigests, _ subject: String, in names: Set<String>?, _ transaction: any Transaction
  ) throws -> [StateDifference] {
    let tables = tables.filter { names?.contains($0.name) ?? true }
    var differences = digests.overwritten.filter { item in tables.contains { $0.owns(item.key) } }.map {
      StateDifference(key: $0.key, expected: $0.expected, found: $0.found, overwrittenBy: $0.link)
    }
    var seen: Set<String> = []
    for table in tables {
      let rows = try names == nil ? table.rows(of: subject, transaction) : table.rowsThatCount(of: subject, transaction)
      let first = try names == nil ? nil : table.firstThatCounts(among: rows)
      for row in rows {
        let entries = try table.entries(of: row, isDescribed: false)
        seen.formUnion(entries.map(\.key))
        guard entries.contains(where: { $0.digest != digests.digest($0.key) }) else { continue }
        for entry in try table.entries(of: row, isDescribed: true) where entry.digest != digests.digest(entry.key) {
          differences.append(
            StateDifference(key: entry.key, expected: digests.entries[entry.key], found: entry.value))
        }
      }
      for key in table.prefixes.compactMap({ digests.keys[$0] }).joined() where !seen.contains(key) {
        guard let entry = digests.entries[key], entry.digest != LinkState.absent, table.counts(key, from: first) else {
          continue
        }
        differences.append(StateDifference(key: key, expected: entry, found: LinkState.absent))
      }
    }
    return differences.sorted(by: StateDifference.order)
  }
}

extension StateLedger {
  /// The number of missing announcements that are listed.
  private static let listed = 100

  /// Verifies a whole chain: its links, the heads that others cite, and the store.
  ///
  /// - Returns: nil for a subject without chain, rows and cited heads.
  public func verify(_ parameters: AuditVerifyParameters, _ subject: String, _ transaction: any Transaction) throws
    -> VerifiedChain?
  {
    let head = try chain.head(launch: subject, transaction)
    let (announced, cited) = (parameters.announced ?? [], parameters.cited ?? [])
    var digests = StateDigests(isCollecting: true)
    var broken = try chain.advance(&digests, launch: subject, transaction)
    if broken == nil { broken = try chain.compare(launch: subject, with: announced, transaction) }
    if broken == nil { broken = try chain.compare(launch: subject, with: cited, seenBy: .decision, transaction) }
    if broken == nil {
      broken = try differences(digests, subject, in: nil, transaction).first?
        .broken(length: max(1, digests.head.length))
    }
    guard head != nil || broken != nil || !announced.isEmpty || !cited.isEmpty else { return nil }
    let cites = digests.cites.mapValues { $0.sorted { ($0.length, $0.hash) < ($1.length, $1.hash) } }
    return VerifiedChain(
      launch: subject, head: head ?? .empty, broken: broken,
      missing: try missing(digests, subject, parameters, transaction), cites: cites.isEmpty ? nil : cites)
  }

  /// The announced links of which neither the caller, who has read the bus, nor the outbox has the announcement.
  private func missing(
    _ digests: StateDigests, _ subject: String, _ parameters: AuditVerifyParameters, _ transaction: any Transaction
  ) throws -> [Int]? {
    guard let range = parameters.counted else { return nil }
    let known = Set((parameters.announced ?? []).map(\.length))
    let unknown = digests.announced.keys.filter { $0 >= range.from && $0 <= range.to && !known.contains($0) }
    guard !unknown.isEmpty else { return nil }
    let pending = try Outbox.pendingChains(transaction)[subject] ?? []
    let missing = unknown.filter { !pending.contains($0) }.sorted()
    return missing.isEmpty ? nil : Array(missing.prefix(Self.listed))
  }

  /// The subjects that have a chain or audited rows, ascending.
  public func subjects(_ transaction: any Transaction) throws -> [String] {
    var subjects = Set(try chain.launches(transaction))
    for table in tables { subjects.formUnion(try table.subjects(transaction)) }
    return subjects.sorted()
  }

  /// The most entries in a link of `checkpoint`, so that each fits into an answer.
  private static let checkpointSize = 500

  /// Adds a link with digests to each chain that does not cover all audited tables: what they hold at an upgrade is taken
  /// as it is. Chains from before links said anything about the store cover none, and those from before a table was audited
  /// lack that table.
  ///
  /// A chain gets at most one for each generation of tables: rows that are changed later cannot be taken into a new one.
  public func checkpoint(at now: Timestamp, by actor: String, _ transaction: any Transaction) throws {
    for (subject, generation) in try generations(transaction).sorted(by: { $0.key < $1.key }) {
      let new = tables.filter { $0.generation > generation }
      guard !new.isEmpty else { continue }
      var entries: [StateEntry] = []
      for table in new {
        for row in try table.rows(of: subject, transaction) {
          entries += try table.entries(of: row, isDescribed: true)
        }
      }
      guard generation == 0 || !entries.isEmpty else { continue }
      for start in stride(from: 0, through: max(0, entries.count - 1), by: Self.checkpointSize) {
        var state = LinkState(covers: covers)
        for entry in entries[start..<min(start + Self.checkpointSize, entries.count)] {
          state.set[entry.key] = entry.value
        }
        _ = try chain.append(
          launch: subject, at: now, by: actor, action: AuditChain.checkpointAction, detail: [:], state: state,
          transaction)
      }
    }
  }

  /// The generation of audited tables up to which each chain covers the store: 0 for a chain of which no link says
  /// anything about it.
  ///
  /// A subject without chain counts as covered like the rest of the store: its rows are taken in while no chain covers the
  /// newest tables, which is before the first change by a new version, and never after.
  private func generations(_ transaction: any Transaction) throws -> [String: Int] {
    var generations: [String: Int] = [:]
    var chained: Set<String> = []
    let last = try transaction.query(
      """
      SELECT launch, state, CASE WHEN EXISTS (
        SELECT 1 FROM audit_links AS earlier WHERE earlier.launch = latest.launch AND earlier.state IS NOT NULL
      ) THEN 1 ELSE 0 END AS is_covered
      FROM audit_links AS latest
      WHERE length = (SELECT MAX(length) FROM audit_links AS any_link WHERE any_link.launch = latest.launch)
      """)
    for row in last {
      let subject = try row.text("launch")
      chained.insert(subject)
      guard try row.bool("is_covered") else {
        generations[subject] = 0
        continue
      }
      do {
        let state = try row.optionalText("state") == nil ? nil : try row.json("state", as: LinkState.self)
        generations[subject] = state?.covers ?? 1
      } catch let error as StorageError where error.code == .unreadable {
        // A broken chain, which a verification names; nothing is taken into it, nor into the store beside it.
        generations[subject] = nil
      }
    }
    let covered = chained.map { generations[$0] ?? .max }.max() ?? 0
    for table in tables where table.generation > covered {
      for subject in try table.subjects(transaction) where !chained.contains(subject) { generations[subject] = covered }
    }
    return generations
  }

  /// Accepts the store as it is, with a link that says so.
  ///
  /// - Returns: the head of the chain and the keys that differed; nil if none did.
  /// - Throws: `chain-broken` if the chain itself is broken, which nobody can accept.
  public func accept(
    _ subject: String, at now: Timestamp, by actor: String, reason: String, _ transaction: any Transaction
  ) throws -> (head: ChainHead, keys: [String])? {
    let (digests, broken) = try digests(of: subject, transaction)
    if let broken {
      throw Problem.conflict(
        "chain-broken", title: "the audit chain is broken",
        "link \(broken.length) of \(subject): \(broken.detail). Restore the store from a backup: a difference can be "
          + "accepted only if the chain is intact")
    }
    let differences = try differences(digests, subject, in: nil, transaction)
    guard !differences.isEmpty else { return nil }
    var state = LinkState(covers: covers)
    for difference in differences where difference.overwrittenBy == nil { state.set[difference.key] = difference.found }
    let keys = Set(differences.map(\.key)).sorted()
    let head = try chain.append(
      launch: subject, at: now, by: actor, action: AuditChain.acceptAction,
      detail: ["reason": .string(reason), "keys": .array(keys.map { .string($0) })], state: state, transaction)
    return (head, keys)
  }
}
