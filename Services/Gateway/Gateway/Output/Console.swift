import Glibc

/// Where a command prints: results to stdout, everything else to stderr.
struct Console: Sendable {
  var output: Terminal
  var diagnostics: Terminal
  /// Whether notes and warnings are suppressed; errors never are.
  var isQuiet: Bool

  /// Writes a result's text unchanged.
  func write(_ text: String) { output.write(text) }

  /// Prints something worth knowing that does not change the result.
  func note(_ text: String) {
    if !isQuiet { diagnostics.writeLine(text) }
  }

  /// Prints something that the reader should act upon.
  func warning(_ text: String) {
    if !isQuiet { diagnostics.writeLine(diagnostics.style.apply(.warning, to: "warning:") + " " + text) }
  }

  /// Prints an error in an input, with its place.
  func fault(_ text: String) { diagnostics.writeLine(text) }

  /// Whether a long operation shows its progress.
  var showsProgress: Bool { !isQuiet && diagnostics.width != nil }

  /// Asks the person at the terminal a question.
  ///
  /// - Returns: whether the answer is yes.
  /// - Throws: `GatewayError` of kind usage if standard input is not a terminal.
  func confirm(_ question: String) throws(GatewayError) -> Bool {
    guard isatty(0) == 1 else {
      throw GatewayError(
        .usage, "not a terminal: pass --yes to apply, or --dry-run to preview. Nothing was changed.")
    }
    diagnostics.write("\(question) [y/N] ")
    let answer = readLine()?.lowercased() ?? ""
    return answer == "y" || answer == "yes"
  }
}

/// One of the process's output streams.
struct Terminal: Sendable, Hashable {
  var descriptor: CInt
  /// The columns of a terminal; nil if it is something else.
  var width: Int?
  var style: Style

  /// Inspects the stream. Colours need a terminal that can show them, and `NO_COLOR` unset (no-color.org).
  init(descriptor: CInt, allowsColour: Bool, environment: ProcessEnvironment) {
    self.descriptor = descriptor
    let isTerminal = isatty(descriptor) == 1
    width = isTerminal ? Self.columns(of: descriptor) : nil
    let canShowIt = environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    style = isTerminal && allowsColour && canShowIt ? .coloured : .plain
  }

  /// A stream that is not a terminal, or that is treated as one of the given width.
  init(descriptor: CInt, width: Int? = nil, style: Style = .plain) {
    self.descriptor = descriptor
    self.width = width
    self.style = style
  }

  /// A stream that drops everything.
  static let nowhere = Terminal(descriptor: -1)

  /// Writes all of the text; drops the rest if nobody reads any more.
  func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if written == 0 || errno != EINTR {
        return
      }
    }
  }

  func writeLine(_ text: String) { write(text + "\n") }

  private static func columns(of descriptor: CInt) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
