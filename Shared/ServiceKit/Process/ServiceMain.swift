import ArgumentParser
import Foundation
import LaunchModel
import Logging
import Messaging
import ServiceLifecycle
import Storage
import UnixSignals
import ZeroMQ

/// The whole of a service's executable: `await ServiceMain<TieringService>.run()`.
public enum ServiceMain<Service: DomainService> {
  /// Runs the service until SIGTERM or SIGINT and exits the process: 0 when it was stopped, 64 for wrong flags, else the
  /// `StartFailure`'s status with a message on stderr.
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
      let settings = try await ServiceSettings.load(
        options: options, environment: ProcessInfo.processInfo.environment,
        workingFolder: FileManager.default.currentDirectoryPath)
      ProcessSetup.startLogging(settings.logLevel)
      try await serve(settings, Logger(label: "gonogo-\(Service.name.rawValue)"))
      exit(0)
    } catch {
      let failure = StartFailure(from: error)
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
      exit(StartFailure.Status.ioFailure.rawValue)
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
      version: ProcessIdentity.version, subcommands: [MoveCommand<Service>.self])
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
