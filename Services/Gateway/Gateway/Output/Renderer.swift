import ArgumentParser
import JSON
import StandardStreams

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
