import ArgumentParser
import BusCore
import Contract
import Foundation
import LaunchModel
import Logging
import ServiceKit
import ServiceLifecycle
import StandardStreams
import Storage
import UnixSignals
import ZeroMQ

/// The entry point of the bus's executable.
public enum BusMain {
  /// Runs the bus until SIGTERM or SIGINT, then exits the process. Exit status: 0 after a normal stop, 64 for invalid
  /// flags, else the status of the `StartError`, whose message is written to stderr.
  public static func run() async -> Never {
    switch parsed() {
    case let move as MoveCommand:
      await MoveProcess.run("gonogo-bus", move.options, failure: failure) { settings, url in
        LogCopy.move(from: storePlace(in: settings.dataFolder(of: .bus)), to: url, schema: "gonogo_bus")
      }
    case let repair as RepairCommand:
      await LogRepairMain.run(repair.options, isDryRun: repair.dryRun, failure: failure)
    case let command as BusCommand: await serve(command.options)
    default: ProcessSetup.exitAfterOutput(named: "gonogo-bus")
    }
  }

  private static func parsed() -> any ParsableCommand {
    ProcessSetup.command(BusCommand.self) { $0 is BusCommand || $0 is MoveCommand || $0 is RepairCommand }
  }

  private static func serve(_ options: ServiceOptions) async -> Never {
    do {
      let settings = try ServiceSettings.load(
        options: options, environment: ProcessInfo.processInfo.environment,
        workingFolder: FileManager.default.currentDirectoryPath)
      ProcessSetup.startLogging(settings.logLevel)
      try await serve(settings, Logger(label: "gonogo-bus"))
      ProcessEnd.exit(with: 0)
    } catch {
      ProcessSetup.fail("gonogo-bus", failure(error))
    }
  }

  private static func failure(_ error: any Error) -> StartError {
    (error as? LogError).map(\.startError) ?? StartError(from: error)
  }

  /// Returns the paths of the log's file and of its lock file.
  static func storePlace(in folder: String) -> StoreFile {
    StoreFile(path: "\(folder)/log.sqlite", lockPath: "\(folder)/log.lock", purpose: "the bus's log in \(folder)")
  }

  private static func serve(_ settings: ServiceSettings, _ logger: Logger) async throws {
    try ProcessSetup.limitConnections(settings)
    let clock = try ProcessSetup.clock(settings)
    try ProcessSetup.makeFolders(settings, for: .bus)
    let folder = settings.dataFolder(of: .bus)
    let location = try location(settings, folder)
    let lock: FileLock? =
      if case .sqlite = location {
        try FileLock(path: storePlace(in: folder).lockPath, purpose: storePlace(in: folder).purpose)
      } else { nil }
    let (reactor, admission) = try ProcessSetup.reactor(settings, logger)
    let store = try await LogStore.open(location)
    if store.peers != nil { try await clock.wait(for: store.log.newestStoredAt) }
    let bus = try Bus(
      store: store, limits: BusLimits(eventBytes: settings.eventBytes), clock: clock,
      reactor: reactor, endpoints: try settings.bindings(of: .bus), logger: logger,
      ownPrincipals: settings.ownPrincipals, replyBytes: settings.replyBytes
    ) { error in
      logger.critical("log failed; exiting to recover on restart", metadata: ["error": "\(error)"])
      ProcessEnd.exit(with: StartError.Status.ioFailure.rawValue)
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

  /// Returns the location of the log: its own SQLite file, or a schema in the services' PostgreSQL database.
  static func location(_ settings: ServiceSettings, _ folder: String) throws -> DatabaseLocation {
    guard let url = settings.databaseURL else { return .sqlite(path: storePlace(in: folder).path) }
    return try DatabaseLocation.resolve(url: url, folder: folder, service: .bus)
  }

  private static func group(serving bus: Bus, _ logger: Logger) -> ServiceGroup {
    ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(
            service: BusLifecycle(bus: bus), successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
  }
}

/// The command line of `gonogo-bus`.
private struct BusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gonogo-bus", abstract: "Run the gonogo bus, the durable event log, until SIGTERM or SIGINT.",
    discussion: "A flag overrides its environment variable, which overrides the key in gonogo.yaml.",
    version: ProductVersion.current, subcommands: [MoveCommand.self, RepairCommand.self])

  @OptionGroup var options: ServiceOptions
}

/// The `migrate` subcommand, which copies the log and exits.
private struct MoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Copy the stopped bus's SQLite log into PostgreSQL.",
    discussion: "gonogo migrate does this for the bus and every service.")

  @OptionGroup var options: MoveOptions
}

/// The `repair` subcommand, which repairs a damaged log and exits.
private struct RepairCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair",
    abstract: "Repair a damaged log, and mark the events that it has lost.",
    discussion: """
      Stop the bus first, on every host if the log is in PostgreSQL. --dry-run lists the damage without repairing it. \
      The damaged data are kept: with SQLite, the damaged file beside the repaired one; with PostgreSQL, the replaced \
      rows in the table damaged_events.
      """)

  @ArgumentParser.Flag(help: "List the damage; repair nothing.")
  var dryRun = false

  @OptionGroup var options: ServiceOptions
}

/// Runs the bus until graceful shutdown; calls already accepted are answered before it returns.
private struct BusLifecycle: ServiceLifecycle.Service {
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
  /// The error in the form that the process reports if it cannot start.
  fileprivate var startError: StartError {
    switch self {
    case .diskFull: StartError(.unavailable, "\(self); free up space and start again")
    case .corrupt: StartError(.wrongData, "\(self); repair the log with gonogo-bus repair, or restore a backup")
    case .damaged: StartError(.wrongData, "\(self)")
    case .unavailable(let detail): StartError(.unavailable, detail)
    case .rosterChanged: StartError(.unavailable, "\(self); start again")
    case .failed(let detail): StartError(.ioFailure, detail)
    }
  }
}
