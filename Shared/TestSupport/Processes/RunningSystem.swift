import Foundation
public import LaunchModel
import Logging
public import Messaging
public import ServiceKit
import Synchronization
import ZeroMQ

/// The built bus and services as processes of their own, in a folder of their own.
public final class RunningSystem: Sendable {
  /// Holds `run`, `data`, and a log of each process.
  public let folder: String
  /// What its processes run with: folders below `folder`, and the clock it was given.
  public let settings: ServiceSettings

  private let reactor: Reactor
  private let launch: @Sendable (ManagedProcess) -> Void
  /// Every process of each service, in the order of their start.
  private let processes = Mutex<[ServiceName: [ManagedProcess]]>([:])
  private let clients: [ServiceName: RPCClient]

  init(
    folder: String, clock: String?, databaseURL: String?, launch: @escaping @Sendable (ManagedProcess) -> Void
  ) throws {
    self.folder = folder
    self.launch = launch
    let settings = ServiceSettings(
      runFolder: "\(folder)/run", dataFolder: "\(folder)/data", databaseURL: databaseURL, clock: clock)
    self.settings = settings
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let reactor = try Reactor(logger: logger)
    self.reactor = reactor
    clients = Dictionary(
      uniqueKeysWithValues: try ServiceName.allCases.map { name in
        (
          name,
          RPCClient(
            reactor: reactor, service: name, endpoints: try settings.endpoints(of: name),
            configuration: RPCClient.Configuration(patience: .patience), logger: logger)
        )
      })
  }

  /// What the processes get beside the test's own environment; for a gateway started beside them.
  public var environment: [String: String] {
    [
      "GONOGO_RUN": settings.runFolder, "GONOGO_DATA": settings.dataFolder, "GONOGO_CLOCK": settings.clock ?? "",
      "GONOGO_CONFIG": folder, "GONOGO_DATABASE_URL": settings.databaseURL ?? "",
    ]
  }

  /// A client of the service, kept across its restarts.
  public func client(_ service: ServiceName) throws -> RPCClient {
    guard let client = clients[service] else { throw ProcessFailure(message: "no client of \(service.rawValue)") }
    return client
  }

  /// The bus.
  public func bus() throws -> BusClient { BusClient(client: try client(.bus)) }

  /// What the service's processes have logged.
  public func log(_ service: ServiceName) -> String {
    String(decoding: FileManager.default.contents(atPath: logFile(service)) ?? Data(), as: UTF8.self)
  }

  /// Starts the service and waits until it answers.
  ///
  /// - Throws: `ProcessFailure` with the end of its log, where it ends or does not answer within `Duration.patience`.
  public func start(_ service: ServiceName) async throws {
    let process = ManagedProcess(
      executable: BuiltProducts.executable("gonogo-\(service.rawValue)"), environment: environment,
      logFile: logFile(service))
    processes.withLock { $0[service, default: []].append(process) }
    launch(process)
    let deadline = ContinuousClock.now + .patience
    while ContinuousClock.now < deadline {
      if let ending = process.ending {
        throw ProcessFailure(message: "\(service.rawValue): \(ending)\n\(log(service))")
      }
      let ping = try? await client(service).call(
        ServiceRoutes.ping(service), NoParameters())
      if let ping, process.pid.map({ Int($0) }) == ping.pid { return }
    }
    throw ProcessFailure(message: "\(service.rawValue) does not answer\n\(log(service))")
  }

  /// Ends the service at once, as a crash would (SIGKILL), and waits until it is gone.
  public func kill(_ service: ServiceName) async throws { try await end(service, SIGKILL) }

  /// Stops the service as an operator does (SIGTERM), waits until it is gone, and returns its exit status.
  @discardableResult
  public func stop(_ service: ServiceName) async throws -> Int32? {
    guard case .exited(let status) = try await end(service, SIGTERM) else { return nil }
    return status
  }

  /// Ends every process, with SIGKILL where SIGTERM does not do it.
  func shutDown() async {
    let running = processes.withLock { $0.values.flatMap { $0 } }
    for process in running { process.send(SIGTERM) }
    for process in running {
      let isGone = (try? await process.waitForEnd(within: .seconds(15))) ?? false
      if !isGone { process.send(SIGKILL) }
    }
    await reactor.shutdown()
  }

  @discardableResult
  private func end(_ service: ServiceName, _ signal: Int32) async throws -> ManagedProcess.Ending? {
    guard let process = processes.withLock({ $0[service]?.last { $0.ending == nil } }) else {
      throw ProcessFailure(message: "\(service.rawValue) does not run")
    }
    process.send(signal)
    guard try await process.waitForEnd(within: .seconds(20)) else {
      throw ProcessFailure(message: "\(service.rawValue) does not end\n\(log(service))")
    }
    return process.ending
  }

  private func logFile(_ service: ServiceName) -> String { "\(folder)/\(service.rawValue).log" }
}

/// A process under test that did not do what it must.
public struct ProcessFailure: Error, CustomStringConvertible {
  let message: String

  public var description: String { message }
}
