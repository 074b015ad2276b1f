import ArgumentParser
import Contract
import LaunchModel
import Messaging

struct Ping: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ping", abstract: "Check that a service responds.",
    examples: [
      "gonogo ping bus",
      "gonogo ping checklist --timeout 1",
    ])

  @Argument(help: "Service.") var service: ServiceName
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let client = try session.connections.client(of: service)
    let started = ContinuousClock.now
    do {
      let reply = try await client.call(
        method: ServiceRoutes.ping(service).method, timeout: session.timeout, idempotent: true)
      let milliseconds = (ContinuousClock.now - started) / .milliseconds(1)
      try session.print(try session.read(reply) as Reply<ServicePing>)
      session.console.note("answered in \(milliseconds.digits(1)) ms")
    } catch let problem as Problem {
      throw CallError(service: service, problem: problem)
    }
  }
}

extension ServicePing: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Service": Text(service.rawValue), "Pid": Text(pid), "Version": Text(version), "Now": Text(now),
      "Clock": clock.map { Text($0, .warning) },
    ])
  }
}
