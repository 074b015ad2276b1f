import ArgumentParser
import LaunchModel

struct LaunchImport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Propose the launches of a CSV or NDJSON file.",
    discussion: """
      The columns of a CSV file are the fields of a launch file; each fact has its own column, which contains yes, no, \
      unknown or nothing; lists are separated by spaces or semicolons. Errors are reported by line. Launches without \
      errors are proposed anyway, unless you pass --all-or-nothing.
      """,
    examples: [
      "gonogo launch import launches.csv --dry-run",
      "gonogo launch import launches.csv --all-or-nothing",
    ])

  @Argument(help: "CSV or NDJSON file; - for standard input.") var file: String
  @Flag(help: "Propose all of them or, if one has an error, none; at most 1,000 launches.") var allOrNothing = false
  @OptionGroup var preview: DryRunOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let table = try LaunchFileTable(file)
    let importer = LaunchImporter(session: session, table: table)
    let outcome =
      try await allOrNothing && !preview.dryRun
      ? importer.proposeTogether() : importer.proposeEach(dryRun: preview.dryRun)
    try session.print(outcome)
    guard outcome.rejected.isEmpty else {
      throw GatewayError(
        .badInput, "\(table.name): \(outcome.rejected.count) of \(outcome.read) launches were not proposed")
    }
  }
}
