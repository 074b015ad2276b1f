import ArgumentParser
import Contract
import FoundationEssentials
import LaunchModel
import Messaging

/// The demo's environment: a folder with a configuration, and a system that is restarted for each date.
struct DemoStage: Sendable {
  let session: Session
  let folder: String

  /// The rate of the simulated clock: fast enough that recorded times differ, slow enough that a scene fits into a day.
  private static let rate = "60"

  /// The folder of the sockets.
  var runFolder: String { session.settings.runFolder }

  /// Plays a scene on a system whose clock starts at the scene's date.
  ///
  /// - Parameter keepingUp: whether the system keeps running afterwards.
  /// - Throws: the scene's error; `GatewayError` if the system does not start.
  func play(_ scene: DemoScript.Scene, keepingUp: Bool = false) async throws {
    var settings = session.settings
    settings.clock = try ScaledClock.setting("\(scene.date)@\(Self.rate)", anchoredAt: SystemClock().now())
    // The demo's commands change things between the calls of this session.
    var session = session.polling()
    session.settings = settings
    session.timeout = .seconds(20)
    session.onBehalfOf = nil
    session.console.isQuiet = true
    session.connections = ServiceConnections(settings: settings)
    let connections = session.connections
    let part = DemoPart(
      session: session, folder: folder, story: DemoNarrator(console: self.session.console, runFolder: runFolder))
    let supervisor = DetachedSupervisor(settings: settings, connections: connections)
    do {
      try await supervisor.withRunning(keepingUp: keepingUp) { try await scene.play(part) }
    } catch {
      await connections.close()
      throw error
    }
    await connections.close()
  }
}

/// The tools that a scene of the demo uses.
struct DemoPart: Sendable {
  let session: Session
  let folder: String
  let story: DemoNarrator

  /// The path of a file in the demo's folder.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes events to a file, one per line.
  func write(_ events: [CloudEvent], to name: String) throws {
    let lines = events.map { String(decoding: $0.encoded(), as: UTF8.self) + "\n" }
    try ConfigurationFile(name: name, purpose: "events", content: lines.joined()).write(in: folder)
  }

  /// Repeats the call until the answer satisfies the condition.
  ///
  /// - Throws: `GatewayError` if that does not happen within a minute.
  func wait<Parameters, Output>(
    for what: String, _ route: Route<Parameters, Output>, _ parameters: Parameters,
    until condition: (Output) -> Bool
  ) async throws -> Output {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      do {
        let reply = try await session.call(route, parameters)
        if condition(reply.value) { return reply.value }
      } catch let failure as CallError where failure.problem.kind == .notFound || failure.problem.retryable {
        // The thing may not exist yet; the demo waits for it.
      }
      guard ContinuousClock.now < deadline else {
        throw GatewayError(.timedOut, "the demo timed out after 60 s waiting for \(what)")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}

extension DemoPart {
  /// Waits until the bus has an event of a type.
  ///
  /// - Throws: `GatewayError` if there is none within a minute.
  func wait(forEvent type: String) async throws {
    let bus = BusClient(client: try session.connections.client(of: .bus))
    for _ in 1...2 {
      guard try await bus.fetch(after: 0, types: [type], max: 1, wait: .seconds(30)).events.isEmpty else { return }
    }
    throw GatewayError(.timedOut, "the demo timed out after 60 s waiting for an event of type \(type)")
  }
}

/// Narrates the demo on the terminal, and runs its commands as a reader would type them.
struct DemoNarrator: Sendable {
  let console: Console
  /// The folder of the sockets that the commands use.
  let runFolder: String

  /// The maximum width of prose.
  private static let measure = 88

  /// Starts a chapter.
  func chapter(_ date: String, _ title: String) {
    let rule = String(repeating: "─", count: max(4, Self.measure - date.displayWidth - title.displayWidth - 8))
    console.write("\n" + console.output.style.apply(.strong, to: "── \(date)  \(title) \(rule)") + "\n\n")
  }

  /// Prints a paragraph.
  func tell(_ text: String) {
    var page = Page()
    page.paragraph(Text(text))
    let width = min(Self.measure, console.output.width ?? Self.measure)
    console.write(page.text(width: width, style: console.output.style) + "\n")
  }

  /// Runs a command on behalf of a person, if one is named, and shows it as it would be typed.
  ///
  /// - Parameters:
  /// - silently: whether the command's own output is omitted.
  /// - place: the command's index in a series of similar commands, of which only the first is shown.
  ///   - expected: the exit status that the demo expects.
  /// - Throws: `GatewayError` if the command ends with another status.
  func run(
    _ words: String..., as person: PersonID? = nil, silently: Bool = false, place: (index: Int, count: Int) = (0, 1),
    expecting expected: ExitStatus = .success
  ) async throws {
    let typed = words + (person.map { ["--on-behalf-of", $0] } ?? [])
    let line = ShellText.line(["gonogo"] + typed)
    if place.index == 0 {
      let prompt = console.output.style.apply(.faint, to: "$")
      console.write("\(prompt) \(console.output.style.apply(.strong, to: line))\n")
      if place.count > 1 { console.write("… and \(place.count - 1) more like it\n") }
    }
    let outcome = await outcome(of: typed + ["--run-dir", runFolder, "--timeout", "20"], silently: silently)
    console.diagnostics.write(outcome.text)
    guard outcome.status == expected.rawValue else {
      throw GatewayError(
        .no, "the demo stopped: \(line) exited \(outcome.status) instead of \(expected.rawValue)")
    }
    if expected != .success {
      console.write(console.output.style.apply(.faint, to: "(exit status \(outcome.status))") + "\n")
    }
    if place.index == 0 { console.write("\n") }
  }

  /// Runs a command as its own process would.
  private func outcome(of arguments: [String], silently: Bool) async -> CommandOutcome {
    do {
      guard let command = try Gonogo.parseAsRoot(arguments) as? any GatewayCommand else {
        return CommandOutcome(GatewayError(.usage, "not a command of the demo: \(arguments.joined(separator: " "))"))
      }
      var session = try Session(command.global)
      session.console = console
      if silently { session.console.output = .nowhere }
      session.renderer.style = console.output.style
      try await command.run(closing: session)
      return .success
    } catch {
      return CommandOutcome(error)
    }
  }
}
