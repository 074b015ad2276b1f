import Foundation
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

/// The bus and services as processes with their stores on a server.
@Suite(.enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"), .timeLimit(.minutes(3)))
struct PostgreSQLProcessTests {
  /// An unusable store, the resulting exit status, and a word from the message.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let status: Int
    let word: String
    let change: @Sendable (inout URLComponents) -> Void

    var testDescription: String { "\(status) \(word)" }
  }

  static let refusals = [
    Refusal(status: 65, word: "GONOGO_DATABASE_URL") { $0.scheme = "mysql" },
    Refusal(status: 65, word: "colour") { $0.queryItems = [URLQueryItem(name: "colour", value: "blue")] },
    Refusal(status: 65, word: "sslmode") { $0.queryItems = [URLQueryItem(name: "sslmode", value: "sometimes")] },
    Refusal(status: 65, word: "no-such-database") { $0.path = "/no-such-database" },
    Refusal(status: 69, word: "cannot be reached") { $0.port = 1 },
    Refusal(status: 77, word: "password") { $0.password = "wrong" },
    Refusal(status: 78, word: "synchronous_commit") {
      $0.queryItems = [URLQueryItem(name: "options", value: "-c synchronous_commit=off")]
    },
  ]

  @Test(
    "An unusable store is reported and determines the exit status", arguments: refusals, [ServiceName.review, .bus])
  func unusableStore(_ refusal: Refusal, of service: ServiceName) async throws {
    let server = try #require(StorageEngine.serverURL)
    var components = try #require(URLComponents(string: server))
    let password = try #require(components.password)
    refusal.change(&components)
    let url = try #require(components.string)
    let failure = try await startFailure(of: service, url)
    #expect(failure.contains("exited(\(refusal.status))"))
    #expect(failure.contains(refusal.word))
    #expect(!failure.contains(password))
  }

  @Test("A database written by a newer program is refused") func newerProgram() async throws {
    try await withPostgreSQLDatabase { url in
      let newer = Migration(id: "review/999-future", sql: ["CREATE TABLE future (k TEXT)"])
      let database = try await DatabaseLocation.resolve(url: url, folder: "/nowhere", service: .review).open { _ in }
      try await database.migrate([newer])
      try await database.close()
      let failure = try await startFailure(of: .review, url)
      #expect(failure.contains("exited(78)"))
      #expect(failure.contains("review/999-future"))
    }
  }

  @Test(
    "The bus and a service recover together with their server and lose no event",
    .enabled(if: PostgreSQLServer.isAvailable, "needs GONOGO_TEST_POSTGRES_BIN"))
  func recovery() async throws {
    try await withPostgreSQLServer { server in
      try await withRunningSystem([.bus, .metrics], databaseURL: server.url) { system in
        let route = ServiceRoutes.stats(.metrics)
        let bus = try system.bus()
        _ = try await system.client(.metrics).call(route, NoParameters())
        try await server.stop()
        let problem = await #expect(throws: Problem.self) {
          try await system.client(.metrics).call(
            MetricsRoutes.showPlan, LaunchReference(launch: try #require(LaunchID("smart-routing"))))
        }
        #expect(problem?.code == "store-unavailable")
        #expect(problem?.retryable == true)
        #expect(problem?.detail.contains("cannot be reached") == true, "the database's reason")
        let outage = try await system.client(.metrics).call(route, NoParameters()).outage
        #expect(outage?.contains("cannot be reached") == true)
        let event = CloudEvent(
          id: "1", source: "/test", type: SignalType.accountActive.rawValue, subject: nil, time: SystemClock().now(),
          data: ["account": "a"])
        let refusal = await #expect(throws: Problem.self) { _ = try await bus.publish([event.encoded()]) }
        #expect(refusal?.code == "store-unavailable")
        #expect(refusal?.retryable == true)
        let head = await #expect(throws: Problem.self) { _ = try await bus.head() }
        #expect(head?.code == "store-unavailable", "nothing is answered from memory")
        #expect(head?.detail.contains("cannot be reached") == true)
        try await server.start()
        let stored = try await Self.publish(event, to: bus)
        #expect(stored.map(\.status) == [.stored])
        let settled = try await bus.settle(timeout: .seconds(60))
        #expect(settled.head >= 1)
        let stats = try await system.client(.metrics).call(route, NoParameters())
        #expect((stats.consumer?.offset ?? 0) >= stored.compactMap(\.offset).reduce(1, max))
        #expect(try await bus.quarantined().isEmpty)
      }
    }
  }

  /// Publishes the event, retrying until the bus has recovered.
  private static func publish(_ event: CloudEvent, to bus: BusClient) async throws -> [PublishResult] {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        return try await bus.publish([event.encoded()])
      } catch let problem as Problem where problem.code == "store-unavailable" && .now < deadline {
        await Task.yield()
      }
    }
  }

  private func startFailure(of service: ServiceName, _ url: String) async throws -> String {
    let failure = await #expect(throws: ProcessError.self) {
      try await withRunningSystem([service], databaseURL: url) { _ in }
    }
    return try #require(failure).description
  }
}
