import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage

/// A minimal domain for tests of the kit: named counters. It runs as tiering.
struct CounterService: DomainService {
  static let name = ServiceName.tiering
  static let migrations = [
    Migration(
      id: "counter/001-counters", sql: ["CREATE TABLE counters (name TEXT PRIMARY KEY, n BIGINT NOT NULL)"])
  ]

  struct Change: Codable, Sendable, Hashable {
    var name: String
    var by: Int
  }

  struct Poke: Codable, Sendable, Hashable {
    var name: String
    var amount: Int
  }

  struct Counter: Codable, Sendable, Hashable {
    var name: String
    var value: Int
  }

  static let show = Route<Change, Counter>(.tiering, "counter.show", .read)
  static let add = Route<Change, Counter>(.tiering, "counter.add", .change)
  /// Adds the number that another service returns.
  static let addAsked = Route<Change, Counter>(.tiering, "counter.addAsked", .change)
  static let ask = Route<NoParameters, Change>(.metrics, "counter.ask", .read)
  static let fail = Route<Change, Counter>(.tiering, "counter.fail", .change)
  static let defect = Route<Change, Counter>(.tiering, "counter.defect", .change)
  static let counted = EventType<Counter>("dev.gonogo.counter.counted.v1")
  /// The error of a programming mistake.
  struct Defect: Error {}
  /// The events that it processes.
  static let poke = EventType<Poke>("dev.gonogo.poke.v1")

  /// An event that increments a counter, with the header of an announcement.
  static func poke(_ id: String, name: JSONValue = "poked", amount: Int64) -> CloudEvent {
    CloudEvent(
      id: id, source: "//test", type: poke.name,
      data: [
        "launch": name, "version": 1, "by": "test", "at": "2027-01-01T00:00:00Z",
        "chain": ["length": 1, "hash": "test"],
        "name": name, "amount": .integer(amount),
      ])
  }

  init(_ environment: ServiceEnvironment) async throws {}

  func register(on router: inout ServiceRouter) {
    router.read(Self.show) { params, call in
      try await call.environment.database.read { Counter(name: params.name, value: try Self.value(params.name, $0)) }
    }
    router.change(Self.add) { params, call, tx in
      try Rights.require(call.actor, .onRoster)
      try call.requireVersion(try Self.value(params.name, tx.db))
      return try Self.add(params, tx)
    }
    router.change(
      Self.addAsked,
      prepare: { _, call in
        try await call.environment.clients(for: .metrics).call(Self.ask, NoParameters())
      },
      apply: { params, asked, _, tx in try Self.add(Change(name: params.name, by: asked.by), tx) })
    router.change(Self.fail) { params, _, tx in
      _ = try Self.add(params, tx)
      throw Problem(.conflict, code: "never", title: "it always fails")
    }
    router.change(Self.defect) { _, _, _ in throw Defect() }
  }

  func register(on events: inout EventRouter) {
    events.on(Self.poke) { event, tx in
      let poke = event.content.payload
      guard poke.amount >= 0 else { throw EventError(code: "negative", detail: "\(poke.amount) is below 0") }
      _ = try Self.add(Change(name: poke.name, by: poke.amount), tx)
    }
  }

  var jobs: [Job] {
    [
      Job("one-more", every: .seconds(1)) { environment in
        try await environment.change { _ = try Self.add(Change(name: "swept", by: 1), $0) }
      }
    ]
  }

  private static func add(_ change: Change, _ tx: ServiceTransaction) throws -> Counter {
    try tx.db.execute(
      "INSERT INTO counters (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = counters.n + excluded.n",
      [change.name, change.by])
    let counter = Counter(name: change.name, value: try value(change.name, tx.db))
    try tx.announce(counted, launch: change.name, version: counter.value, counter)
    return counter
  }

  private static func value(_ name: String, _ db: any Transaction) throws -> Int {
    try db.queryOne("SELECT n FROM counters WHERE name = ?", [name])?.int("n") ?? 0
  }
}
