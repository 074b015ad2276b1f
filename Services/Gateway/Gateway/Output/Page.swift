import StandardStreams

/// A result that a person can read.
protocol Displayable: Sendable {
  /// Puts on the page what a person needs to see.
  func display(on page: inout Page)
}

/// A result as a person sees it: headings, fields, tables and remarks, from top to bottom.
struct Page: Sendable, Hashable {
  /// One part of a page.
  enum Block: Sendable, Hashable {
    case heading(Text)
    case fields([Field])
    case table(Table)
    case paragraph(Text)
    case bullets([Text])
    case blank
  }

  /// A name and its value, on one line.
  struct Field: Sendable, Hashable {
    var name: String
    var value: Text
  }

  private(set) var blocks: [Block] = []

  mutating func heading(_ text: Text) {
    if !blocks.isEmpty { blocks.append(.blank) }
    blocks.append(.heading(text))
  }

  /// Adds fields, one per line; those whose value is nil are omitted.
  mutating func fields(_ pairs: KeyValuePairs<String, Text?>) {
    blocks.append(.fields(pairs.compactMap { name, value in value.map { Field(name: name, value: $0) } }))
  }

  /// Adds fields whose names are not known in advance.
  mutating func fields(_ fields: [Field]) { blocks.append(.fields(fields)) }

  mutating func table(_ table: Table) { blocks.append(.table(table)) }

  mutating func paragraph(_ text: Text) { blocks.append(.paragraph(text)) }

  mutating func bullets(_ texts: [Text]) {
    if !texts.isEmpty { blocks.append(.bullets(texts)) }
  }

  /// Adds a heading with points below it; nothing if there are none.
  mutating func section(_ title: String, _ points: [Text]) {
    guard !points.isEmpty else { return }
    heading(Text(title))
    bullets(points)
  }

  mutating func blank() { blocks.append(.blank) }

  /// The lines of the page, wrapped and cut to the width if there is one.
  func lines(width: Int?, style: Style) -> [String] {
    blocks.flatMap { block in
      switch block {
      case .heading(let text): Self.wrapped(Text(text.string, .strong), indent: "", hanging: "", width, style)
      case .fields(let fields): Self.lines(of: fields, width: width, style: style)
      case .table(let table): table.lines(width: width, style: style)
      case .paragraph(let text): Self.wrapped(text, indent: "", hanging: "", width, style)
      case .bullets(let texts):
        texts.flatMap { Self.wrapped($0, indent: "  · ", hanging: "    ", width, style) }
      case .blank: [""]
      }
    }
  }

  /// The page as text, each line with a line break.
  func text(width: Int? = nil, style: Style = .plain) -> String {
    lines(width: width, style: style).map { $0 + "\n" }.joined()
  }

  private static func lines(of fields: [Field], width: Int?, style: Style) -> [String] {
    let widest = fields.map(\.name.printable.displayWidth).max() ?? 0
    return fields.flatMap { field in
      let name = field.name.printable
      let padding = String(repeating: " ", count: widest - name.displayWidth + 2)
      let hanging = String(repeating: " ", count: widest + 2)
      return wrapped(
        field.value, indent: style.apply(.faint, to: name) + padding, hanging: hanging, width, style)
    }
  }

  private static func wrapped(
    _ text: Text, indent: String, hanging: String, _ width: Int?, _ style: Style
  ) -> [String] {
    let parts = text.string.printable.wrapped(toWidth: width.map { max(20, $0 - hanging.displayWidth) })
    return parts.enumerated().map { ($0 == 0 ? indent : hanging) + style.apply(text.tone, to: $1) }
  }
}

extension String {
  /// The text broken at spaces into lines of at most that many columns; one line without a limit.
  func wrapped(toWidth limit: Int?) -> [String] {
    guard let limit, displayWidth > limit else { return [self] }
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      let extended = line.isEmpty ? String(word) : "\(line) \(word)"
      if extended.displayWidth > limit, !line.isEmpty {
        lines.append(line)
        line = String(word)
      } else {
        line = extended
      }
    }
    lines.append(line)
    return lines
  }
}
