public import ArgumentParser
import Foundation
import JSON
import LaunchModel
public import Storage

/// `migrate` of a service's executable, from its flags to its exit status.
public enum MoveProcess {
  /// Moves the store and prints each table as a line of JSON (`MovedTable`); then exits the process: 0 when all of it is there and
  /// was compared, else the `StartFailure`'s status with a message on stderr.
  ///
  /// - Parameters:
  ///   - name: the executable's.
  ///   - failure: why the process ends with an error of its own layers.
  ///   - move: what is moved, for the settings and the URL of the database.
  public static func run(
    _ name: String, _ options: MoveOptions,
    failure: (any Error) -> StartFailure = { StartFailure(from: $0) },
    move: (ServiceSettings, String) throws -> StoreMove
  ) async -> Never {
    do {
      let environment = ProcessInfo.processInfo.environment
      let settings = try await ServiceSettings.load(
        options: options.settings, environment: environment, workingFolder: FileManager.default.currentDirectoryPath)
      for table in try await move(settings, try options.url(environment)).run() {
        FileHandle.standardOutput.write(Data(try JSONCoding.encode(table) + [UInt8(ascii: "\n")]))
      }
      exit(0)
    } catch {
      let failure = failure(error)
      // The layers below know the database by the setting of a running process.
      let message = failure.message.replacing("GONOGO_DATABASE_URL", with: "--to")
      FileHandle.standardError.write(Data("\(name): \(message)\n".utf8))
      exit(failure.status.rawValue)
    }
  }
}

/// The flags of `migrate`.
public struct MoveOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The database to copy the store into; else $GONOGO_MIGRATE_TO, which other users cannot see.",
      valueName: "postgres://…"))
  var to: String?
  @OptionGroup var settings: ServiceOptions

  public init() {}

  /// The URL of the database.
  ///
  /// - Throws: `StartFailure` where there is none, or it is of another kind.
  func url(_ environment: [String: String]) throws(StartFailure) -> String {
    guard let url = to ?? environment[MoveSetting.target], !url.isEmpty else {
      throw StartFailure(.badConfiguration, "which database? name it with --to or \(MoveSetting.target)")
    }
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      throw StartFailure(.badConfiguration, "--to must begin with postgres://")
    }
    return url
  }
}
