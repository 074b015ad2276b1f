public import Contract
import JSON
public import LaunchModel
import Synchronization

/// Compares a service's store with its audit chains.
///
/// The folded chains are cached, so that only new links are read. A cached chain is used only if the store still has
/// its last link, so that a rolled-back transaction or a replaced store is noticed.
public final class StateLedger: Sendable {
  private struct State {
    var tables: [AuditedTable] = []
    var covers: Int?
    var statements: [String: AuditedStatement?] = [:]
    var folds: [String: StateDigests] = [:]
    /// The subjects in the order of their last use, most recent last.
    var order: [String] = []
  }

  /// The maximum number of cached chains.
  private static let capacity = 256

  private let chain: AuditChain
  private let state = Mutex(State())

  public init(_ chain: AuditChain) { self.chain = chain }

  /// Sets the audited tables; must be called once, before anything is written.
  public func cover(_ tables: [AuditedTable]) {
    let generation = tables.map(\.generation).max() ?? 1
    state.withLock {
      $0.tables = tables
      $0.statements = [:]
      $0.covers = generation > 1 ? generation : nil
    }
  }

  /// The generation of audited tables that every new link records; see `LinkState.covers`.
  var covers: Int? { state.withLock { $0.covers } }

  /// The audited tables.
  public var tables: [AuditedTable] { state.withLock { $0.tables } }

  /// Returns the analysed statement if it changes an audited table.
  ///
  /// - Throws: `StorageError` if it changes one in a form that is not supported.
  func statement(_ sql: String) throws -> AuditedStatement? {
    // Skips reads, which are many and change nothing.
    if sql.hasPrefix("SELECT") { return nil }
    let known = state.withLock { ($0.statements[sql], $0.tables) }
    if let statement = known.0 { return statement }
    let statement = try AuditedStatement(sql, tables: Dictionary(grouping: known.1, by: \.name))
    state.withLock { $0.statements[sql] = .some(statement) }
    return statement
  }

  /// Returns the state according to the chain, and its first broken link.
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

  /// Returns the first link that is broken, that differs from the heads that decisions cite, or that the store
  /// contradicts; nil if the store agrees with the chain.
  ///
  /// - Parameters:
  ///   - tables: the tables to compare, and only their rows that affect decisions; nil for every row of every table.
  ///   - cited: heads of the chain that decisions cite.
  public func contradiction(
    of subject: String, in tables: Set<String>? = nil, citing cited: [ChainHead] = [], _ transaction: any Transaction
  ) throws -> BrokenLink? {
    let (digests, broken) = try digests(of: subject, transaction)
    if let broken { return broken }
    if let broken = try chain.compare(launch: subject, with: cited, seenBy: .decision, transaction) { return broken }
    return try differences(digests, subject, in: tables, transaction).first?.broken(length: max(1, digests.head.length))
  }

  /// Returns the first reason not to trust the rows of a table: the chain is broken, or the store differs from the last
  /// statement of the chain about a row. Nil if there is none.
  ///
  /// Differences that gonogo has overwritten do not count, because the store has what gonogo wrote. An empty table that
  /// once had rows counts as a reason even if the chain agrees: this is for tables such as the roster, where no rows
  /// would mean that everything is allowed.
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

  /// Returns the differences between the store and the chain, in the order of the links.
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
  /// The maximum number of missing announcements to list.
  private static let listed = 100

  /// Verifies a whole chain: its links, the heads that others cite, and the store.
  ///
  /// - Returns: nil for a subject without a chain, rows and cited heads.
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

  /// Returns the announced links whose announcement is neither on the bus, as read by the caller, nor in the outbox.
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

  /// The maximum number of entries in a link of `checkpoint`, so that each link fits into an answer.
  private static let checkpointSize = 500

  /// Adds a link with digests to each chain that does not cover all audited tables: an upgrade accepts their rows as
  /// they are. Chains whose links recorded no state cover no table, and chains that are older than an audited table
  /// lack that table.
  ///
  /// A chain gets at most one such link for each generation of tables, so that rows changed later cannot be accepted
  /// this way.
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

  /// Returns the generation of audited tables up to which each chain covers the store; 0 for a chain none of whose
  /// links records state.
  ///
  /// A subject without a chain counts as covered like the rest of the store: its rows are accepted as long as no chain
  /// covers the newest tables, which is only before the first change by a new version.
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
        // A broken chain is reported by a verification; nothing is added to it, and no rows are accepted for it.
        generations[subject] = nil
      }
    }
    let covered = chained.map { generations[$0] ?? .max }.max() ?? 0
    for table in tables where table.generation > covered {
      for subject in try table.subjects(transaction) where !chained.contains(subject) { generations[subject] = covered }
    }
    return generations
  }

  /// Accepts the store as it is, with a link that records this.
  ///
  /// - Returns: the head of the chain and the keys that differed; nil if none did.
  /// - Throws: `chain-broken` if the chain itself is broken, which cannot be accepted.
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

/// What an audit chain says about the store: its links folded, oldest first.
struct StateDigests: Sendable {
  /// What the chain says last about a key.
  struct Entry: Sendable {
    /// As in `LinkState`.
    let value: String
    /// The digest in `value`.
    let digest: String
    /// The link that says it.
    let link: Int

    init(value: String, link: Int) {
      self.value = value
      digest = LinkValue(value).digest
      self.link = link
    }
  }

  /// Something that the store contradicted before a link was written over it.
  struct Overwritten: Sendable {
    var key: String
    var expected: Entry?
    var found: String
    /// The link that was written over it.
    var link: Int
  }

  /// The last link folded.
  private(set) var head = ChainHead.empty
  private(set) var entries: [String: Entry] = [:]
  /// The keys of `entries` by their first part, such as `item`.
  private(set) var keys: [String: Set<String>] = [:]
  /// What was written over and has not been accepted since.
  private(set) var overwritten: [Overwritten] = []
  /// Whether a link says anything about the store; false for a chain from before links did.
  private(set) var isCovered = false
  /// The heads of other chains that decisions cite, by service; only if collected.
  private(set) var cites: [String: Set<ChainHead>] = [:]
  /// The announced links: event types by length; only if collected.
  private(set) var announced: [Int: String] = [:]
  /// Whether to collect what only a verification needs.
  private let isCollecting: Bool

  init(isCollecting: Bool = false) { self.isCollecting = isCollecting }

  /// Adds the next link.
  mutating func fold(_ link: AuditLink) {
    if let state = link.state {
      isCovered = true
      for (key, found) in state.found ?? [:] {
        overwritten.append(Overwritten(key: key, expected: entries[key], found: found, link: link.length))
      }
      for (key, value) in state.set {
        guard entries.updateValue(Entry(value: value, link: link.length), forKey: key) == nil else { continue }
        keys[String(key.prefix { $0 != ":" }), default: []].insert(key)
      }
      if link.action == AuditChain.acceptAction { overwritten = [] }
    }
    head = ChainHead(length: link.length, hash: link.hash)
    if isCollecting { collect(link) }
  }

  private mutating func collect(_ link: AuditLink) {
    if EventNamespace.announcements.contains(where: link.action.hasPrefix) { announced[link.length] = link.action }
    if case .object(let chains)? = link.detail["chains"] {
      for (service, head) in chains {
        guard let length = head["length"]?.integerValue, let hash = head["hash"]?.stringValue else { continue }
        cites[service, default: []].insert(ChainHead(length: Int(length), hash: hash))
      }
    }
  }

  /// The digest that the chain says last for a key; `absent` if it says none.
  func digest(_ key: String) -> String { entries[key]?.digest ?? LinkState.absent }
}

/// A key about which the chain and the store differ.
struct StateDifference: Sendable {
  var key: String
  /// What the chain says last; nil if it says nothing.
  var expected: StateDigests.Entry?
  /// What the store holds, as in `LinkState`.
  var found: String
  /// The link that was written over the difference; nil if it is still in the store.
  var overwrittenBy: Int?

  /// Differences in the order of the links that they contradict; those that no link says anything about last.
  static func order(_ one: StateDifference, _ other: StateDifference) -> Bool {
    (one.expected?.link ?? .max, one.key) < (other.expected?.link ?? .max, other.key)
  }

  /// As the result of a verification.
  ///
  /// - Parameter length: the length of the chain, for a key that it says nothing about.
  func broken(length: Int) -> BrokenLink {
    let chain = expected.map { "link \($0.link) says \(LinkValue($0.value).text)" } ?? "no link says anything about it"
    let found = LinkValue(found)
    let held = overwrittenBy == nil ? "the store holds" : "the store held"
    let store = found.digest == LinkState.absent ? "it is missing from the store" : "\(held) \(found.text)"
    let later = overwrittenBy.map { " when link \($0) was written" } ?? ""
    return BrokenLink(
      length: expected?.link ?? length,
      detail: "\(key) was changed in the store outside gonogo: \(chain), but \(store)\(later)", key: key)
  }
}
