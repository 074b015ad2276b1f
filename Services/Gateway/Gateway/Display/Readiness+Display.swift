import Contract
import LaunchModel

extension ReadinessView: Displayable {
  func display(on page: inout Page) {
    page.heading("\(name) (\(launch)), tier \(tier.rawValue), \(date)")
    var table = Table(columns: [
      .left("function"), .left("state"), .right("done"), .left("next due"), .left("owners"), .flexible("blocking"),
    ])
    table.rows = functions.map { function in
      [
        Text(function.function.title), function.state.label, Text("\(function.done)/\(function.total)"),
        Text(function.nextDue), Text(function.owners.joined(separator: ", ")),
        Text(function.blocking.joined(separator: ", "), .faint),
      ]
    }
    page.table(table)
    page.blank()
    page.fields(["Recommendation": recommendation.label])
    page.bullets(reasons.map { Text($0.detail) })
  }
}

extension BoardView: Displayable {
  func display(on page: inout Page) {
    let functions = LaunchFunction.allCases.sorted()
    var table = Table(
      columns: [.flexible("launch"), .left("t"), .left("date"), .left("call")]
        + functions.map { .left($0.boardTitle) }, whenEmpty: "no launches are running")
    table.rows = launches.map { launch in
      [Text(launch.launch), Text(launch.tier.rawValue), Text(launch.date), launch.recommendation.label]
        + functions.map { function in
          launch.functions.first { $0.function == function }?.boardCell ?? Text("")
        }
    }
    page.table(table)
    if !launches.isEmpty {
      page.paragraph(Text("✓ ready  · on track  ! at risk  ✗ blocked  ? unknown, with items done of all", .faint))
    }
  }
}

extension FunctionReadiness {
  fileprivate var boardCell: Text { Text("\(state.symbol) \(done)/\(total)", state.tone) }
}

extension LaunchFunction {
  /// Short enough for seven of them beside each other.
  fileprivate var boardTitle: String {
    switch self {
    case .engineering: "eng"
    case .product: "prod"
    case .marketing: "mktg"
    case .cs: "cs"
    case .sales: "sales"
    case .support: "supp"
    case .productOps: "ops"
    }
  }
}

extension PollView: Displayable {
  func display(on page: inout Page) {
    guard required else {
      page.paragraph("\(launch) needs no poll: its tier has none.")
      return
    }
    var table = Table(
      columns: [.left("function"), .left("vote"), .left("by"), .left("when"), .flexible("note")])
    table.rows =
      votes.map { vote in
        [Text(vote.function.title), vote.answer.label, Text(vote.by), Text(vote.at.short), Text(vote.note ?? "")]
      } + silent.map { [Text($0.title), Text("silent", .warning), "", "", ""] }
    page.table(table)
  }
}

extension PollAnswer.Answer {
  fileprivate var label: Text {
    switch self {
    case .go: Text("go", .good)
    case .noGo: Text("no-go", .bad)
    }
  }
}
