import ArgumentParser
import Contract
import Foundation
public import LaunchModel
public import Logging
import Messaging
import ServiceLifecycle
import Storage
import UnixSignals
public import ZeroMQ

/// The whole of a service's executable: `await ServiceMain<TieringService>.run()`.
public enum ServiceMain<Service: DomainService> {
  /// Runs the service until SIGTERM or SIGINT and exits the process: 0 when it was stopped, 64 for wrong flags, else the
  /// `StartError`'s status with a message on stderr.
  public static func run() async -> Never {
    switch parsed() {
    case let move as MoveCommand<Service>:
      await MoveProcess.run("gonogo-\(Service.name.rawValue)", move.options) { settings, url in
        StoreMove(of: Service.self, settings: settings, to: url)
      }
    case let command as ServiceCommand<Service>: await serve(command.options)
    default: ServiceCommand<Service>.exit()
    }
  }

  /// The command that the arguments name. Help, and what is wrong with them, is told here, and ends the process.
  private static func parsed() -> any ParsableCommand {
    do {
      var command = try ServiceCommand<Service>.parseAsRoot()
      if !(command is ServiceCommand<Service> || command is MoveCommand<Service>) { try command.run() }
      return command
    } catch {
      ServiceCommand<Service>.exit(withError: error)
    }
  }

  private static func serve(_ options: ServiceOptions) async -> Never {
    do {
      let settings = try ServiceSettings.load(
        options: options, environment: ProcessInfo.processInfo.environment,
        workingFolder: FileManager.default.currentDirectoryPath)
      ProcessSetup.startLogging(settings.logLevel)
      try await serve(settings, Logger(label: "gonogo-\(Service.name.rawValue)"))
      exit(0)
    } catch {
      let failure = StartError(from: error)
      FileHandle.standardError.write(Data("gonogo-\(Service.name.rawValue): \(failure.message)\n".utf8))
      exit(failure.status.rawValue)
    }
  }

  private static func serve(_ settings: ServiceSettings, _ logger: Logger) async throws {
    ProcessSetup.raiseDescriptorLimit(logger)
    let clock = try ProcessSetup.clock(settings)
    try ProcessSetup.makeFolders(settings, for: Service.name)
    let location = try DatabaseLocation.resolve(
      url: settings.databaseURL, folder: settings.dataFolder(of: Service.name), service: Service.name)
    let database = try await location.open { error in
      logger.critical("the store has failed; exiting to recover", metadata: ["error": "\(error)"])
      exit(StartError.Status.ioFailure.rawValue)
    }
    let (reactor, admission) = try ProcessSetup.reactor(settings, logger)
    let clients = try clients(settings, reactor, logger)
    let bus = BusClient(client: clients.bus)
    let environment = ServiceEnvironment(
      service: Service.name, database: database, clock: clock, settings: settings, bus: bus,
      peers: RPCPeers(clients.peers), logger: logger)
    let runtime = try await ServiceRuntime<Service>(environment: environment, own: settings.ownPrincipals)
    admission?.admit { environment.roster?.knows($0) == true }
    let server = RPCServer(
      reactor: reactor, endpoints: try settings.bindings(of: Service.name), service: Service.name,
      handler: runtime.handler, logger: logger)
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

/// The command line of a service's executable, under its name.
private struct ServiceCommand<Service: DomainService>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "gonogo-\(Service.name.rawValue)",
      abstract: "The \(Service.name.rawValue) service of gonogo; runs until SIGTERM or SIGINT.",
      discussion: "Each flag goes before its environment variable, and that before the key in gonogo.yaml.",
      version: ProductVersion.current, subcommands: [MoveCommand<Service>.self])
  }

  @OptionGroup var options: ServiceOptions
}

/// `migrate`, which moves the store and serves nobody.
private struct MoveCommand<Service: DomainService>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "migrate",
      abstract: "Copy the stopped service's SQLite store into PostgreSQL; gonogo migrate does it for all.")
  }

  @OptionGroup var options: MoveOptions
}

/// What every process of the system does before anything else.
public enum ProcessSetup {
  /// Sends the process's logs to stderr, from that level on.
  public static func startLogging(_ level: Logger.Level) {
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
  }

  /// Raises the limit of open files as far as allowed; libzmq aborts a process that runs out of them.
  public static func raiseDescriptorLimit(_ logger: Logger) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
      logger.warning("the limit of open files cannot be raised", metadata: ["limit": "\(limit.rlim_cur)"])
    }
  }

  /// Makes the run folder (0750) and the service's data folder (0700) where they are not there.
  public static func makeFolders(_ settings: ServiceSettings, for service: ServiceName) throws {
    try makeFolder(settings.runFolder, 0o750, "GONOGO_RUN")
    // In a container the service's own folder is all that can be written to.
    let own = settings.dataFolder(of: service)
    if !FileManager.default.fileExists(atPath: own) { try makeFolder(settings.dataFolder, 0o700, "GONOGO_DATA") }
    try makeFolder(own, 0o700, "GONOGO_DATA")
  }

  private static func makeFolder(_ path: String, _ permissions: Int, _ setting: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: permissions])
    } catch {
      throw StartError(
        .unavailable,
        "the folder \(path) cannot be made (\(error.localizedDescription)); choose another with \(setting)")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw StartError(
        .noPermission, "the folder \(path) cannot be written to by this user; choose another with \(setting)")
    }
  }

  /// The clock that the settings ask for.
  public static func clock(_ settings: ServiceSettings) throws -> any ServiceClock {
    guard let setting = settings.clock else { return SystemClock() }
    do {
      return try ScaledClock(setting: setting)
    } catch {
      throw StartError(.badConfiguration, "GONOGO_CLOCK: \(error.detail)")
    }
  }

  /// The thread of the process's sockets, with the identity that its keys give it over TCP.
  ///
  /// - Returns: with keys also who is let in, for a server to add whom it knows.
  public static func reactor(_ settings: ServiceSettings, _ logger: Logger) throws -> (Reactor, ClientAdmission?) {
    guard let keys = settings.keys else { return (try Reactor(logger: logger), nil) }
    let admission = ClientAdmission(folder: keys, logger: logger)
    return (
      try Reactor(logger: logger, identity: CurveIdentity(own: keys.own, admits: { admission.admits($0) })), admission
    )
  }
}

extension Roster {
  /// Whether somebody on the roster, or a grant, has the key.
  public func knows(_ key: CurveKey) -> Bool {
    let principal = Principal.key(key.text)
    return person(of: principal) != nil || grants.contains { $0.principal == principal }
  }
}

/// Why a process does not start or cannot go on: what is wrong, and the mend.
public struct StartError: Error, Sendable, CustomStringConvertible {
  /// The exit status (sysexits.h).
  public enum Status: Int32, Sendable {
    case badConfiguration = 65
    /// A lock, a socket, a folder: what is needed is not to be had.
    case unavailable = 69
    case internalError = 70
    case ioFailure = 74
    /// A database that a store is to be moved to holds other data.
    case conflict = 76
    /// A folder or a database refuses this user.
    case noPermission = 77
    /// The data does not belong to this program or this clock.
    case wrongData = 78
  }

  /// What the process exits with.
  public let status: Status
  /// What is wrong and how to mend it, in words for the operator.
  public let message: String

  public init(_ status: Status, _ message: String) {
    self.status = status
    self.message = message
  }

  public var description: String { message }
}

extension StartError {
  /// Failures of the layers below, with the status for each.
  public init(from error: any Error) {
    switch error {
    case let failure as StartError: self = failure
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
