import Glibc
import StandardStreams

/// Where a command prints: results to stdout, everything else to stderr.
struct Console: Sendable {
  var output: Terminal
  var diagnostics: Terminal
  /// Whether notes and warnings are suppressed; errors never are.
  var isQuiet: Bool

  /// Writes a result's text unchanged.
  func write(_ text: String) { output.write(text) }

  /// Prints useful information that does not affect the result.
  func note(_ text: String) {
    if !isQuiet { diagnostics.writeLine(text.printableLines) }
  }

  /// Prints something that the reader should act on.
  func warning(_ text: String) {
    if !isQuiet { diagnostics.writeLine(diagnostics.style.apply(.warning, to: "warning:") + " " + text.printableLines) }
  }

  /// Prints an error in an input, with its location.
  func fault(_ text: String) { diagnostics.writeLine(text.printableLines) }

  /// Whether a long operation shows its progress.
  var showsProgress: Bool { !isQuiet && diagnostics.width != nil }

  /// Whether standard input is a terminal.
  var canAsk: Bool { isatty(0) == 1 }

  /// Asks the person at the terminal a question.
  ///
  /// - Returns: whether the answer is yes.
  /// - Throws: `GatewayError` of kind usage if standard input is not a terminal.
  func confirm(_ question: String) throws(GatewayError) -> Bool {
    guard canAsk else {
      throw GatewayError(
        .usage, "not a terminal: pass --yes to apply, or --dry-run to preview. Nothing was changed.")
    }
    diagnostics.write("\(question.printableLines) [y/N] ")
    let answer = readLine()?.lowercased() ?? ""
    return answer == "y" || answer == "yes"
  }
}

/// One of the process's output streams, and what its reader can display.
struct Terminal: Sendable {
  var stream: TextStream
  /// The width of the terminal in columns; nil if the stream is not a terminal.
  var width: Int?
  var style: Style

  /// Inspects the stream. Colours require a terminal that can show them, and `NO_COLOR` must be unset (no-color.org).
  init(_ stream: TextStream, allowsColour: Bool, environment: ProcessEnvironment) {
    self.stream = stream
    let isTerminal = isatty(stream.descriptor) == 1
    width = isTerminal ? Self.size(of: stream.descriptor).columns : nil
    let canShowIt = environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    style = isTerminal && allowsColour && canShowIt ? .coloured : .plain
  }

  /// Creates a stream that is not a terminal, or is treated as a terminal of the given width.
  init(_ stream: TextStream, width: Int? = nil, style: Style = .plain) {
    self.stream = stream
    self.width = width
    self.style = style
  }

  /// A stream that discards everything.
  static let nowhere = Terminal(.nowhere)

  /// Whether nothing more can be written; a command that prints until it is interrupted should then stop.
  var isBroken: Bool { stream.failure != nil }

  /// Writes the whole text. A failure is reported when the process ends (`CommandOutcome.report`).
  func write(_ text: String) { stream.write(text) }

  func writeLine(_ text: String) { stream.writeLine(text) }

  /// The columns and rows of a terminal.
  struct Size: Sendable, Hashable {
    var columns: Int
    var rows: Int
  }

  /// The current size of the terminal; nil if the stream is not a terminal.
  var size: Size? { isatty(stream.descriptor) == 1 ? Self.size(of: stream.descriptor) : nil }

  private static func size(of descriptor: CInt) -> Size {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return Size(columns: 80, rows: 24) }
    return Size(columns: Int(size.ws_col), rows: size.ws_row > 0 ? Int(size.ws_row) : 24)
  }
}
