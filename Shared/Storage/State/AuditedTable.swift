import Contract
import Digests
import JSON

/// A table whose rows the audit chains cover: every link contains the digests of the rows that it changed.
///
/// A service declares its audited tables once. `AuditedTransaction` then computes the digests of all rows that a
/// statement changes, so that no write can omit them. To audit further columns later, add another declaration for the
/// same table, with another prefix but the same subject and keys, so that the digests in earlier links remain valid.
public struct AuditedTable: Sendable {
  /// The chain that a row belongs to.
  public enum Subject: Sendable, Hashable {
    /// The launch whose id is in a column.
    case column(String)
    /// One chain for all rows, such as `roster`.
    case fixed(String)
  }

  /// Returns a short description of a row for people; nil or empty for none.
  public typealias Summary = @Sendable (Row) throws -> String?

  /// The table's name.
  public let name: String
  let subject: Subject
  /// The first part of the keys of its rows, such as `item`.
  let prefix: String
  /// The columns that, with the subject, identify a row; they never change.
  let keys: [String]
  /// The columns that the digest covers.
  let columns: [String]
  /// A JSON column of which `members` have their own digests, under `prefix-member`.
  let document: String?
  let members: [String]
  /// The generation of the service's audited tables to which it was added.
  let generation: Int
  /// A numeric key, if only the row with its highest value affects decisions; nil if all rows do.
  let latest: String?
  private let summary: Summary
  /// The possible beginnings of the keys of its rows, up to the part that identifies the row.
  let prefixes: [String]

  /// - Parameters:
  ///   - prefix: the first part of the keys of its rows; a row's key is `prefix:key/key`, without empty parts.
  ///   - columns: the columns that the digest covers, except those that are derived or that change for technical
  /// reasons.
  ///   - members: members of `document`, one of the columns, that get their own digests.
  ///   - generation: 1 for a table that was audited from the start; for a table that is added to the audited tables of
  /// a released service, one more than the highest of the others. An upgrade then adds its existing rows to the chains.
  ///   - latest: the last of `keys`, a number, if only the row with its highest value affects decisions, as the latest
  /// decision does for the gate. A verification compares all rows nevertheless.
  public init(
    _ name: String, of subject: Subject, prefix: String, keys: [String] = [], columns: [String],
    document: String? = nil, members: [String] = [], generation: Int = 1, latest: String? = nil,
    summary: @escaping Summary = { _ in nil }
  ) {
    self.name = name
    self.subject = subject
    self.prefix = prefix
    self.keys = keys
    self.columns = columns
    self.document = document
    self.members = members
    self.generation = generation
    self.latest = latest
    self.summary = summary
    prefixes = [prefix] + members.map { "\(prefix)-\($0)" }
  }

  /// The columns to read, each once and in order.
  var selected: [String] {
    var selected: [String] = []
    if case .column(let column) = subject { selected.append(column) }
    for column in keys + columns where !selected.contains(column) { selected.append(column) }
    return selected
  }

  /// Returns the subject of a row that was read with `selected`.
  func subject(of row: Row) throws -> String {
    switch subject {
    case .column(let column): try row.text(column)
    case .fixed(let subject): subject
    }
  }

  /// Returns the rows of one subject.
  func rows(of subject: String, _ transaction: any Transaction) throws -> [Row] {
    let columns = selected.joined(separator: ", ")
    switch self.subject {
    case .column(let column):
      return try transaction.query("SELECT \(columns) FROM \(name) WHERE \(column) = ?", [subject])
    case .fixed(let fixed):
      return fixed == subject ? try transaction.query("SELECT \(columns) FROM \(name)") : []
    }
  }

  /// Returns the rows of one subject that affect decisions.
  func rowsThatCount(of subject: String, _ transaction: any Transaction) throws -> [Row] {
    guard let latest, case .column(let column) = self.subject else { return try rows(of: subject, transaction) }
    return try transaction.query(
      """
      SELECT \(selected.joined(separator: ", ")) FROM \(name)
      WHERE \(column) = ? ORDER BY \(latest) DESC LIMIT 1
      """, [subject])
  }

  /// Returns the number from which on rows affect decisions; nil if all do, or if there is none.
  func firstThatCounts(among rows: [Row]) throws -> Int? {
    guard let latest else { return nil }
    return try rows.first?.int(latest)
  }

  /// Returns whether a key is that of a row that affects decisions.
  func counts(_ key: String, from first: Int?) -> Bool {
    guard let first, let number = Int(key.drop { $0 != ":" }.dropFirst()) else { return true }
    return number >= first
  }

  /// Returns all subjects that have rows.
  func subjects(_ transaction: any Transaction) throws -> Set<String> {
    switch subject {
    case .column(let column):
      Set(try transaction.query("SELECT DISTINCT \(column) AS subject FROM \(name)").map { try $0.text("subject") })
    case .fixed(let fixed):
      try transaction.queryOne("SELECT 1 AS one FROM \(name) LIMIT 1") == nil ? [] : [fixed]
    }
  }

  /// Returns whether a key belongs to this table.
  func owns(_ key: String) -> Bool {
    prefixes.contains { prefix in
      key.utf8.starts(with: prefix.utf8)
        && (key.utf8.count == prefix.utf8.count || key.utf8.dropFirst(prefix.utf8.count).first == UInt8(ascii: ":"))
    }
  }
}

/// One key of a row, with its value (`LinkState`).
struct StateEntry {
  var key: String
  var digest: String
  /// A short description of the row; empty for none.
  var summary: String

  /// The value in a link; `absent` for a member that does not exist.
  var value: String { digest == LinkState.absent || summary.isEmpty ? digest : "\(digest) \(summary)" }
}

extension AuditedTable {
  /// The maximum length of a summary in characters.
  private static let summaryLimit = 120

  /// Returns the entries of a row: its own, and one for each of `members`.
  ///
  /// - Parameter isDescribed: whether to add summaries, which a comparison does not need.
  func entries(of row: Row, isDescribed: Bool) throws -> [StateEntry] {
    let suffix = try suffix(of: row)
    let content = try document.map { try parsed(try row.text($0)) } ?? nil
    let summary = isDescribed ? try describe(row) : ""
    guard case .object(var object)? = content, !members.isEmpty else {
      return [StateEntry(key: prefix + suffix, digest: try digest(of: row, document: nil), summary: summary)]
    }
    var entries: [StateEntry] = []
    for member in members {
      let value = object.removeValue(forKey: member)
      let isAbsent = value == nil || value == .null || value == .array([])
      let digest = isAbsent ? LinkState.absent : SHA256Digest.hex(ofCanonical: value ?? .null)
      entries.append(
        StateEntry(key: "\(prefix)-\(member)" + suffix, digest: digest, summary: isDescribed ? Self.words(value) : ""))
    }
    let own = StateEntry(
      key: prefix + suffix, digest: try digest(of: row, document: .object(object)), summary: summary)
    return [own] + entries
  }

  /// Returns the key of a row's own entry.
  func key(of row: Row) throws -> String { prefix + (try suffix(of: row)) }

  /// Returns the part of the keys that identifies a row; empty for the only row of its subject.
  private func suffix(of row: Row) throws -> String {
    let names = try keys.map { try row.value($0).keyText }.filter { !$0.isEmpty }
    return names.isEmpty ? "" : ":" + names.joined(separator: "/")
  }

  /// Returns the SHA-256 of the columns' values, each with its type and length.
  ///
  /// - Parameter document: the value to use for the JSON column; nil to use every column as stored.
  private func digest(of row: Row, document content: JSONValue?) throws -> String {
    var bytes: [UInt8] = []
    for column in columns {
      if let content, column == document {
        bytes.append(contentsOf: SQLValue.text(String(decoding: content.canonical(), as: UTF8.self)).digestBytes)
      } else {
        bytes.append(contentsOf: try row.value(column).digestBytes)
      }
    }
    return SHA256Digest.hex(of: bytes)
  }

  /// Parses a text; nil if it is not JSON, as after tampering, so that the digest differs.
  private func parsed(_ text: String) throws -> JSONValue? {
    do {
      return try JSONValue(parsing: text.utf8)
    } catch {
      return nil
    }
  }

  private func describe(_ row: Row) throws -> String {
    do {
      return Self.line(try summary(row) ?? "")
    } catch let error as StorageError where error.code == .unreadable || error.code == .column {
      return "unreadable"
    }
  }

  /// Returns the scalar values in a member of a document as text, such as `go by petra, no-go by mia`.
  private static func words(_ value: JSONValue?) -> String {
    func texts(_ value: JSONValue) -> [String] {
      switch value {
      case .string(let text): [text]
      case .array(let elements): [elements.map { texts($0).joined(separator: " ") }.joined(separator: ", ")]
      case .object(let members): members.sorted { $0.key < $1.key }.flatMap { texts($0.value) }
      default: []
      }
    }
    return line(value.map { texts($0).joined(separator: " ") } ?? "")
  }

  private static func line(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > summaryLimit ? "\(line.prefix(summaryLimit - 1))…" : line
  }
}

extension SQLValue {
  /// The value as part of a key.
  fileprivate var keyText: String {
    switch self {
    case .null: ""
    case .integer(let number): String(number)
    case .real(let number): String(number)
    case .text(let text): text
    case .blob(let bytes): SHA256Digest.hex(of: bytes)
    }
  }

  /// The value's type, length and content, such as `n;`, `i:5;` or `t:3:abc;`, so that no two lists of values have the
  /// same bytes.
  fileprivate var digestBytes: [UInt8] {
    switch self {
    case .null: Array("n;".utf8)
    case .integer(let number): Array("i:\(number);".utf8)
    case .real(let number): Array("r:\(number);".utf8)
    case .text(let text): Array("t:\(text.utf8.count):".utf8) + Array(text.utf8) + Array(";".utf8)
    case .blob(let bytes): Array("b:\(bytes.count):".utf8) + bytes + Array(";".utf8)
    }
  }
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
