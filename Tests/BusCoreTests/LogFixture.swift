import Contract
import GRDB
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

/// Runs the body with a new, empty log on the engine; closes and removes it afterwards.
func withLog(_ engine: StorageEngine, _ body: (LogFixture) async throws -> Void) async throws {
  try await engine.withFolder { folder in
    let fixture = LogFixture(
      engine: engine, folder: folder, store: try await LogStore.open(engine.location(in: folder)))
    defer { try? fixture.store.close() }
    try await body(fixture)
  }
}

/// An open log and the events to append to it.
final class LogFixture {
  private let engine: StorageEngine
  private let folder: String
  private(set) var store: LogStore
  var log: any EventLog { store.log }
  var metadataStore: any BusCore.BusMetadataStore { store.metadataStore }

  init(engine: StorageEngine, folder: String, store: LogStore) {
    self.engine = engine
    self.folder = folder
    self.store = store
  }

  /// Closes the log, if it is open, and opens it again.
  func reopen(isOpen: Bool = true, between body: () async throws -> Void = {}) async throws {
    if isOpen { try store.close() }
    try await body()
    store = try await LogStore.open(engine.location(in: folder))
  }

  /// The log's store, opened a second time as another process would open it.
  func openBeside() async throws -> any Storage.Database { try await engine.open(in: folder) }

  /// Changes a column of an event directly in the database while the log is closed.
  func damage(_ column: String, at offset: Int64) async throws {
    switch try engine.location(in: folder) {
    case .sqlite(let path):
      let change = column == "bytes" ? "replace(bytes, 'com.', 'con.')" : "\(column) + 1"
      let queue = try DatabaseQueue(path: path)
      try await queue.write { db in
        try db.execute(sql: "UPDATE events SET \(column) = \(change) WHERE \"offset\" = \(offset)")
      }
      try queue.close()
    case .postgreSQL:
      let change = column == "bytes" ? "set_byte(bytes, 9, 33)" : "\(column) + 1"
      let database = try await engine.open(in: folder)
      try await database.write { transaction in
        try transaction.execute("UPDATE events SET \(column) = \(change) WHERE \"offset\" = ?", [offset])
      }
      try await database.close()
    }
  }

  /// Runs a statement directly in the database while the log is closed.
  func change(_ sql: String) async throws {
    switch try engine.location(in: folder) {
    case .sqlite(let path):
      let queue = try DatabaseQueue(path: path)
      try await queue.write { try $0.execute(sql: sql) }
      try queue.close()
    case .postgreSQL:
      let database = try await engine.open(in: folder)
      try await database.write { try $0.execute(sql) }
      try await database.close()
    }
  }

  /// Repairs the log, which must be closed.
  func repair(isDryRun: Bool = false) throws -> LogRepair.Report {
    let now = Timestamp(microseconds: 9_000_000)
    switch try engine.location(in: folder) {
    case .sqlite(let path):
      let file = StoreFile(path: path, lockPath: "\(folder)/log.lock", purpose: "the log")
      return try LogRepair.run(file, at: now, isDryRun: isDryRun)
    case .postgreSQL(let url, let schema):
      return try LogRepair.run(url: url, schema: schema, at: now, isDryRun: isDryRun)
    }
  }

  /// The damage that a verification of the whole log finds, in parts of the given size.
  func verify(atMost count: Int = 3) throws -> [LogDamage] {
    var damage: [LogDamage] = []
    var cursor: VerificationCursor? = .start
    while let from = cursor {
      let page = try log.verify(from: from, atMost: count)
      for found in page.damage { damage.add(found.kind, found.offsets) }
      cursor = try page.next.map { try #require(VerificationCursor(text: $0.text)) }
    }
    return damage
  }

  static func event(
    _ id: String, source: String = "//test", type: String = "com.example.a", data: String = "1"
  ) throws -> ScannedEvent {
    var scanner = EventScanner(maximumBytes: 1 << 20)
    let text = #"{"specversion":"1.0","id":"\#(id)","source":"\#(source)","type":"\#(type)","data":\#(data)}"#
    return try scanner.scan(Array(text.utf8))
  }

  @discardableResult
  func append(_ ids: String..., at seconds: Int64 = 0) throws -> [AppendOutcome] {
    try log.append(ids.map { try Self.event($0) }, at: Timestamp(microseconds: seconds * 1_000_000))
  }

  /// The ids of the events after an offset.
  func ids(after offset: Int64 = 0) throws -> [String] {
    var scanner = EventScanner()
    return try log.read(after: offset, matching: .all, limits: ReadLimits()).events.map {
      let event = try scanner.scan($0.bytes)
      return event.string(event.id)
    }
  }
}
