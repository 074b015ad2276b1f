import BusCore
import Contract
import Foundation
import LaunchModel
import ServiceKit
import StandardStreams
import Storage

/// The bus's `repair` subcommand, from reading the settings to the exit status.
enum LogRepairMain {
  /// Repairs the log, or only examines it, prints the findings and exits the process. Exit status: 0, or the status of
  /// the `StartError`, whose message is written to stderr.
  static func run(_ options: ServiceOptions, isDryRun: Bool, failure: (any Error) -> StartError) async -> Never {
    do {
      let settings = try ServiceSettings.load(
        options: options, environment: ProcessInfo.processInfo.environment,
        workingFolder: FileManager.default.currentDirectoryPath)
      let report = try repair(settings, try ProcessSetup.clock(settings).now(), isDryRun: isDryRun)
      TextStream.output.writeLine(text(of: report, isDryRun: isDryRun))
      ProcessSetup.exitAfterOutput(named: "gonogo-bus")
    } catch {
      ProcessSetup.fail("gonogo-bus", failure(error))
    }
  }

  private static func repair(
    _ settings: ServiceSettings, _ now: Timestamp, isDryRun: Bool
  ) throws -> LogRepair.Report {
    let folder = settings.dataFolder(of: .bus)
    switch try BusMain.location(settings, folder) {
    case .sqlite: return try LogRepair.run(BusMain.storePlace(in: folder), at: now, isDryRun: isDryRun)
    case .postgreSQL(let url, let schema):
      return try LogRepair.run(url: url, schema: schema, at: now, isDryRun: isDryRun)
    }
  }

  private static func text(of report: LogRepair.Report, isDryRun: Bool) -> String {
    let range = "offsets \(report.bounds.first) to \(report.bounds.head)"
    guard !report.isIntact else { return "the log is intact (\(range)); nothing was changed" }
    var lines = report.damage.map { "\($0.summary): \(remedy(of: $0, isDryRun: isDryRun))" }
    if report.hadDamagedBounds {
      let remedy = isDryRun ? "would be recorded again" : "recorded again"
      lines.append("the record of the log's first and last offset was damaged: \(remedy)")
    }
    if !report.lostTables.isEmpty {
      let remedy = isDryRun ? "would be created again" : "created again"
      lines.append("the log had lost \(report.lostTables.joined(separator: ", ")): \(remedy) from the events")
    }
    guard let kept = report.kept else {
      return (lines + ["nothing was changed; run it without --dry-run to repair the log"]).joined(separator: "\n")
    }
    lines.append("\(report.lost) of the events at \(range) are lost; gonogo event quarantine list names them")
    if !report.incomplete.isEmpty {
      lines.append("not restored, because they are damaged: \(report.incomplete.joined(separator: ", "))")
    }
    lines.append("the damaged data are kept as \(kept)")
    return lines.joined(separator: "\n")
  }

  private static func remedy(of damage: LogDamage, isDryRun: Bool) -> String {
    switch (damage.isLoss, isDryRun) {
    case (true, true): "would be marked as lost"
    case (true, false): "marked as lost"
    case (false, true): "would be recorded again"
    case (false, false): "recorded again"
    }
  }
}
