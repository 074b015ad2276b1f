import FoundationEssentials
import Contract
import LaunchModel
import Messaging

/// Where the demo plays: a folder with a configuration, and a system that is started anew for each date.
struct DemoStage: Sendable {
  let session: Session
  let folder: String

  /// Fast enough that the times on record differ, slow enough that a day is long.
  private static let rate = "60"

  /// The folder of the sockets.
  var runFolder: String { session.settings.runFolder }

  /// Plays a part of the story with the system's clock at that moment.
  ///
  /// - Throws: what the part throws; `GatewayError` where the system does not come up.
  func play(from moment: String, _ part: @escaping @Sendable (DemoPart) async throws -> Void) async throws {
    var settings = session.settings
    settings.clock = try ScaledClock.setting("\(moment)@\(Self.rate)", anchoredAt: SystemClock().now())
    // The commands of the story change things between the calls of this session.
    var session = session.polling()
    session.settings = settings
    session.timeout = .seconds(20)
    session.onBehalfOf = nil
    session.console.isQuiet = true
    session.connections = ServiceConnections(settings: settings)
    let connections = session.connections
    let demoPart = DemoPart(
      session: session, folder: folder, story: DemoNarrator(console: self.session.console, runFolder: runFolder))
    let supervisor = DetachedSupervisor(settings: settings, connections: connections)
    do {
      try await supervisor.withRunning { try await part(demoPart) }
    } catch {
      await connections.close()
      throw error
    }
    await connections.close()
  }
}

/// What a part of the demo's story works with.
struct DemoPart: Sendable {
  let session: Session
  let folder: String
  let story: DemoNarrator

  /// The path of a file of the demo's folder.
  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes events to a file, one a line.
  func write(_ events: [CloudEvent], to name: String) throws {
    let lines = events.map { String(decoding: $0.encoded(), as: UTF8.self) + "\n" }
    try ConfigurationFile(name: name, purpose: "events", content: lines.joined()).write(in: folder)
  }

  /// Asks until the answer is what the story waits for.
  ///
  /// - Throws: `GatewayError` where it is not within half a minute.
  func wait<Parameters, Output>(
    for what: String, _ route: Route<Parameters, Output>, _ parameters: Parameters,
    until isSo: (Output) -> Bool
  ) async throws -> Output {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        let reply = try await session.call(route, parameters)
        if isSo(reply.value) { return reply.value }
      } catch let failure as CallError where failure.problem.kind == .notFound || failure.problem.retryable {
        // It may not have come about yet, which is what is waited for.
      }
      guard ContinuousClock.now < deadline else { throw GatewayError(.timedOut, "the demo waited in vain for \(what)") }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
