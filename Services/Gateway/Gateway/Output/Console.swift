import Glibc

/// Where a command's output goes: results to stdout, everything said about them to stderr.
struct Console: Sendable {
  var output: Terminal
  var diagnostics: Terminal
  /// Whether remarks are left out; errors never are.
  var isQuiet: Bool

  /// Writes a result's text as it is.
  func write(_ text: String) { output.write(text) }

  /// Something worth knowing that changes nothing of the result.
  func note(_ text: String) {
    if !isQuiet { diagnostics.writeLine(text) }
  }

  /// Something that the reader should act upon.
  func warning(_ text: String) {
    if !isQuiet { diagnostics.writeLine(diagnostics.style.apply(.warning, to: "warning:") + " " + text) }
  }

  /// What is wrong in an input, with its place.
  func fault(_ text: String) { diagnostics.writeLine(text) }

  /// Whether something that takes long may say how far it is.
  var showsProgress: Bool { !isQuiet && diagnostics.width != nil }

  /// Why a command failed.
  func error(_ text: String) {
    diagnostics.writeLine(diagnostics.style.apply(.bad, to: "error:") + " " + text)
  }
}

/// One of the process's output streams.
struct Terminal: Sendable, Hashable {
  var descriptor: CInt
  /// The columns where it is a terminal, else nil.
  var width: Int?
  var style: Style

  /// Looks at the stream; colour only on a terminal that can show it, and unless `NO_COLOR` is set (no-color.org).
  init(descriptor: CInt, allowsColour: Bool, environment: ProcessEnvironment) {
    self.descriptor = descriptor
    let isTerminal = isatty(descriptor) == 1
    width = isTerminal ? Self.columns(of: descriptor) : nil
    let canShowIt = environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    style = isTerminal && allowsColour && canShowIt ? .coloured : .plain
  }

  /// A stream that is no terminal, or one that is taken for one of that width.
  init(descriptor: CInt, width: Int? = nil, style: Style = .plain) {
    self.descriptor = descriptor
    self.width = width
    self.style = style
  }

  /// Where what is written is dropped.
  static let nowhere = Terminal(descriptor: -1)

  /// Writes all of it; what cannot be written because nobody reads any more is dropped.
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
