import LaunchModel
import Logging
import Messaging
import Storage

/// Keeps what a replica remembers of the store in step with it while another applies the events.
///
/// It applies nothing. How far events have had their effect is read from the store; and where none that concerns the service
/// stands between there and the end of the log, up to there.
struct StandbyReplica: Sendable {
  let environment: ServiceEnvironment
  let consumer: String
  /// Prefixes of the types that concern the service.
  let types: [String]
  /// Between looks, while nobody waits at the gate. Default 500 ms.
  var idle = Duration.milliseconds(500)
  /// Between looks, while somebody does. Default 20 ms.
  var hurry = Duration.milliseconds(20)

  /// Looks until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let seen = environment.gate.demandCount
      do {
        try await look()
        try await pause(after: seen)
      } catch is CancellationError {
        return
      } catch {
        environment.logger.debug("the store or the bus cannot be looked at", metadata: ["error": "\(error)"])
        do { try await Task.sleep(for: idle) } catch { return }
      }
    }
  }

  private func pause(after seen: Int64) async throws {
    if environment.gate.wanted == nil {
      try await environment.gate.demand(after: seen, until: .now + idle)
    } else {
      try await Task.sleep(for: hurry)
    }
  }

  private func look() async throws {
    let version = environment.rosterVersion
    let (processed, roster) = try await environment.database.read { [consumer] db in
      (try ConsumerOffsets.offset(consumer, db), try RosterRepository.load(db, after: version))
    }
    if let roster { environment.adopt(roster) }
    environment.gate.advance(to: processed)
    let reached = environment.gate.offset
    guard let wanted = environment.gate.wanted, wanted > reached else { return }
    let batch = try await environment.bus.fetch(after: reached, types: types, max: 1)
    if batch.events.isEmpty { environment.gate.advance(to: batch.head) }
  }
}
