import ArgumentParser
import JSON
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

/// A short text with a tone, which a terminal shows as a colour.
struct Text: Sendable, Hashable, ExpressibleByStringInterpolation {
  /// What a text means to the reader, such as good or bad news.
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
  /// No control sequences at all.
  case plain
  /// ANSI colours.
  case coloured

  /// The text with the control sequences of its tone, if the style has any.
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

/// A result as a service returned it, and as a person sees it.
struct Answer: Sendable {
  /// The JSON, byte for byte.
  var json: [UInt8]
  /// Assembled only if it is needed.
  var page: @Sendable () throws -> Page
}

/// Renders results as text; the only place that knows the formats.
struct Renderer: Sendable, Hashable {
  var format: OutputFormat
  var style: Style
  /// The columns of the terminal; nil if the text goes elsewhere and is not cut.
  var width: Int?

  /// The text of a result, with a line break at its end.
  ///
  /// The switch is exhaustive, so that a new format does not compile until it is handled.
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

  /// The JSON, indented on a terminal and unchanged elsewhere.
  private func json(_ bytes: [UInt8]) throws -> String {
    guard width != nil else { return String(decoding: bytes, as: UTF8.self) }
    return try JSONValue(parsing: bytes).pretty().escapedForTerminal
  }
}
