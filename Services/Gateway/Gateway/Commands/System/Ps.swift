import ArgumentParser
import Contract
import LaunchModel
import Messaging

struct Ps: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "Show which services are up, and how far each lags.",
    discussion: """
      Exits 1 if a service or one of its replicas does not answer or cannot use its store, if the bus knows of damage to its log, \
      or if it rejected announcements.
      """,
    examples: [
      "gonogo ps",
      "gonogo ps --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let status = try await SystemStatus(of: session)
    try session.print(status)
    guard status.isWell else { throw GatewayError(.no) }
  }
}

/// The state of all services.
struct SystemStatus: Codable, Sendable, Hashable {
  /// The state of each replica.
  var services: [ServiceStatus]
  /// The time of the services' clock.
  var now: Timestamp?
  /// The simulated clock, `START@RATE#ANCHOR`, for example `2027-03-02T14:00:00Z@60#2026-01-05T10:00:00Z`; nil for the
  /// system clock.
  var clock: String?
  /// The pid of `gonogo up`; nil if the services were not started by it.
  var supervisor: Int?
}

/// The state of one replica of a service.
struct ServiceStatus: Codable, Sendable, Hashable {
  /// Whether a replica answers.
  enum Status: String, Codable, Sendable, Hashable, CaseIterable {
    case up, down
    /// The replica has a socket, but does not answer.
    case silent
  }

  /// The service, for example `tiering`.
  var name: ServiceName
  /// Whether it answers.
  var status: Status
  /// The replica's endpoint; nil if the service has only one replica.
  var endpoint: String?
  /// Whether it processes events and runs jobs, which only one replica does at a time; nil for the bus.
  var working: Bool?
  /// The process id on its host.
  var pid: Int?
  /// The version of gonogo that it was built from.
  var version: String?
  /// The number of events on the bus that it has not processed; nil for the bus itself.
  var lag: Int64?
  /// The time of its clock.
  var now: Timestamp?
  /// The setting of its clock, in the same form as the system's.
  var clock: String?
  /// The number of announcements that are not on the bus yet.
  var unsent: Int?
  /// The number of announcements that the bus rejected; they are kept, and sent again when the service starts.
  var refused: Int?
  /// How often in a row it ended soon after its start; nil if it runs normally.
  var restarts: Restarts?
  /// The damage that the bus has found in its log; nil for the services.
  var damage: [LogDamage]?
  /// The stored events since the bus started whose type begins with `dev.gonogo.signal.` but is not a known signal; nil
  /// for other services.
  var unknownSignals: [UnknownSignal]?
  /// Why it does not answer, or why its figures are missing, for example `tiering is not up`.
  var detail: String?
  /// Why its store cannot be used, with the database's reason, for example `PostgreSQL at db/gonogo cannot be reached`;
  /// nil if the store can be used.
  var outage: String?
}

extension SystemStatus {
  /// Whether every replica answers and can use its store, every sent announcement is on the bus, and the log has no
  /// known damage.
  var isWell: Bool { services.allSatisfy(\.isWell) }
}

extension ServiceStatus {
  fileprivate var isWell: Bool { status == .up && outage == nil && (damage ?? []).isEmpty && (refused ?? 0) == 0 }
}

extension SystemStatus {
  /// How long a service may take to answer before it counts as down.
  private static let patience = Duration.seconds(1)

  /// Asks all replicas of all services at once.
  ///
  /// - Throws: `CancellationError`. A service that does not answer is not an error but part of the result.
  init(of session: Session) async throws {
    services = try await withThrowingTaskGroup(of: [ServiceStatus].self) { group in
      for service in ServiceName.allCases {
        group.addTask { try await Self.replicas(of: service, session) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    services.sort { Self.order($0.name) < Self.order($1.name) }
    clock = services.compactMap(\.clock).first
    now = services.compactMap(\.now).max()
    do throws(GatewayError) {
      supervisor = try SupervisorFile(runFolder: session.settings.runFolder).holder().map { Int($0.pid) }
      if supervisor != nil { addRestarts(RestartLedger.current(runFolder: session.settings.runFolder)) }
    } catch {
      session.console.warning("cannot identify the supervisor: \(error.messages.joined(separator: "; "))")
    }
  }

  /// Adds the restarts that the supervisor has recorded to the replica on this host, which has no endpoint or is the
  /// first.
  private mutating func addRestarts(_ restarts: [Restarts]) {
    for entry in restarts {
      guard let index = services.firstIndex(where: { $0.name == entry.service }) else { continue }
      services[index].restarts = entry
    }
  }

  private static func order(_ name: ServiceName) -> Int { ServiceName.allCases.firstIndex(of: name) ?? 0 }

  private static func replicas(of service: ServiceName, _ session: Session) async throws -> [ServiceStatus] {
    let replicas: [(place: String, client: RPCClient)]
    do {
      replicas = try session.connections.replicas(of: service)
    } catch {
      return [ServiceStatus(name: service, status: .down, detail: error.messages.joined(separator: "; "))]
    }
    return try await withThrowingTaskGroup(of: (Int, ServiceStatus).self) { group in
      for (index, replica) in replicas.enumerated() {
        group.addTask {
          var status = try await Self.status(of: service, replica.client)
          if replicas.count > 1 { status.endpoint = replica.place }
          return (index, status)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private static func status(of service: ServiceName, _ client: RPCClient) async throws -> ServiceStatus {
    let ping: ServicePing
    do {
      ping = try await client.call(ServiceRoutes.ping(service), NoParameters(), timeout: patience)
    } catch let problem as Problem {
      let status: ServiceStatus.Status = ["timed-out", "not-answering"].contains(problem.code) ? .silent : .down
      return ServiceStatus(name: service, status: status, detail: problem.detail)
    }
    var status = ServiceStatus(
      name: service, status: .up, pid: ping.pid, version: ping.version, now: ping.now, clock: ping.clock)
    do {
      let stats = try await client.call(ServiceRoutes.stats(service), NoParameters(), timeout: patience)
      status.working = stats.consumer?.working
      status.lag = stats.consumer?.lag
      status.unsent = stats.outbox?.unsent
      status.refused = stats.outbox?.rejected
      status.damage = stats.damage
      status.outage = stats.outage
      if let outage = stats.outage {
        status.detail = "its store cannot be used: \(outage)"
      } else if let damage = stats.damage, !damage.isEmpty {
        status.detail = "the log is damaged: \(damage.summary)"
      }
      status.unknownSignals = stats.unknownSignals
    } catch let problem as Problem {
      // The service answers, so it is up, even if its figures do not arrive in time.
      status.detail = "no figures: \(problem.detail)"
    }
    return status
  }
}

extension SystemStatus: Displayable {
  func display(on page: inout Page) {
    var table = Table(columns: [
      .left("service"), .left("status"), .right("pid"), .left("version"), .right("lag"), .right("unsent"),
      .flexible("detail"),
    ])
    table.rows = services.map { service in
      [
        Text(service.name.rawValue), service.status.label, Text(service.pid), Text(service.version), Text(service.lag),
        service.outbox, service.remark,
      ]
    }
    page.table(table)
    if let clock, let now {
      page.paragraph(Text("Simulated clock: \(now.short) (\(clock))", .warning))
    }
  }
}

extension ServiceStatus {
  /// Why it does not answer; if there are several replicas, which one it is and whether it is the active one.
  fileprivate var remark: Text {
    if let restarts {
      let place = endpoint.map { "\($0): " } ?? ""
      return Text(place + restarts.summary(at: SystemClock().now()), .bad)
    }
    let tone: Text.Tone = status == .up && !isWell && detail != nil ? .bad : .faint
    guard let endpoint else { return Text(detail ?? "", tone) }
    let role: String? = working.map { $0 ? "active" : "standby" }
    return Text([endpoint, detail ?? role].compactMap(\.self).joined(separator: ": "), tone)
  }

  /// `0`, or `0 (2 rejected)`.
  fileprivate var outbox: Text {
    guard let refused, refused > 0 else { return Text(unsent) }
    return Text("\(unsent ?? 0) (\(refused) rejected)", .bad)
  }
}

extension ServiceStatus.Status {
  fileprivate var label: Text {
    switch self {
    case .up: Text(rawValue, .good)
    case .down, .silent: Text(rawValue, .bad)
    }
  }
}
