public import ArgumentParser
import Foundation
import JSON
import Contract
import LaunchModel
import StandardStreams
public import Storage

/// The `migrate` subcommand of a service's executable, from its flags to its exit status.
public enum MoveProcess {
  /// Moves the store, prints each table as a line of JSON (`MovedTable`) and exits the process: with 0 if everything
  /// has been copied and compared, otherwise with the status of the `StartError`, whose message is printed to stderr.
  ///
  /// - Parameters:
  ///   - name: the name of the executable.
  ///   - failure: converts an error of the executable's own layers.
  ///   - move: returns the move for the settings and the URL of the target database.
  public static func run(
    _ name: String, _ options: MoveOptions,
    failure: (any Error) -> StartError = { StartError(from: $0) },
    move: (ServiceSettings, String) throws -> StoreMove
  ) async -> Never {
    do {
      let environment = ProcessInfo.processInfo.environment
      let settings = try ServiceSettings.load(
        options: options.settings, environment: environment, workingFolder: FileManager.default.currentDirectoryPath)
      for table in try await move(settings, try options.url(environment)).run() {
        TextStream.output.writeLine(String(decoding: try JSONCoding.encode(table), as: UTF8.self))
      }
      ProcessSetup.exitAfterOutput(named: name)
    } catch {
      let failure = failure(error)
      // The lower layers name the setting of a running process rather than the flag of this command.
      let message = failure.message.replacing("GONOGO_DATABASE_URL", with: "--to")
      ProcessSetup.fail(name, StartError(failure.status, message))
    }
  }
}

/// The flags of `migrate`.
public struct MoveOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Database to copy the store into. Default: $GONOGO_MIGRATE_TO, which, unlike a flag, other users cannot see.",
      valueName: "postgres://…"))
  var to: String?
  @OptionGroup var settings: ServiceOptions

  public init() {}

  /// Returns the URL of the target database.
  ///
  /// - Throws: `StartError` if it is missing or does not name a PostgreSQL database.
  func url(_ environment: [String: String]) throws(StartError) -> String {
    guard let url = to ?? environment[MoveSetting.target], !url.isEmpty else {
      throw StartError(.badConfiguration, "no target database: name it with --to or \(MoveSetting.target)")
    }
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      throw StartError(.badConfiguration, "--to must begin with postgres://")
    }
    return url
  }
}

extension StoreMove {
  /// Creates the move of a service's store into its schema on the server. Every audit chain must be intact on both
  /// sides.
  init<Service: DomainService>(of service: Service.Type, settings: ServiceSettings, to url: String) {
    let migrations = ServiceRuntime<Service>.migrations
    self.init(
      source: StoreFile(servicePath: "\(settings.dataFolder(of: Service.name))/store.sqlite"), url: url,
      schema: "gonogo_\(Service.name.rawValue)", migrations: migrations,
      checkSourceSchema: { try Migration.requireCurrent(migrations, $0) },
      verify: { try AuditChain(service: Service.name).requireWhole($0) })
  }
}

extension AuditChain {
  /// Verifies every audit chain.
  ///
  /// - Throws: `StorageError` with code `.unreadable` that names the first broken link.
  fileprivate func requireWhole(_ transaction: any Transaction) throws {
    for launch in try launches(transaction) {
      guard let broken = try verify(launch: launch, transaction) else { continue }
      throw StorageError(
        .unreadable,
        "the audit chain of \(launch) is broken at link \(broken.length): \(broken.detail); restore a backup from "
          + "before the damage")
    }
  }
}
