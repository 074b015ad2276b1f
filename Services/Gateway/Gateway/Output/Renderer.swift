import JSON

/// A result as a service gave it: its JSON, and what a person is shown of it.
struct Answer: Sendable {
  /// The JSON, byte for byte.
  var json: [UInt8]
  /// Assembled only where it is asked for.
  var page: @Sendable () throws -> Page
}

/// Turns results into text; the only place that knows the formats.
struct Renderer: Sendable, Hashable {
  var format: OutputFormat
  var style: Style
  /// The columns of the terminal; nil where the text goes elsewhere, and nothing is cut.
  var width: Int?

  /// The text of a result, with a line break at its end.
  ///
  /// A new format is a compile error here until it is given its text.
  func text(of answer: Answer) throws -> String {
    switch format {
    case .table: try answer.page().text(width: width, style: style)
    case .json: try json(answer.json) + "\n"
    case .yaml: try YAMLText.of(try JSONValue(parsing: answer.json))
    }
  }

  /// What stands between two results of one command.
  var separator: String {
    switch format {
    case .table: "\n"
    case .json: ""
    case .yaml: "---\n"
    }
  }

  /// Indented for a person at a terminal, else as it came.
  private func json(_ bytes: [UInt8]) throws -> String {
    guard width != nil else { return String(decoding: bytes, as: UTF8.self) }
    return try JSONValue(parsing: bytes).pretty()
  }
}
