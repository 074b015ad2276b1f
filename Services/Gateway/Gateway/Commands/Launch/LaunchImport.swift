import ArgumentParser
import JSON
import LaunchModel

struct LaunchImport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Propose the launches of a table (CSV) or of lines of JSON (NDJSON).",
    discussion: """
      A table's columns are the fields of a launch file; facts by their names, with yes, no, unknown or nothing; \
      lists separated by spaces or semicolons. What is wrong is said with its line; the others are proposed all the \
      same, unless --all-or-nothing is given.
      """)

  @Argument(help: "The file; - for standard input.") var file: String
  @Flag(help: "Propose none of them where one has a fault; at most 1,000 launches.") var allOrNothing = false
  @Flag(help: "Only say which tiers they would have, and what is wrong; nothing is proposed.") var dryRun = false

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let table = try LaunchFileTable(file)
    let name = file == "-" ? "stdin" : file
    let importer = LaunchImporter(session: session, file: name, table: table)
    let outcome = try await allOrNothing && !dryRun ? importer.proposeTogether() : importer.proposeEach(dryRun: dryRun)
    try session.print(outcome)
    guard outcome.rejected.isEmpty else {
      throw GatewayError(.badInput, "\(name): \(outcome.rejected.count) of \(outcome.read) launches were not proposed")
    }
  }
}
