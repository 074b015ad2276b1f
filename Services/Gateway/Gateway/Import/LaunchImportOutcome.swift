import LaunchModel

/// What became of the launches of a file.
struct LaunchImportOutcome: Codable, Sendable {
  /// A launch that was proposed, or would be.
  struct Proposed: Codable, Sendable {
    var line: Int
    var launch: LaunchID
    var tier: Tier
    var date: LocalDate?
    /// Calendar days by which the date is too early; 0 where it is not.
    var shortfallDays: Int
    /// How many conflicts are charged to it; of a dry run, with the launches that there are already.
    var conflicts: Int
  }
  /// A launch that was not proposed.
  struct Rejected: Codable, Sendable {
    var line: Int
    var errors: [FieldError]
  }

  /// How many launches the file has.
  var read: Int
  var proposed: [Proposed] = []
  var rejected: [Rejected] = []
  /// Whether nothing was to be stored.
  var dryRun = false
}

extension LaunchImportOutcome: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .right("line"), .left("launch"), .left("tier"), .left("date"), .right("short by"), .right("conflicts"),
      ], whenEmpty: "no launch was proposed")
    table.rows = proposed.map { launch in
      [
        Text(launch.line), Text(launch.launch), launch.tier.label, Text(launch.date),
        launch.shortfallDays == 0 ? "" : Text("\(launch.shortfallDays) d", .warning),
        launch.conflicts == 0 ? "" : Text("\(launch.conflicts)", .warning),
      ]
    }
    page.table(table)
    page.blank()
    let what = dryRun ? "would be proposed" : "proposed"
    page.paragraph(Text("\(counted(proposed.count, "launch", plural: "launches")) \(what), \(rejected.count) refused"))
    guard !dryRun, proposed.contains(where: { $0.shortfallDays > 0 || $0.conflicts > 0 }) else { return }
    page.paragraph(Text("gonogo launch show L says why a date is short; gonogo calendar conflicts lists all conflicts"))
  }
}
