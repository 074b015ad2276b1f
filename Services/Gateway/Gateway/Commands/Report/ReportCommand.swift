public import ArgumentParser
import Contract
import JSON
import LaunchModel
public import Reporting
import StandardStreams

struct ReportCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write the report of a launch, or of a quarter.",
    discussion: """
      With a launch: whether it worked and why, its metrics against targets and earlier launches, tickets against the \
      forecast, what customers asked, readiness, decision, actions and learnings. Without one: the launches of a \
      quarter, the risks, decisions and verdicts. The report names any part that could not be read. Formats: html is \
      one self-contained page, md is Markdown, json has all the data, csv is one table.
      """,
    examples: [
      "gonogo report smart-routing --format html --out smart-routing.html",
      "gonogo report --quarter 2027Q1",
    ])

  @Argument(help: ArgumentHelp("Launch id, e.g. smart-routing; omit it for a quarter.", valueName: "launch"))
  var launch: LaunchID?
  @Option(help: ArgumentHelp("Format of the report; default: md.", valueName: "format")) var format: ReportFormat?
  @Option(help: ArgumentHelp("File to write; default: standard output.", valueName: "file")) var out: String?
  @Flag(help: "Overwrite the file.") var force = false
  @Option(help: ArgumentHelp("Quarter, e.g. 2027Q1; default: the current one.", valueName: "quarter"))
  var quarter: Quarter?
  @OptionGroup var dates: DateRangeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    let hasDates = dates.from != nil || dates.to != nil
    guard launch == nil || (quarter == nil && !hasDates) else {
      throw ValidationError("the report of a launch has no period: omit --quarter, --from and --to, or omit the launch")
    }
    guard quarter == nil || !hasDates else { throw ValidationError("pass either --quarter or --from and --to") }
    if let from = dates.from, let to = dates.to, to < from {
      throw ValidationError("--to \(to) is before --from \(from)")
    }
    guard format == nil || global.output == .table else {
      throw ValidationError("pass either --format or --output")
    }
    guard !force || out != nil else { throw ValidationError("--force overwrites the file of --out: pass --out, too") }
  }

  func run(in session: Session) async throws {
    let file = try out.map { path throws(GatewayError) in
      try OutputFile(path, option: "--out", overwrites: force)
    }
    var reader = ReportReader(session)
    let text: String
    if let launch {
      let report = try await reader.report(on: launch)
      text = try rendered(report.text(as:))
    } else {
      let span = try await span(session)
      let report = try await reader.report(from: span.lowerBound, to: span.upperBound)
      text = try rendered(report.text(as:))
    }
    for part in reader.missing { session.console.warning("not in the report: \(part.part): \(part.reason)") }
    guard let out, let file else {
      session.console.write(session.console.output.width == nil ? text : text.printableLines)
      return
    }
    try file.write(text)
    session.console.note("wrote \(out)")
  }

  private func rendered(_ text: (ReportFormat) throws -> String) throws -> String {
    switch global.output {
    case .table: try text(format ?? .md)
    case .json: try text(.json)
    case .yaml: try YAMLText.of(try JSONValue(parsing: Array(try text(.json).utf8)))
    }
  }

  /// Returns the dates to report on; a start or end that is not given is the quarter's.
  private func span(_ session: Session) async throws -> ClosedRange<LocalDate> {
    if let quarter { return quarter.from...quarter.to }
    if let from = dates.from { return from...max(from, dates.to ?? Quarter(of: from).to) }
    if let to = dates.to { return Quarter(of: to).from...to }
    let current = Quarter(of: ZoneRules.utc.localDate(at: try await session.now(of: .tiering)))
    return current.from...current.to
  }
}

extension ReportFormat: ExpressibleByArgument {}

extension Quarter: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
