import Mustache

extension ReportPage {
  /// Returns the page as one HTML file that loads nothing: style and images are embedded, and it has no script.
  ///
  /// - Throws: if the template cannot be parsed, which a test rules out.
  func html() throws -> String { try PageTemplate.page.get().render(context) }

  private var context: [String: Any] {
    [
      "pageTitle": title, "facts": facts.joined(separator: " · "), "conclusion": conclusion,
      "conclusionTone": tone.rawValue, "lead": lead, "tiles": tiles.map(\.context), "hasTiles": !tiles.isEmpty,
      "missing": missing, "hasMissing": !missing.isEmpty,
      "sections": sections.map(\.context), "footer": footer.joined(separator: " · "),
    ]
  }
}

/// The page's template, parsed once.
private enum PageTemplate {
  static let page = Result { () throws -> MustacheTemplate in
    // The library's own escaping leaves a quote unescaped if a combining mark follows it.
    MustacheContentTypes.register(EscapedText(), named: "ESCAPED")
    return try MustacheTemplate(string: String(decoding: PackageResources.page_mustache, as: UTF8.self))
  }

  private struct EscapedText: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.escaped(text) }
  }
}

/// The values for the template. Their names are unique in the whole page, because a name that is missing in a part is
/// looked up in the enclosing part.
extension ReportPage.Tile {
  fileprivate var context: [String: Any] {
    var context: [String: Any] = ["tileLabel": label, "tileValue": value, "tileDetail": detail]
    if let mark { context["tileMark"] = mark.context }
    return context
  }
}

extension ReportPage.Mark {
  fileprivate var context: [String: Any] { ["symbol": symbol, "word": word, "tone": tone.rawValue] }
}

extension ReportPage.Section {
  fileprivate var context: [String: Any] {
    let contexts = blocks.enumerated().flatMap { index, block in block.contexts(id: "\(id)-\(index + 1)") }
    return ["id": id, "title": title, "isHalf": isHalf, "blocks": contexts]
  }
}

extension ReportPage.Block {
  /// The block as the template reads it; folded blocks stand between one that opens them and one that closes them.
  fileprivate func contexts(id: String) -> [[String: Any]] {
    switch self {
    case .text(let text): return [["text": text]]
    case .absence(let text): return [["absence": text]]
    case .list(let lines): return [["list": ["lines": lines] as [String: Any]]]
    case .table(let table): return [["table": table.context]]
    case .chart(let chart): return [["chart": Self.context(of: chart, id: "chart-\(id)")]]
    case .details(let title, let blocks):
      var contexts: [[String: Any]] = [["opening": title]]
      for (index, block) in blocks.enumerated() { contexts += block.contexts(id: "\(id)-\(index + 1)") }
      contexts.append(["isClosing": true])
      return contexts
    }
  }

  private static func context(of chart: any Chart, id: String) -> [String: Any] {
    var context: [String: Any] = ["caption": chart.summary]
    if chart.hasWideForm {
      context["forms"] = [
        ["form": "on-wide", "svg": chart.svg(id: "\(id)-wide", isWide: true)],
        ["form": "on-narrow", "svg": chart.svg(id: id)],
      ]
    } else {
      context["forms"] = [["form": "on-all", "svg": chart.svg(id: id)]]
    }
    return context
  }
}

extension ReportPage.Table {
  fileprivate var context: [String: Any] {
    let columns = columns.map { ["column": $0.title, "content": $0.content.rawValue] }
    let rows = rows.map { row in
      ["cells": zip(row, self.columns).map { cell, column in cell.context(in: column) }]
    }
    return ["columns": columns, "rows": rows]
  }
}

extension ReportPage.Cell {
  fileprivate func context(in column: ReportPage.Table.Column) -> [String: Any] {
    var context: [String: Any] = [
      "cell": text, "cellColumn": column.title, "content": column.content.rawValue,
      "isEmpty": text.isEmpty && mark == nil,
    ]
    if let mark { context["cellMark"] = mark.context }
    return context
  }
}
