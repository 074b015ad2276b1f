import ArgumentParser
import Contract
import Foundation
public import LaunchModel
public import Logging
import Messaging
import ServiceLifecycle
import StandardStreams
import Storage
import UnixSignals
public import ZeroMQ

/// The entry point of a service's executable: `await ServiceMain<TieringService>.run()`.
public enum ServiceMain<Service: DomainService> {
  /// Runs the service until SIGTERM or SIGINT, then exits the process: with 0 after a normal stop, with 64 for invalid
  /// flags, otherwise with the status of the `StartError`, whose message is printed to stderr.
  public static func run() async -> Never {
    switch parsed() {
    case let move as MoveCommand<Service>:
      await MoveProcess.run("gonogo-\(Service.name.rawValue)", move.options) { settings, url in
        StoreMove(of: Service.self, settings: settings, to: url)
      }
    case let command as ServiceCommand<Service>: await serve(command.options)
    default: ProcessSetup.exitAfterOutput(named: "gonogo-\(Service.name.rawValue)")
    }
  }

  private static func parsed() -> any ParsableCommand {
    ProcessSetup.command(ServiceCommand<Service>.self) {
      $0 is ServiceCommand<Service> || $0 is MoveCommand<Service>
    }
  }

  private static func serve(_ options: ServiceOptions) async -> Never {
    do {
      let settings = try ServiceSettings.load(
        options: options, environment: ProcessInfo.processInfo.environment,
        workingFolder: FileManager.default.currentDirectoryPath)
      ProcessSetup.startLogging(settings.logLevel)
      try await serve(settings, Logger(label: "gonogo-\(Service.name.rawValue)"))
      ProcessEnd.exit(with: 0)
    } catch {
      ProcessSetup.fail("gonogo-\(Service.name.rawValue)", StartError(from: error))
    }
  }

  private static func serve(_ settings: ServiceSettings, _ logger: Logger) async throws {
    try ProcessSetup.limitConnections(settings)
    let clock = try ProcessSetup.clock(settings)
    try ProcessSetup.makeFolders(settings, for: Service.name)
    let location = try DatabaseLocation.resolve(
      url: settings.databaseURL, folder: settings.dataFolder(of: Service.name), service: Service.name)
    let database = try await location.open(for: ServiceRuntime<Service>.migrations) { error in
      logger.critical("store failed; exiting to recover on restart", metadata: ["error": "\(error)"])
      ProcessEnd.exit(with: StartError.Status.ioFailure.rawValue)
    }
    let (reactor, admission) = try ProcessSetup.reactor(settings, logger)
    let clients = try clients(settings, reactor, logger)
    let bus = BusClient(client: clients.bus)
    let environment = ServiceEnvironment(
      service: Service.name, database: database, clock: clock, settings: settings, bus: bus,
      peers: RPCPeers(clients.peers), logger: logger)
    let runtime = try await ServiceRuntime<Service>(environment: environment, ownPrincipals: settings.ownPrincipals)
    admission?.admit { environment.roster?.knows($0) == true }
    let server = RPCServer(
      reactor: reactor, endpoints: try settings.bindings(of: Service.name), service: Service.name,
      configuration: RPCServer.Configuration(replyBytes: settings.replyBytes), handler: runtime.handler,
      isStranger: { environment.roster.isStranger($0, to: settings.ownPrincipals) }, logger: logger)
    try await server.bind()
    logger.notice("serving", metadata: ["clock": "\(clock.setting ?? "system")", "now": "\(clock.now())"])
    try await ServiceTasks.run(runtime, server: server, bus: bus, logger: logger)
    await reactor.shutdown()
    try await database.close()
    logger.notice("stopped")
  }

  private static func clients(
    _ settings: ServiceSettings, _ reactor: Reactor, _ logger: Logger
  ) throws -> (bus: RPCClient, peers: [ServiceName: RPCClient]) {
    var clients: [ServiceName: RPCClient] = [:]
    func client(_ name: ServiceName) throws -> RPCClient {
      RPCClient(reactor: reactor, service: name, endpoints: try settings.endpoints(of: name), logger: logger)
    }
    for name in ServiceName.allCases where name != Service.name && name != .bus { clients[name] = try client(name) }
    return (try client(.bus), clients)
  }
}

/// The command line of a service's executable.
private struct ServiceCommand<Service: DomainService>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "gonogo-\(Service.name.rawValue)",
      abstract: "Run the gonogo \(Service.name.rawValue) service until SIGTERM or SIGINT.",
      discussion: "A flag overrides its environment variable, which overrides the key in gonogo.yaml.",
      version: ProductVersion.current, subcommands: [MoveCommand<Service>.self])
  }

  @OptionGroup var options: ServiceOptions
}

/// The `migrate` subcommand, which copies the store and exits.
private struct MoveCommand<Service: DomainService>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "migrate",
      abstract: "Copy the stopped service's SQLite store into PostgreSQL.",
      discussion: "gonogo migrate does this for the bus and every service.")
  }

  @OptionGroup var options: MoveOptions
}

/// The setup that every process of the system performs at its start.
public enum ProcessSetup {
  /// Writes the process's logs to stderr, from the given level upwards.
  public static func startLogging(_ level: Logger.Level) {
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
  }

  /// Raises the limit of open files as far as allowed, and limits the connections of this process to well below it.
  ///
  /// - Throws: `StartError` if the limit is too low, naming the one that is needed.
  public static func limitConnections(_ settings: ServiceSettings) throws {
    try ConnectionLimits.fitting(
      files: DescriptorLimit.raise(), connections: settings.connectionLimit, each: settings.connectionPeerLimit
    ).apply()
  }

  /// Creates the run folder (mode 0750) and the service's data folder (mode 0700) if they are missing.
  public static func makeFolders(_ settings: ServiceSettings, for service: ServiceName) throws {
    try makeFolder(settings.runFolder, 0o750, "GONOGO_RUN")
    // In a container, only the service's own folder may be writable.
    let own = settings.dataFolder(of: service)
    if !FileManager.default.fileExists(atPath: own) { try makeFolder(settings.dataFolder, 0o700, "GONOGO_DATA") }
    try makeFolder(own, 0o700, "GONOGO_DATA")
  }

  private static func makeFolder(_ path: String, _ permissions: Int, _ setting: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: permissions])
    } catch {
      if DiskSpace.isFull(URL(filePath: path).deletingLastPathComponent().path) {
        throw StartError(.unavailable, "\(DiskSpace.fullMessage(forFile: path)); free up space and start again")
      }
      throw StartError(
        .unavailable,
        "cannot create the folder \(path) (\(error.localizedDescription)); choose another one with \(setting)")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw StartError(
        .noPermission, "this user may not write to the folder \(path); choose another one with \(setting)")
    }
  }

  /// Returns the clock that the settings specify.
  public static func clock(_ settings: ServiceSettings) throws -> any ServiceClock {
    guard let setting = settings.clock else { return SystemClock() }
    do {
      return try ScaledClock(setting: setting)
    } catch {
      throw StartError(.badConfiguration, "GONOGO_CLOCK: \(error.detail)")
    }
  }

  /// Creates the reactor, which runs the process's sockets on its thread, with the CURVE keys as its identity over TCP.
  ///
  /// - Returns: the reactor and, if there are keys, the admission of clients, to which a server adds the keys that it
  ///   knows.
  public static func reactor(_ settings: ServiceSettings, _ logger: Logger) throws -> (Reactor, ClientAdmission?) {
    guard let keys = settings.keys else { return (try Reactor(logger: logger), nil) }
    let admission = ClientAdmission(folder: keys, logger: logger)
    return (
      try Reactor(logger: logger, identity: CurveIdentity(own: keys.own, admits: { admission.admits($0) })), admission
    )
  }
}

extension Roster {
  /// Returns whether a person or a grant on the roster has the key.
  public func knows(_ key: CurveKey) -> Bool {
    let principal = Principal.key(key.text)
    return knows(principal)
  }

  fileprivate func knows(_ principal: Principal) -> Bool {
    person(of: principal) != nil || grants.contains { $0.principal == principal }
  }
}

extension Roster? {
  /// Returns whether a principal is neither a service's nor a person's on the roster, and has no grant. Before a roster
  /// is adopted, nobody is a stranger.
  public func isStranger(_ principal: Principal, to ownPrincipals: Set<Principal>) -> Bool {
    guard let roster = self, !roster.isEmpty else { return false }
    return !ownPrincipals.contains(principal) && !roster.knows(principal)
  }
}

/// Why a process cannot start or continue: what is wrong, and how to fix it.
public struct StartError: Error, Sendable, CustomStringConvertible {
  /// The exit status (sysexits.h).
  public enum Status: Int32, Sendable {
    case badConfiguration = 65
    /// A required lock, socket, folder or server is unavailable.
    case unavailable = 69
    case internalError = 70
    case ioFailure = 74
    /// The target database of a move contains other data.
    case conflict = 76
    /// This user may not use a folder or a database.
    case noPermission = 77
    /// The data belong to another program version or another clock.
    case wrongData = 78
  }

  /// The exit status of the process.
  public let status: Status
  /// What is wrong and how to fix it, for the operator.
  public let message: String

  public init(_ status: Status, _ message: String) {
    self.status = status
    self.message = message
  }

  public var description: String { message }
}

extension StartError {
  /// Converts an error of a lower layer, with its exit status.
  public init(from error: any Error) {
    switch error {
    case let error as StartError: self = error
    case let error as StorageError where error.code == .diskFull:
      self.init(.unavailable, "\(error.message); free up space and start again")
    case let error as StorageError:
      self.init(Self.status(error.code), error.message)
    case let error as ZeroMQError where error.code == .badKeys || error.code == .invalidEndpoint:
      self.init(.badConfiguration, "\(error)")
    case let error as ZeroMQError: self.init(.unavailable, "\(error)")
    case let problem as Problem:
      self.init(.internalError, problem.detail.isEmpty ? problem.title : problem.detail)
    default: self.init(.internalError, "\(error)")
    }
  }

  private static func status(_ code: StorageError.Code) -> Status {
    switch code {
    case .unsupported, .address: .badConfiguration
    case .locked, .cannotOpen, .diskFull, .unavailable, .outcomeUnknown, .timeout: .unavailable
    case .forbidden: .noPermission
    case .ioFailure: .ioFailure
    case .occupied: .conflict
    case .schema, .corrupt, .unreadable, .notDurable: .wrongData
    default: .internalError
    }
  }
}
