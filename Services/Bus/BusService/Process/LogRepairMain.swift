import BusCore
import Contract
import Foundation
import LaunchModel
import ServiceKit
import Storage

/// The `repair` subcommand of the bus, from its settings to its exit status.
enum LogRepairMain {
  /// Repairs the log, prints what it did and exits the process: with 0, else with the status of the `StartError`, whose
  /// message goes to stderr.
  static func run(_ options: ServiceOptions, failure: (any Error) -> StartError) async -> Never {
    do {
      let settings = try ServiceSettings.load(
        options: options, environment: ProcessInfo.processInfo.environment,
        workingFolder: FileManager.default.currentDirectoryPath)
      guard settings.databaseURL == nil else {
        throw StartError(
          .badConfiguration,
          "the log is on PostgreSQL, which repair does not change; restore the server's backup, see docs/operations.md")
      }
      let clock = try ProcessSetup.clock(settings)
      let file = BusMain.storePlace(in: settings.dataFolder(of: .bus))
      let report = try LogRepair.run(file, at: clock.now())
      FileHandle.standardOutput.write(Data((text(of: report) + "\n").utf8))
      exit(0)
    } catch {
      let failure = failure(error)
      FileHandle.standardError.write(Data("gonogo-bus: \(failure.message)\n".utf8))
      exit(failure.status.rawValue)
    }
  }

  private static func text(of report: LogRepair.Report) -> String {
    let range = "offsets \(report.bounds.first) to \(report.bounds.head)"
    guard let kept = report.kept else { return "the log is intact (\(range)); nothing was changed" }
    var lines = report.damage.map { damage in
      damage.preventsStoring ? "\(damage.summary): recorded again" : "\(damage.summary): marked as lost"
    }
    if report.hadDamagedBounds {
      lines.append("the record of the log's first and last offset was damaged: recorded again")
    }
    lines.append("\(report.lost) of the events at \(range) are lost; gonogo event quarantine list names them")
    if !report.incomplete.isEmpty {
      lines.append("not copied, because they are damaged: \(report.incomplete.joined(separator: ", "))")
    }
    lines.append("the damaged log is kept as \(kept)")
    return lines.joined(separator: "\n")
  }
}
