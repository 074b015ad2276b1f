import Logging
import Messaging
import ServiceLifecycle
import UnixSignals

/// What a service runs side by side, ended in the reverse order: first no more calls, at last no more announcements.
enum ServiceTasks {
  static func run<Service: DomainService>(
    _ runtime: ServiceRuntime<Service>, server: RPCServer, bus: BusClient, logger: Logger
  ) async throws {
    let environment = runtime.environment
    let consumer = EventConsumer(
      name: ServiceRuntime<Service>.consumer, types: runtime.subscriptions, bus: bus, effects: runtime.effects,
      gate: environment.gate, logger: logger)
    let work = LeasedTasks(
      keeper: LeaseKeeper(database: environment.database, holder: runtime.identity.instance, logger: logger),
      consumer: consumer, sweeps: runtime.service.sweeps, environment: environment,
      standBy: StandBy(environment: environment, consumer: consumer.name, types: runtime.subscriptions))
    let services: [any ServiceLifecycle.Service] = [
      UntilShutdown("outbox relay") { try await runtime.relayAnnouncements() },
      UntilShutdown("events and sweeps") { try await work.run() },
      ServingCalls(server: server),
    ]
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Runs something until shutdown, by cancelling it.
private struct UntilShutdown: ServiceLifecycle.Service, CustomStringConvertible {
  /// For the lifecycle's log.
  let description: String
  let body: @Sendable () async throws -> Void

  init(_ description: String, _ body: @escaping @Sendable () async throws -> Void) {
    self.description = description
    self.body = body
  }

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown { try await body() }
    } catch is CancellationError {
      // That is how it is told to end.
    }
  }
}

/// Serves calls until shutdown, and answers those taken up before it returns.
private struct ServingCalls: ServiceLifecycle.Service, CustomStringConvertible {
  let server: RPCServer

  var description: String { "calls" }

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await server.run()
    } onGracefulShutdown: {
      server.beginShutdown()
    }
  }
}
