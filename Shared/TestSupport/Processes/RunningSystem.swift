import Foundation
import Contract
public import LaunchModel
import Logging
public import Messaging
public import ServiceKit
import Synchronization
import ZeroMQ

/// The built bus and services as processes of their own, in a folder of their own; of each one, or several replicas.
public final class RunningSystem: Sendable {
  /// One of the processes that a service may have.
  private struct Replica: Hashable {
    var service: ServiceName
    /// From 1.
    var number: Int

    /// As `tiering`, and `tiering-2`.
    var name: String { number == 1 ? service.rawValue : "\(service.rawValue)-\(number)" }
  }

  /// Holds `run`, `data`, and a log of each process.
  public let folder: String
  /// What its processes run with: folders below `folder`, the clock it was given, and every replica's endpoint.
  public let settings: ServiceSettings

  private let reactor: Reactor
  private let launch: @Sendable (ManagedProcess) -> Void
  /// Every process of each replica, in the order of their start.
  private let processes = Mutex<[Replica: [ManagedProcess]]>([:])
  /// Of each service one that tries all its replicas.
  private let clients: [ServiceName: RPCClient]
  /// Of each replica its own.
  private let replicas: [Replica: RPCClient]

  init(
    folder: String, clock: String?, databaseURL: String?, replicas count: Int,
    launch: @escaping @Sendable (ManagedProcess) -> Void
  ) throws {
    self.folder = folder
    self.launch = launch
    var settings = ServiceSettings(
      runFolder: "\(folder)/run", dataFolder: "\(folder)/data", databaseURL: databaseURL, clock: clock)
    var endpoints: [Replica: Endpoint] = [:]
    for service in ServiceName.allCases {
      let replicas = (1...count).map { Replica(service: service, number: $0) }
      for replica in replicas { endpoints[replica] = try Endpoint(path: "\(folder)/run/\(replica.name).sock") }
      settings.endpoints[service] = replicas.compactMap { endpoints[$0] }
    }
    self.settings = settings
    let reactor = try Reactor(logger: Self.silence)
    self.reactor = reactor
    clients = Dictionary(uniqueKeysWithValues: settings.endpoints.map { ($0, Self.client(reactor, $0, $1)) })
    self.replicas = Dictionary(uniqueKeysWithValues: endpoints.map { ($0, Self.client(reactor, $0.service, [$1])) })
  }

  private static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private static func client(_ reactor: Reactor, _ service: ServiceName, _ endpoints: [Endpoint]) -> RPCClient {
    RPCClient(
      reactor: reactor, service: service, endpoints: endpoints,
      configuration: RPCClient.Configuration(patience: .patience), logger: silence)
  }

  /// What the processes get beside the test's own environment; for a gateway started beside them.
  public var environment: [String: String] {
    var variables = [
      "GONOGO_RUN": settings.runFolder, "GONOGO_DATA": settings.dataFolder, "GONOGO_CLOCK": settings.clock ?? "",
      "GONOGO_CONFIG": folder, "GONOGO_DATABASE_URL": settings.databaseURL ?? "",
    ]
    for (service, endpoints) in settings.endpoints {
      let name = "GONOGO_ENDPOINT_\(service.rawValue.uppercased())"
      variables[name] = endpoints.map(\.description).joined(separator: ",")
    }
    return variables
  }

  /// A client of the service, kept across its restarts; of several replicas it takes one that answers.
  public func client(_ service: ServiceName) throws -> RPCClient {
    guard let client = clients[service] else { throw ProcessError(message: "no client of \(service.rawValue)") }
    return client
  }

  /// A client of one replica, counted from 1.
  public func client(_ service: ServiceName, replica: Int) throws -> RPCClient {
    guard let client = replicas[Replica(service: service, number: replica)] else {
      throw ProcessError(message: "\(service.rawValue) has no replica \(replica)")
    }
    return client
  }

  /// The bus.
  public func bus() throws -> BusClient { BusClient(client: try client(.bus)) }

  /// The bus by a client of its own that tries a replica, counted from 1, before the others.
  public func bus(startingAt replica: Int) throws -> BusClient {
    guard let endpoints = settings.endpoints[.bus], endpoints.indices.contains(replica - 1) else {
      throw ProcessError(message: "the bus has no replica \(replica)")
    }
    return BusClient(
      client: Self.client(reactor, .bus, Array(endpoints[(replica - 1)...] + endpoints[..<(replica - 1)])))
  }

  /// What the processes of a service's replica have logged.
  public func log(_ service: ServiceName, replica: Int = 1) -> String {
    log(Replica(service: service, number: replica))
  }

  /// Starts a replica of the service and waits until it answers.
  ///
  /// - Throws: `ProcessError` with the end of its log, where it ends or does not answer within `Duration.patience`.
  public func start(_ service: ServiceName, replica number: Int = 1) async throws {
    let replica = Replica(service: service, number: number)
    let client = try client(service, replica: number)
    var variables = environment
    variables["GONOGO_LISTEN"] = settings.endpoints[service]?[number - 1].description
    let process = ManagedProcess(
      executable: BuiltProducts.executable("gonogo-\(service.rawValue)"), environment: variables,
      logFile: logFile(replica))
    processes.withLock { $0[replica, default: []].append(process) }
    launch(process)
    let deadline = ContinuousClock.now + .patience
    while ContinuousClock.now < deadline {
      if let ending = process.ending {
        throw ProcessError(message: "\(replica.name): \(ending)\n\(log(replica))")
      }
      let ping = try? await client.call(ServiceRoutes.ping(service), NoParameters())
      if let ping, process.pid.map({ Int($0) }) == ping.pid { return }
    }
    throw ProcessError(message: "\(replica.name) does not answer\n\(log(replica))")
  }

  /// Ends a replica of the service at once, as a crash would (SIGKILL), and waits until it is gone.
  public func kill(_ service: ServiceName, replica: Int = 1) async throws {
    try await end(Replica(service: service, number: replica), SIGKILL)
  }

  /// Stops a replica of the service as an operator does (SIGTERM), waits until it is gone, and returns its exit status.
  @discardableResult
  public func stop(_ service: ServiceName, replica: Int = 1) async throws -> Int32? {
    let ending = try await end(Replica(service: service, number: replica), SIGTERM)
    guard case .exited(let status) = ending else { return nil }
    return status
  }

  /// Lets a replica of the service stand still (SIGSTOP), as one whose host stalls, until `resume`.
  public func suspend(_ service: ServiceName, replica: Int = 1) throws {
    try running(Replica(service: service, number: replica)).send(SIGSTOP)
  }

  /// Lets a replica of the service go on that stood still.
  public func resume(_ service: ServiceName, replica: Int = 1) throws {
    try running(Replica(service: service, number: replica)).send(SIGCONT)
  }

  /// Ends every process, with SIGKILL where SIGTERM does not do it.
  func shutDown() async {
    let running = processes.withLock { $0.values.flatMap { $0 } }
    for process in running {
      process.send(SIGCONT)
      process.send(SIGTERM)
    }
    for process in running {
      let isGone = (try? await process.waitForEnd(within: .seconds(15))) ?? false
      if !isGone { process.send(SIGKILL) }
    }
    await reactor.shutdown()
  }

  @discardableResult
  private func end(_ replica: Replica, _ signal: Int32) async throws -> ManagedProcess.CommandOutcome? {
    let process = try running(replica)
    process.send(signal)
    guard try await process.waitForEnd(within: .seconds(20)) else {
      throw ProcessError(message: "\(replica.name) does not end\n\(log(replica))")
    }
    return process.ending
  }

  private func running(_ replica: Replica) throws -> ManagedProcess {
    guard let process = processes.withLock({ $0[replica]?.last { $0.ending == nil } }) else {
      throw ProcessError(message: "\(replica.name) does not run")
    }
    return process
  }

  private func log(_ replica: Replica) -> String {
    String(decoding: FileManager.default.contents(atPath: logFile(replica)) ?? Data(), as: UTF8.self)
  }

  private func logFile(_ replica: Replica) -> String { "\(folder)/\(replica.name).log" }
}

/// A process under test that did not do what it must.
public struct ProcessError: Error, CustomStringConvertible {
  let message: String

  public var description: String { message }
}
