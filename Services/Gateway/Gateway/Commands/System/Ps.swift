import ArgumentParser
import Contract
import LaunchModel
import Messaging

struct Ps: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "Show which services answer, and how far each has followed the bus.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try session.print(await SystemStatus(of: session))
  }
}

struct Ping: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "ping", abstract: "Ask a service for a sign of life.")

  @Argument(help: "bus, tiering, checklist, metrics or review.") var service: ServiceName
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

extension SystemStatus {
  /// How long a service may take before it counts as down.
  private static let patience = Duration.seconds(1)

  /// Asks every replica of every service at once.
  init(of session: Session) async {
    services = await withTaskGroup(of: [ServiceStatus].self) { group in
      for service in ServiceName.allCases {
        group.addTask { await Self.replicas(of: service, session) }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    services.sort { Self.order($0.name) < Self.order($1.name) }
    clock = services.compactMap(\.clock).first
    now = services.compactMap(\.now).max()
    // A file that cannot be read names no supervisor; `gonogo down` reports what is wrong with it.
    supervisor = try? SupervisorFile(runFolder: session.settings.runFolder).holder().map { Int($0.pid) }
  }

  private static func order(_ name: ServiceName) -> Int { ServiceName.allCases.firstIndex(of: name) ?? 0 }

  private static func replicas(of service: ServiceName, _ session: Session) async -> [ServiceStatus] {
    let replicas: [(place: String, client: RPCClient)]
    do {
      replicas = try session.connections.replicas(of: service)
    } catch {
      return [ServiceStatus(name: service, status: .down, detail: error.messages.joined(separator: "; "))]
    }
    return await withTaskGroup(of: (Int, ServiceStatus).self) { group in
      for (index, replica) in replicas.enumerated() {
        group.addTask {
          var status = await Self.status(of: service, replica.client)
          if replicas.count > 1 { status.endpoint = replica.place }
          return (index, status)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private static func status(of service: ServiceName, _ client: RPCClient) async -> ServiceStatus {
    do {
      let ping = try await client.call(ServiceRoutes.ping(service), NoParameters(), timeout: patience)
      // A service that answers is up, even if its statistics are late.
      let stats = try? await client.call(ServiceRoutes.stats(service), NoParameters(), timeout: patience)
      return ServiceStatus(
        name: service, status: .up, working: stats?.consumer?.working, pid: ping.pid, version: ping.version,
        lag: stats?.consumer?.lag, now: ping.now, clock: ping.clock, unsent: stats?.outbox?.unsent,
        refused: stats?.outbox?.rejected)
    } catch let problem as Problem {
      let status: ServiceStatus.Status = problem.code == "timed-out" ? .silent : .down
      return ServiceStatus(name: service, status: status, detail: problem.detail)
    } catch {
      return ServiceStatus(name: service, status: .down, detail: "\(error)")
    }
  }
}
