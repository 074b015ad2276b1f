extension ReportPage {
  /// Returns the page as Markdown (CommonMark with tables); charts are replaced by their text alternatives.
  func markdown() -> String {
    var blocks = [
      "# \(Markup.markdown(title)): \(conclusion)", Markup.markdown(facts.joined(separator: " · ")),
    ]
    if !lead.isEmpty { blocks.append(Self.list(lead)) }
    if !tiles.isEmpty { blocks.append(tilesTable.markdown) }
    if !missing.isEmpty { blocks.append("**Not in this report**\n\n" + Self.list(missing)) }
    for section in sections {
      blocks.append("## \(Markup.markdown(section.title))")
      blocks += section.blocks.map(\.markdown)
    }
    blocks.append("---\n\n" + Markup.markdown(footer.joined(separator: " · ")))
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private var tilesTable: Table {
    Table(
      ["metric", "verdict", "#figure", "compared with"],
      tiles.map { tile in
        [Cell(tile.label), Cell(nil, mark: tile.mark), Cell(tile.value), Cell(tile.detail)]
      })
  }

  fileprivate static func list(_ lines: [String]) -> String {
    lines.map { "- \(Markup.markdown($0))" }.joined(separator: "\n")
  }
}

extension ReportPage.Block {
  fileprivate var markdown: String {
    switch self {
    case .text(let text): Markup.markdown(text)
    case .absence(let text): "_\(Markup.markdown(text))_"
    case .list(let lines): ReportPage.list(lines)
    case .table(let table): table.markdown
    case .chart(let chart): "**\(Markup.markdown(chart.title)).** \(Markup.markdown(chart.summary))"
    case .details(let title, let blocks):
      (["**\(Markup.markdown(title))**"] + blocks.map(\.markdown)).joined(separator: "\n\n")
    }
  }
}

extension ReportPage.Table {
  fileprivate var markdown: String {
    let head = columns.map { Markup.markdown($0.title) }
    let rule = columns.map { $0.content == .number ? "---:" : "---" }
    let body = rows.map { row in row.map { $0.plain.isEmpty ? "-" : Markup.markdown($0.plain) } }
    return ([head, rule] + body).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }
}
