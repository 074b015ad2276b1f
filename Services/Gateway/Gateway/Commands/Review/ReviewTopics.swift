import ArgumentParser
import Contract
import LaunchModel
import Reporting

struct ReviewTopics: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "topics", abstract: "Show what tickets are about, found from their texts.",
    discussion: """
      For a launch: the tickets of its first 30 days that its metric plan attributes to it. With --file: the texts of \
      a file, without a launch or running services; - reads standard input.
      A CSV file begins with a line of column names; an NDJSON file has an object on each line. A row's text is \
      what it has in the columns or members text, subject and body; at least one is needed. locale, for example de-AT, \
      is a hint for texts whose language is unclear. Other columns are ignored.
      Rows that cannot be read are reported by line and get no topic. Texts that say nothing, such as ok or thanks, get \
      none either.
      """,
    examples: [
      "gonogo review topics smart-routing",
      "gonogo review topics --file tickets.csv --output json",
    ])

  @Argument(help: ArgumentHelp("Launch id, e.g. smart-routing.", valueName: "launch")) var launch: LaunchID?
  @OptionGroup var attempt: AttemptOption
  @Option(help: ArgumentHelp("CSV or NDJSON with text, or subject and body.", valueName: "path")) var file: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (launch == nil) != (file == nil) else { throw ValidationError("pass either a launch or --file") }
    guard file == nil || attempt.attempt == nil else { throw ValidationError("--attempt needs a launch") }
  }

  func run(in session: Session) async throws {
    if let file {
      try await TextTopics(console: session.console, file: TextFile(file)).show(in: session)
    } else if let launch {
      // A table has no space for every ticket.
      let request = TopicsRequest(
        launch: launch, attempt: attempt.attempt, assignments: session.renderer.format == .table ? false : nil)
      try await session.show(ReviewRoutes.topics, request)
    }
  }
}

extension TopicsView: Displayable {
  /// The maximum width of the curve of a topic's tickets per day.
  private static let curveWidth = 30

  func display(on page: inout Page) {
    if let launch, let attempt { page.heading("Topics of the tickets of \(launch), attempt \(attempt)") }
    var table = Table(
      columns: [.flexible("topic"), .right("tickets"), .right("share")], whenEmpty: "no topics")
    let isByDay = topics.contains { $0.byDay != nil }
    if isByDay {
      table.columns += [
        .left("by day").omittable(1), .right("accounts").omittable(0), .flexible("article"),
      ]
    }
    table.columns.append(.flexible("for example").omittable(2))
    table.rows = topics.map { topic in
      var row = [Text(topic.label), Text(topic.count), Text(topic.share.percent)]
      if isByDay {
        let curve = Sparkline.text(of: (topic.byDay ?? []).map { Double($0) }, width: Self.curveWidth)
        row += [Text(curve), Text(topic.accounts), Self.article(topic.articleMatch)]
      }
      return row + [Text(TicketExample.line(of: topic.examples.first ?? ""))]
    }
    page.table(table)
    page.blank()
    let noun = launch == nil ? "text" : "ticket"
    page.paragraph(Text("\(counted(count, noun)), \(outside) of them in no topic", .faint))
    page.section("Notes", notes.map { Text($0, .warning) })
  }

  private static func article(_ match: ArticleMatch?) -> Text {
    guard let match else { return Text("none", .warning) }
    return Text("\(match.article) (\(match.locale))")
  }
}
