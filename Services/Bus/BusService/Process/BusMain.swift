import ArgumentParser
import BusCore
import Contract
import Foundation
import LaunchModel
import Logging
import ServiceKit
import ServiceLifecycle
import Storage
import UnixSignals
import ZeroMQ

/// The whole of the bus's executable.
public enum BusMain {
  /// Runs the bus until SIGTERM or SIGINT and exits the process: 0 when it was stopped, 64 for wrong flags, else the
  /// `StartError`'s status with a message on stderr.
  public static func run() async -> Never {
    switch parsed() {
    case let move as MoveCommand:
      await MoveProcess.run("gonogo-bus", move.options, failure: failure) { settings, url in
        LogCopy.move(from: place(in: settings.dataFolder(of: .bus)), to: url, schema: "gonogo_bus")
      }
    case let command as BusCommand: await serve(command.options)
    default: BusCommand.exit()
    }
  }

  /// The command that the arguments name. Help, and what is wrong with them, is told here, and ends the process.
  private static func parsed() -> any ParsableCommand {
    do {
      var command = try BusCommand.parseAsRoot()
      if !(command is BusCommand || command is MoveCommand) { try command.run() }
      return command
    } catch {
      BusCommand.exit(withError: error)
    }
  }

  private static func serve(_ options: ServiceOptions) async -> Never {
    do {
      let settings = try ServiceSettings.load(
        options: options, environment: ProcessInfo.processInfo.environment,
        workingFolder: FileManager.default.currentDirectoryPath)
      ProcessSetup.startLogging(settings.logLevel)
      try await serve(settings, Logger(label: "gonogo-bus"))
      exit(0)
    } catch {
      let failure = failure(error)
      FileHandle.standardError.write(Data("gonogo-bus: \(failure.message)\n".utf8))
      exit(failure.status.rawValue)
    }
  }

  private static func failure(_ error: any Error) -> StartError {
    (error as? LogError).map(\.startFailure) ?? StartError(from: error)
  }

  /// The log's file, and the lock beside it.
  private static func place(in folder: String) -> StorePlace {
    StorePlace(path: "\(folder)/log.sqlite", lockPath: "\(folder)/log.lock", purpose: "the bus's log in \(folder)")
  }

  private static func serve(_ settings: ServiceSettings, _ logger: Logger) async throws {
    ProcessSetup.raiseDescriptorLimit(logger)
    let clock = try ProcessSetup.clock(settings)
    try ProcessSetup.makeFolders(settings, for: .bus)
    let folder = settings.dataFolder(of: .bus)
    let location = try location(settings, folder)
    let lock: FileLock? =
      if case .sqlite = location {
        try FileLock(path: place(in: folder).lockPath, purpose: place(in: folder).purpose)
      } else { nil }
    let (reactor, admission) = try ProcessSetup.reactor(settings, logger)
    let store = try await LogStore.open(location)
    if store.neighbours != nil { try await clock.wait(for: store.log.newestStoredAt) }
    let bus = try Bus(
      store: store, limits: BusLimits(eventBytes: settings.eventBytes), clock: clock,
      reactor: reactor, endpoints: try settings.bindings(of: .bus), logger: logger, own: settings.ownPrincipals
    ) { fault in
      logger.critical("the log has failed; exiting to recover", metadata: ["error": "\(fault)"])
      exit(StartError.Status.ioFailure.rawValue)
    }
    admission?.admit { bus.isOnRoster($0) }
    try await bus.bind()
    logger.notice(
      "serving",
      metadata: ["head": "\(bus.bounds.head)", "clock": "\(clock.setting ?? "system")", "now": "\(clock.now())"])
    try await group(serving: bus, logger).run()
    await reactor.shutdown()
    withExtendedLifetime(lock) {}
    logger.notice("stopped", metadata: ["head": "\(bus.bounds.head)"])
  }

  /// A file of the bus's own kind, or a schema beside those of the services.
  private static func location(_ settings: ServiceSettings, _ folder: String) throws -> DatabaseLocation {
    guard let url = settings.databaseURL else { return .sqlite(path: place(in: folder).path) }
    return try DatabaseLocation.resolve(url: url, folder: folder, service: .bus)
  }

  private static func group(serving bus: Bus, _ logger: Logger) -> ServiceGroup {
    ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(
            service: Serving(bus: bus), successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
  }
}

/// The command line of the bus's executable, under its name.
private struct BusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gonogo-bus", abstract: "The bus of gonogo, its durable event log; runs until SIGTERM or SIGINT.",
    discussion: "Each flag goes before its environment variable, and that before the key in gonogo.yaml.",
    version: ProductVersion.current, subcommands: [MoveCommand.self])

  @OptionGroup var options: ServiceOptions
}

/// `migrate`, which moves the log and serves nobody.
private struct MoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Copy the stopped bus's SQLite log into PostgreSQL; gonogo migrate does it for all.")

  @OptionGroup var options: MoveOptions
}

/// Serves until shutdown, and answers what was taken up before it returns.
private struct Serving: ServiceLifecycle.Service {
  let bus: Bus

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await bus.run()
    } onGracefulShutdown: {
      bus.beginShutdown()
    }
  }
}

extension LogError {
  /// As the process says why it does not start.
  fileprivate var startFailure: StartError {
    switch self {
    case .diskFull: StartError(.unavailable, "\(self); make room and start again")
    case .corrupt: StartError(.wrongData, "\(self); restore a backup")
    case .unavailable(let detail): StartError(.unavailable, detail)
    case .rosterChanged: StartError(.unavailable, "\(self); start again")
    case .failed(let detail): StartError(.ioFailure, detail)
    }
  }
}
