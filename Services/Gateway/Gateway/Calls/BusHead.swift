import LaunchModel
import Synchronization

/// The bus's head, which a command asks for once, so that its calls see everything that was stored before it began.
///
/// It is asked for again before a call to a service that has to hear of a change which the command made in another one:
/// a change is answered when its events are on the bus, beyond the head that is known.
final class BusHead: Sendable {
  /// Where the bus is.
  enum Position: Sendable, Equatable {
    case at(Int64)
    /// The bus did not answer in time.
    case unknown
    /// The bus itself is called, or it refuses to answer the caller, and so will the service.
    case unneeded

    /// The head; nil if it is not known.
    var offset: Int64? { if case .at(let offset) = self { offset } else { nil } }
  }

  /// How long a head is good for.
  enum Lifetime: Sendable {
    /// For all calls of a command, apart from the command's own changes.
    case command
    /// For one call: what waits for something to happen asks before each call.
    case call
  }

  private struct State {
    var lookUp: Task<Position, any Error>?
    /// The services in which the command has changed something since the look-up.
    var changed: Set<ServiceName> = []
  }

  private let lifetime: Lifetime
  private let state = Mutex(State())

  init(lifetime: Lifetime = .command) { self.lifetime = lifetime }

  /// The position that a call to the service has to come after.
  ///
  /// - Parameter ask: asks the bus; calls at the same time share one look-up.
  /// - Throws: what `ask` throws.
  func position(
    for service: ServiceName, asking ask: @escaping @Sendable () async throws -> Position
  ) async throws -> Position {
    let lookUp = state.withLock { state in
      if let lookUp = state.lookUp, lifetime == .command, state.changed.isSubset(of: [service]) { return lookUp }
      let lookUp = Task { try await ask() }
      state = State(lookUp: lookUp)
      return lookUp
    }
    return try await lookUp.value
  }

  /// Notes that the command has, or may have, changed something in the service.
  func noteChange(in service: ServiceName) { state.withLock { _ = $0.changed.insert(service) } }
}
