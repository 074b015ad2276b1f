import ArgumentParser
import Contract
import Glibc
import LaunchModel

struct Down: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "down", abstract: "Stop what gonogo up started in this run folder.",
    discussion: "Also stops services that a killed supervisor left behind.",
    examples: [
      "gonogo down",
      "gonogo down --run-dir run",
    ])

  @OptionGroup var global: GlobalOptions

  /// How long all processes together may take to stop.
  private static let patience = Duration.seconds(40)

  func run(in session: Session) async throws {
    let file = SupervisorFile(runFolder: session.settings.runFolder)
    let supervisor = try file.holder()
    if let supervisor {
      guard kill(supervisor.pid, SIGTERM) == 0 else {
        throw GatewayError(
          .forbidden, "this user may not stop the supervisor (pid \(supervisor.pid)); run gonogo down as its owner")
      }
      try await waitFor("the supervisor (pid \(supervisor.pid)) to stop") { try !file.isHeld() }
    }
    let orphans = try await stopOrphans(session)
    guard supervisor != nil || orphans > 0 else {
      session.console.note("nothing is running in \(session.settings.runFolder)")
      return
    }
    session.console.note("stopped")
  }

  /// Stops services that a killed supervisor left running; each is found through its own socket.
  private func stopOrphans(_ session: Session) async throws -> Int {
    var stopped = 0
    for service in ServiceName.allCases.reversed() {
      guard let ping = try await session.connections.answer(of: service, within: .milliseconds(500)),
        let process = ProcessRecord(pid: Int32(ping.pid)), process.executable == "gonogo-\(service.rawValue)"
      else { continue }
      session.console.note("\(service.rawValue) (pid \(process.pid)) runs without a supervisor; stopping it")
      guard kill(process.pid, SIGTERM) == 0 else { continue }
      try await waitFor("\(service.rawValue) (pid \(process.pid)) to stop") {
        ProcessRecord(pid: process.pid) != process
      }
      stopped += 1
    }
    return stopped
  }

  private func waitFor(_ what: String, _ condition: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + Self.patience
    while try !condition() {
      guard ContinuousClock.now < deadline else {
        throw GatewayError(.timedOut, "timed out after \(Self.patience.short) waiting for \(what)")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
