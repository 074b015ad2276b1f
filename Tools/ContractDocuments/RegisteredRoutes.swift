import BusCore
import BusService
import ChecklistService
import Contract
import Foundation
import LaunchModel
import Logging
import Messaging
import MetricsService
import ReviewService
import ServiceKit
import Storage
import TieringService
import ZeroMQ

/// The methods that the services register; finds them by assembling each service in a temporary folder, without serving
/// calls.
enum RegisteredRoutes {
  /// Returns the methods of every service.
  static func all() async throws -> [ServiceName: [RouteDescription]] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gonogo-contracts-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return [
      .bus: try await busRoutes(in: folder),
      .tiering: try await routes(of: TieringService.self, in: folder),
      .checklist: try await routes(of: ChecklistService.self, in: folder),
      .metrics: try await routes(of: MetricsService.self, in: folder),
      .review: try await routes(of: ReviewService.self, in: folder),
    ]
  }

  private static let logger = Logger(label: "gonogo-contracts") { _ in SwiftLogNoOpLogHandler() }

  private static func routes<Service: DomainService>(
    of service: Service.Type, in folder: String
  ) async throws -> [RouteDescription] {
    let path = "\(folder)/\(Service.name.rawValue).sqlite"
    let database = try await DatabaseLocation.sqlite(path: path).open { _ in }
    let environment = ServiceEnvironment(
      service: Service.name, database: database, clock: SystemClock(),
      settings: ServiceSettings(runFolder: folder, dataFolder: folder), bus: Unreachable(), peers: Unreachable(),
      logger: logger)
    let routes = try await ServiceRuntime<Service>(environment: environment).routes
    try await database.close()
    return routes
  }

  private static func busRoutes(in folder: String) async throws -> [RouteDescription] {
    let reactor = try Reactor(logger: logger)
    let bus = try Bus(
      store: try await LogStore.open(.sqlite(path: "\(folder)/log.sqlite")), clock: SystemClock(), reactor: reactor,
      endpoints: [try Endpoint(path: "\(folder)/bus.sock")], logger: logger, onFailure: { _ in })
    try await bus.bind()
    bus.beginShutdown()
    try await bus.run()
    await reactor.shutdown()
    return bus.routes
  }
}

/// A stand-in for the bus and the other services, none of which runs.
private struct Unreachable: EventBus, PeerDirectory, PeerClient {
  func client(for service: ServiceName) -> any PeerClient { self }

  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output { throw Self.problem }

  func publish(_ events: [[UInt8]], timeout: Duration) async throws -> [PublishResult] { throw Self.problem }

  func fetch(
    after offset: Int64, types: [String], max: Int, wait: Duration, timeout: Duration
  ) async throws -> FetchedBatch { throw Self.problem }

  func head(timeout: Duration) async throws -> LogBounds { throw Self.problem }

  func at(_ time: Timestamp, timeout: Duration) async throws -> Int64 { throw Self.problem }

  private static let problem = Problem.unavailable("unreachable", "nothing runs while the contract is generated")
}
