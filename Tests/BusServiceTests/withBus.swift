import BusCore
import BusService
import JSON
import Contract
import LaunchModel
import Logging
import Messaging
import ServiceKit
import Storage
import TestSupport
import ZeroMQ

/// A bus on a socket in a temporary folder, with a client.
struct RunningBus: Sendable {
  let bus: Bus
  let client: RPCClient
  let endpoint: Endpoint
  /// The log failures that the bus reported.
  let failures: Recorder<LogError>

  var calls: BusClient { BusClient(client: client) }

  /// Publishes events with these ids, all with the same data.
  @discardableResult
  func publish(_ ids: String..., type: String = "com.example.a") async throws -> [PublishResult] {
    try await calls.publish(ids.map { Self.event($0, type: type) })
  }

  /// Calls a method with parts and returns the undecoded result.
  func call(_ method: String, _ params: JSONValue = [:], parts: [[UInt8]] = []) async throws -> JSONValue {
    let reply = try await client.call(method: method, params: params.serialized(), parts: parts)
    return try JSONValue(parsing: reply.result)
  }

  static func event(
    _ id: String, source: String = "//test", type: String = "com.example.a", data: String = "1"
  ) -> [UInt8] {
    Array(#"{"specversion":"1.0","id":"\#(id)","source":"\#(source)","type":"\#(type)","data":\#(data)}"#.utf8)
  }
}

/// The configuration of a test's bus.
struct BusSetup: Sendable {
  var limits = BusLimits()
  var clock: any ServiceClock = SystemClock()
  var ownPrincipals: Set<Principal> = [ProcessIdentity.ownPrincipal]
  var wrapping: @Sendable (any EventLog) -> any EventLog = { $0 }
  /// Runs when the bus has opened its log and has not begun to work.
  var opened: @Sendable () async throws -> Void = {}
}

/// Runs the body with a bus, and shuts it down afterwards.
///
/// - Parameter folder: The folder of the log; nil creates a new one on the engine that service tests run on.
func withBus<R: Sendable>(
  _ setup: BusSetup = BusSetup(), in folder: String? = nil, named name: String = "bus",
  _ body: @Sendable (RunningBus) async throws -> R
) async throws -> R {
  guard let folder else {
    return try await StorageEngine.standard.withFolder { try await withBus(setup, in: $0, named: name, body) }
  }
  let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  let reactor = try Reactor(logger: logger)
  let endpoint = try Endpoint(path: "\(folder)/\(name).sock")
  let failures = Recorder<LogError>()
  let store = try await LogStore.open(StorageEngine.standard.location(in: folder))
  try await setup.opened()
  let bus = try Bus(
    store: store, limits: setup.limits,
    clock: setup.clock, reactor: reactor, endpoints: [endpoint], logger: logger, ownPrincipals: setup.ownPrincipals,
    wrapping: setup.wrapping, onFailure: { failures.record($0) })
  try await bus.bind()
  let client = RPCClient(
    reactor: reactor, service: .bus, endpoints: [endpoint],
    configuration: RPCClient.Configuration(unreachableAfter: nil, patience: .testTimeout), logger: logger)
  let running = RunningBus(bus: bus, client: client, endpoint: endpoint, failures: failures)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await bus.run() }
    let result: Result<R, any Error>
    do { result = .success(try await body(running)) } catch { result = .failure(error) }
    bus.beginShutdown()
    try await group.waitForAll()
    await reactor.shutdown()
    return try result.get()
  }
}
