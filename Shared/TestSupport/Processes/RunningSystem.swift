import Foundation
import Contract
public import LaunchModel
import Logging
public import Messaging
public import ServiceKit
import Synchronization
import ZeroMQ

/// The built bus and services as separate processes in their own folder, with one or more replicas of each.
public final class RunningSystem: Sendable {
  /// One replica of a service.
  private struct Replica: Hashable {
    var service: ServiceName
    /// The replica's number, from 1.
    var number: Int

    /// The replica's name, such as `tiering` for the first and `tiering-2` for the second.
    var name: String { number == 1 ? service.rawValue : "\(service.rawValue)-\(number)" }
  }

  /// The folder with `run`, `data` and the log of each process.
  public let folder: String
  /// The processes' settings: folders in `folder`, the given clock, and all replicas' endpoints.
  public let settings: ServiceSettings

  private let reactor: Reactor
  private let launch: @Sendable (ManagedProcess) -> Void
  /// The URL by which each replica reaches the database; empty if all use the same.
  private let databaseURLs: [String]
  /// All processes of each replica, in starting order.
  private let processes = Mutex<[Replica: [ManagedProcess]]>([:])
  /// One client per service, which tries all its replicas.
  private let clients: [ServiceName: RPCClient]
  /// One client per replica.
  private let replicas: [Replica: RPCClient]

  init(
    folder: String, clock: String?, databaseURL: String?, databaseURLs: [String] = [], replicas count: Int,
    launch: @escaping @Sendable (ManagedProcess) -> Void
  ) throws {
    self.folder = folder
    self.launch = launch
    self.databaseURLs = databaseURLs
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
      configuration: RPCClient.Configuration(patience: .testTimeout), logger: silence)
  }

  /// The variables that the processes get in addition to the test's environment; pass them to a gateway to use this
  /// system.
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

  /// Returns the client of a service, which survives restarts and uses whichever replica answers.
  public func client(_ service: ServiceName) throws -> RPCClient {
    guard let client = clients[service] else { throw ProcessError(message: "no client for \(service.rawValue)") }
    return client
  }

  /// Returns the client of one replica, counted from 1.
  public func client(_ service: ServiceName, replica: Int) throws -> RPCClient {
    guard let client = replicas[Replica(service: service, number: replica)] else {
      throw ProcessError(message: "\(service.rawValue) has no replica \(replica)")
    }
    return client
  }

  /// Returns a client of the bus.
  public func bus() throws -> BusClient { BusClient(client: try client(.bus)) }

  /// Returns a new client of the bus that tries the given replica, counted from 1, before the others.
  public func bus(startingAt replica: Int) throws -> BusClient {
    guard let endpoints = settings.endpoints[.bus], endpoints.indices.contains(replica - 1) else {
      throw ProcessError(message: "the bus has no replica \(replica)")
    }
    return BusClient(
      client: Self.client(reactor, .bus, Array(endpoints[(replica - 1)...] + endpoints[..<(replica - 1)])))
  }

  /// Returns a new client that tries the given replica, counted from 1, before the others, and waits no longer than
  /// users' clients do.
  public func impatientClient(_ service: ServiceName, startingAt replica: Int) throws -> RPCClient {
    guard let endpoints = settings.endpoints[service], endpoints.indices.contains(replica - 1) else {
      throw ProcessError(message: "\(service.rawValue) has no replica \(replica)")
    }
    return RPCClient(
      reactor: reactor, service: service, endpoints: Array(endpoints[(replica - 1)...] + endpoints[..<(replica - 1)]),
      configuration: RPCClient.Configuration(memory: EndpointMemory()), logger: Self.silence)
  }

  /// Returns the log of a replica's processes.
  public func log(_ service: ServiceName, replica: Int = 1) -> String {
    log(Replica(service: service, number: replica))
  }

  /// Starts a replica of the service and waits until it answers.
  ///
  /// - Throws: `ProcessError` with its log if it terminates or does not answer within `Duration.testTimeout`.
  public func start(_ service: ServiceName, replica number: Int = 1) async throws {
    let replica = Replica(service: service, number: number)
    let client = try client(service, replica: number)
    var variables = environment
    if databaseURLs.indices.contains(number - 1) { variables["GONOGO_DATABASE_URL"] = databaseURLs[number - 1] }
    variables["GONOGO_LISTEN"] = settings.endpoints[service]?[number - 1].description
    let process = ManagedProcess(
      executable: BuiltProducts.executable("gonogo-\(service.rawValue)"), environment: variables,
      logFile: logFile(replica))
    processes.withLock { $0[replica, default: []].append(process) }
    launch(process)
    let deadline = ContinuousClock.now + .testTimeout
    while ContinuousClock.now < deadline {
      if let termination = process.termination {
        throw ProcessError(message: "\(replica.name): \(termination)\n\(log(replica))")
      }
      let ping = try? await client.call(ServiceRoutes.ping(service), NoParameters())
      if let ping, process.pid.map({ Int($0) }) == ping.pid { return }
    }
    throw ProcessError(message: "\(replica.name) did not answer within \(Duration.testTimeout)\n\(log(replica))")
  }

  /// Kills a replica of the service as in a crash (SIGKILL), and waits until it has terminated.
  public func kill(_ service: ServiceName, replica: Int = 1) async throws {
    try await terminate(Replica(service: service, number: replica), SIGKILL)
  }

  /// Stops a replica of the service gracefully (SIGTERM), waits until it has terminated, and returns its exit status;
  /// nil if a signal ended it.
  @discardableResult
  public func stop(_ service: ServiceName, replica: Int = 1) async throws -> Int32? {
    let termination = try await terminate(Replica(service: service, number: replica), SIGTERM)
    guard case .exited(let status) = termination else { return nil }
    return status
  }

  /// Suspends a replica of the service (SIGSTOP) until `resume`, to simulate a stalled host.
  public func suspend(_ service: ServiceName, replica: Int = 1) throws {
    try running(Replica(service: service, number: replica)).send(SIGSTOP)
  }

  /// Resumes a suspended replica of the service (SIGCONT).
  public func resume(_ service: ServiceName, replica: Int = 1) throws {
    try running(Replica(service: service, number: replica)).send(SIGCONT)
  }

  /// Stops every process with SIGTERM, and with SIGKILL if it has not terminated after 15 s.
  func shutDown() async {
    let running = processes.withLock { $0.values.flatMap { $0 } }
    for process in running {
      process.send(SIGCONT)
      process.send(SIGTERM)
    }
    for process in running {
      // An error means that the test was cancelled, and is treated like a timeout.
      let hasExited = (try? await process.waitForExit(within: .seconds(15))) ?? false
      if !hasExited { process.send(SIGKILL) }
    }
    await reactor.shutdown()
  }

  @discardableResult
  private func terminate(_ replica: Replica, _ signal: Int32) async throws -> ManagedProcess.Termination? {
    let process = try running(replica)
    process.send(signal)
    guard try await process.waitForExit(within: .seconds(20)) else {
      throw ProcessError(message: "\(replica.name) did not terminate within 20 s\n\(log(replica))")
    }
    return process.termination
  }

  private func running(_ replica: Replica) throws -> ManagedProcess {
    guard let process = processes.withLock({ $0[replica]?.last { $0.termination == nil } }) else {
      throw ProcessError(message: "\(replica.name) is not running")
    }
    return process
  }

  private func log(_ replica: Replica) -> String {
    String(decoding: FileManager.default.contents(atPath: logFile(replica)) ?? Data(), as: UTF8.self)
  }

  private func logFile(_ replica: Replica) -> String { "\(folder)/\(replica.name).log" }
}

/// A failure of a process under test.
public struct ProcessError: Error, CustomStringConvertible {
  let message: String

  public var description: String { message }
}
