import ArgumentParser
import JSON
import StandardStreams

/// A result that can be displayed to a person.
protocol Displayable: Sendable {
  /// Adds what a person needs to see to the page.
  func display(on page: inout Page)
}

/// A result as displayed to a person: headings, fields, tables and remarks, from top to bottom.
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

  /// Adds fields, one per line; fields whose value is nil are omitted.
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

  /// Adds a heading with points below it; adds nothing if there are no points.
  mutating func section(_ title: String, _ points: [Text]) {
    guard !points.isEmpty else { return }
    heading(Text(title))
    bullets(points)
  }

  mutating func blank() { blocks.append(.blank) }

  /// Returns the lines of the page, wrapped and cut to the width if there is one.
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

  /// Returns the page as text, each line ending with a line break.
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
  /// Returns the text broken at spaces into lines of at most that many columns; a single line without a limit.
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

/// A short text with a tone, which a terminal displays as a colour.
struct Text: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// What a text means to the reader, for example good or bad news.
  enum Tone: Sendable, Hashable {
    case plain, strong, faint, good, warning, bad
  }

  var string: String
  var tone: Tone

  init(_ string: String, _ tone: Tone = .plain) {
    self.string = string
    self.tone = tone
  }

  init(stringLiteral value: String) { self.init(value) }

  /// The description of a value, or `-` if nil.
  init(_ value: (some CustomStringConvertible)?, _ tone: Tone = .plain) {
    guard let value else {
      self.init("-", .faint)
      return
    }
    self.init(value.description, tone)
  }
}

/// How tones are rendered.
enum Style: Sendable, Hashable {
  /// Without any control sequences.
  case plain
  /// With ANSI colours.
  case coloured

  /// Returns the text with the control sequences of its tone, if the style has any.
  func apply(_ tone: Text.Tone, to string: String) -> String {
    guard self == .coloured, !string.isEmpty, let code = Self.code(of: tone) else { return string }
    return "\u{1B}[\(code)m\(string)\u{1B}[0m"
  }

  private static func code(of tone: Text.Tone) -> String? {
    switch tone {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .good: "32"
    case .warning: "33"
    case .bad: "31"
    }
  }
}

/// The output formats of results.
enum OutputFormat: String, Sendable, Hashable, CaseIterable, ExpressibleByArgument {
  /// For people.
  case table
  /// The service's `result`, unchanged.
  case json
  /// The same content as YAML.
  case yaml
}

/// A result as a service returned it, and as displayed to a person.
struct Answer: Sendable {
  /// The JSON, byte for byte.
  var json: [UInt8]
  /// The page for a person, assembled only if it is needed.
  var page: @Sendable () throws -> Page
}

/// Renders results as text; no other type knows the output formats.
struct Renderer: Sendable, Hashable {
  var format: OutputFormat
  var style: Style
  /// The width of the terminal in columns; nil if the output is not a terminal, in which case text is not cut.
  var width: Int?

  /// Returns the text of a result, with a line break at its end.
  ///
  /// The switch is exhaustive, so a new format must be handled here before the code compiles.
  func text(of answer: Answer) throws -> String {
    switch format {
    case .table: try answer.page().text(width: width, style: style)
    case .json: try json(answer.json) + "\n"
    case .yaml: try YAMLText.of(try JSONValue(parsing: answer.json))
    }
  }

  /// The text between two results of one command.
  var separator: String {
    switch format {
    case .table: "\n"
    case .json: ""
    case .yaml: "---\n"
    }
  }

  /// Returns the JSON, indented on a terminal and unchanged otherwise.
  private func json(_ bytes: [UInt8]) throws -> String {
    guard width != nil else { return String(decoding: bytes, as: UTF8.self) }
    return try JSONValue(parsing: bytes).pretty().escapedForTerminal
  }
}
