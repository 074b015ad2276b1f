import Contract
import JSON

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

/// The parts of a value in `LinkState`.
struct LinkValue {
  let digest: String
  let words: String

  init(_ value: String) {
    let parts = value.split(separator: " ", maxSplits: 1)
    digest = parts.first.map(String.init) ?? ""
    words = parts.count > 1 ? String(parts[1]) : ""
  }

  /// For messages, such as `done, approved by lena (9f86d081…)`.
  var text: String {
    if digest == LinkState.absent { return "that there is none" }
    let short = "\(digest.prefix(8))…"
    return words.isEmpty ? short : "\"\(words)\" (\(short))"
  }
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
