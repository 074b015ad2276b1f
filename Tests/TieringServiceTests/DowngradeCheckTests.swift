import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import Synchronization
import TestSupport
import Testing

@testable import TieringService

@Suite("Failures to ask the checklist about a lower tier") struct DowngradeCheckTests {
  private static func withChecklist(
    _ peers: StubPeers, _ body: @Sendable (ServiceHarness<TieringService>) async throws -> Void
  ) async throws {
    try await TieringStage.with(peers: peers) { harness async throws in
      try await harness.propose()
      try await harness.receive(
        Announcements.checklistInstantiated, from: .checklist, launch: "smart-routing",
        ChecklistInstantiated(templateVersion: 1, items: []))
      try await body(harness)
    }
  }

  private static func lower() throws -> RetierLaunch {
    RetierLaunch(launch: try smartRouting(), facts: ["kinds": ["new-feature"]])
  }

  @Test("a checklist that does not reach the bus's head in time is lagging, not unreachable")
  func timeout() async throws {
    let peers = StubPeers()
    peers.answer(ChecklistRoutes.preview) { _ in
      throw Problem.unavailable("lagging", title: "not caught up", "processed up to 3, asked to be at 7")
    }
    try await Self.withChecklist(peers) { harness async throws in
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.retier, try Self.lower(), as: "ibrahim")
      }
      #expect(problem?.code == "lagging")
      #expect(problem?.detail.contains("asked to be at 7") == true)
    }
  }

  @Test("A cancelled call is reported as cancelled, not as an unreachable checklist", arguments: [true, false])
  func cancellation(isPreview: Bool) async throws {
    let peers = StubPeers()
    peers.answer(ChecklistRoutes.preview) { _ in throw CancellationError() }
    try await Self.withChecklist(peers) { harness async throws in
      let problem = await #expect(throws: Problem.self) {
        if isPreview {
          let request = PreviewLaunch(launch: try smartRouting(), set: ["facts": ["kinds": ["new-feature"]]])
          _ = try await harness.call(TieringRoutes.preview, request, as: "ibrahim")
        } else {
          _ = try await harness.call(TieringRoutes.retier, try Self.lower(), as: "ibrahim")
        }
      }
      #expect(problem?.code == "stopping")
    }
  }

  @Test("A store that cannot be read is reported as such, and nothing is changed")
  func storage() async throws {
    try await Self.withChecklist(StubPeers()) { harness async throws in
      let database = UnreadableDatabase(harness.environment.database)
      let environment = ServiceEnvironment(
        service: .tiering, database: database, clock: harness.clock, settings: harness.environment.settings,
        bus: harness.bus, peers: harness.peers, logger: harness.environment.logger)
      let runtime = try await ServiceRuntime<TieringService>(environment: environment)
      // The first read of a change looks its idempotency key up, the second plans it.
      database.failReads(after: 1)
      let call = IncomingCall(
        method: TieringRoutes.retier.method, params: try JSONCoding.encode(try Self.lower()), meta: CallMeta(),
        principal: harness.principal(of: "ibrahim"), deadline: .now + .testTimeout)
      let problem = await #expect(throws: Problem.self) { try await runtime.handler.handle(call) }
      #expect(problem?.code == "store-unavailable")
      #expect(try await harness.show(try smartRouting()).version == 1)
    }
  }
}

/// A store whose reads fail from a moment on; writes go through.
private final class UnreadableDatabase: Database {
  private let database: any Database
  /// How many reads still succeed; nil for all.
  private let left = Mutex<Int?>(nil)

  init(_ database: any Database) { self.database = database }

  var isShared: Bool { database.isShared }

  func failReads(after count: Int) { left.withLock { $0 = count } }

  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    let fails = left.withLock { left in
      guard let count = left else { return false }
      left = max(0, count - 1)
      return count == 0
    }
    if fails { throw StorageError(.unavailable, "the server is away") }
    return try await database.read(body)
  }

  func write<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try await database.write(body)
  }

  func migrate(_ migrations: [Migration]) async throws { try await database.migrate(migrations) }
  func close() async throws { try await database.close() }
}
