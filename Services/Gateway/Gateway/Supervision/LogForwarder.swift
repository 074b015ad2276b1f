/// Puts what the processes log on stderr, each line with the name of its process.
struct LogForwarder: Sendable {
  let terminal: Terminal

  /// Wide enough for every name.
  private static let width = 9

  func forward(_ line: String, from name: String) {
    let padding = String(repeating: " ", count: max(0, Self.width - name.count))
    terminal.writeLine(terminal.style.apply(.faint, to: "\(name)\(padding) |") + " \(line)")
  }

  /// Something that the supervisor itself has to say.
  func say(_ text: String, _ tone: Text.Tone = .plain) {
    forward(terminal.style.apply(tone, to: text), from: "gonogo")
  }
}
