import ArgumentParser
import LaunchModel

/// Tells a story on the terminal, and runs the commands it is about as a reader would type them.
struct DemoNarrator: Sendable {
  let console: Console
  /// The folder of the sockets that the commands go to.
  let runFolder: String

  /// Prose is not wider than this.
  private static let measure = 88

  /// Begins a part of the story.
  func chapter(_ date: String, _ title: String) {
    let rule = String(repeating: "─", count: max(4, Self.measure - date.displayWidth - title.displayWidth - 8))
    console.write("\n" + console.output.style.apply(.strong, to: "── \(date)  \(title) \(rule)") + "\n\n")
  }

  /// Tells, in a paragraph.
  func say(_ text: String) {
    var page = Page()
    page.paragraph(Text(text))
    let width = min(Self.measure, console.output.width ?? Self.measure)
    console.write(page.text(width: width, style: console.output.style) + "\n")
  }

  /// Runs a command, shown as it would be typed, for a person where one is named.
  ///
  /// - Parameters:
  ///   - silently: whether its own output is left out.
  ///   - place: of how many that are alike it is which, from 0; the first is shown for all of them.
  ///   - expected: the exit status that the story goes on with.
  /// - Throws: `GatewayError` where the command ends otherwise.
  func run(
    _ words: String..., as person: PersonID? = nil, silently: Bool = false, place: (index: Int, count: Int) = (0, 1),
    expecting expected: ExitStatus = .success
  ) async throws {
    let spoken = words + (person.map { ["--on-behalf-of", $0] } ?? [])
    let line = Self.typed(["gonogo"] + spoken)
    if place.index == 0 {
      let prompt = console.output.style.apply(.faint, to: "$")
      console.write("\(prompt) \(console.output.style.apply(.strong, to: line))\n")
      if place.count > 1 { console.write("… and \(place.count - 1) more like it\n") }
    }
    let ending = await ending(of: spoken + ["--run-dir", runFolder, "--timeout", "20"], silently: silently)
    console.diagnostics.write(ending.text)
    guard ending.status == expected.rawValue else {
      throw GatewayError(
        .no, "the demo stops here: \(line) was to end with \(expected.rawValue), not \(ending.status)")
    }
    if expected != .success {
      console.write(console.output.style.apply(.faint, to: "(exit status \(ending.status))") + "\n")
    }
    if place.index == 0 { console.write("\n") }
  }

  /// Runs a command as its own process would.
  private func ending(of arguments: [String], silently: Bool) async -> CommandOutcome {
    do {
      guard let command = try Gonogo.parseAsRoot(arguments) as? any GatewayCommand else {
        return CommandOutcome(GatewayError(.usage, "no such command"))
      }
      var session = try Session(command.global)
      session.console = console
      if silently { session.console.output = .nowhere }
      session.renderer.style = console.output.style
      try await command.run(closing: session)
      return CommandOutcome(ExitCode.success)
    } catch {
      return CommandOutcome(error)
    }
  }

  /// The words as a shell would want them.
  private static func typed(_ words: [String]) -> String {
    words.map { word in
      let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:@=,".contains($0) }
      return isPlain && !word.isEmpty ? word : "'\(word)'"
    }.joined(separator: " ")
  }
}
