/// What a person is shown of a result: headings, fields, tables and remarks, one below the other.
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

  /// A name and its value on a line.
  struct Field: Sendable, Hashable {
    var name: String
    var value: Text
  }

  private(set) var blocks: [Block] = []

  mutating func heading(_ text: Text) {
    if !blocks.isEmpty { blocks.append(.blank) }
    blocks.append(.heading(text))
  }

  /// Fields on lines of their own; those whose value is nil are left out.
  mutating func fields(_ pairs: KeyValuePairs<String, Text?>) {
    blocks.append(.fields(pairs.compactMap { name, value in value.map { Field(name: name, value: $0) } }))
  }

  mutating func table(_ table: Table) { blocks.append(.table(table)) }

  mutating func paragraph(_ text: Text) { blocks.append(.paragraph(text)) }

  mutating func bullets(_ texts: [Text]) {
    if !texts.isEmpty { blocks.append(.bullets(texts)) }
  }

  mutating func blank() { blocks.append(.blank) }

  /// The lines of the page, wrapped and cut to the width where one is given.
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

  /// The page as text, with a line break at the end of each line.
  func text(width: Int? = nil, style: Style = .plain) -> String {
    lines(width: width, style: style).map { $0 + "\n" }.joined()
  }

  private static func lines(of fields: [Field], width: Int?, style: Style) -> [String] {
    let widest = fields.map(\.name.displayWidth).max() ?? 0
    return fields.flatMap { field in
      let padding = String(repeating: " ", count: widest - field.name.displayWidth + 2)
      let hanging = String(repeating: " ", count: widest + 2)
      return wrapped(
        field.value, indent: style.apply(.faint, to: field.name) + padding, hanging: hanging, width, style)
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
  /// Broken at spaces into lines of at most that many columns; one line where there is no limit.
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
