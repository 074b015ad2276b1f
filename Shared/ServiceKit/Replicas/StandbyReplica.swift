import LaunchModel
import Logging
import Messaging
import Storage

/// Keeps the in-memory state of a replica up to date while another replica applies the events.
///
/// It applies nothing itself. It reads the processed offset from the store. If no event that concerns the service lies
/// between that offset and the end of the log, it advances to the end.
struct StandbyReplica: Sendable {
  let environment: ServiceEnvironment
  let consumer: String
  /// Prefixes of the event types that concern the service.
  let types: [String]
  /// The pause between polls while no call waits for an offset. Default 500 ms.
  var pollInterval = Duration.milliseconds(500)
  /// The pause between polls while a call waits. Default 20 ms.
  var pollIntervalWhileAwaited = Duration.milliseconds(20)

  /// Polls until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let seen = environment.progress.demandCount
      do {
        try await poll()
        try await pause(after: seen)
      } catch is CancellationError {
        return
      } catch {
        environment.logger.debug("standby poll failed", metadata: ["error": "\(error)"])
        do { try await Task.sleep(for: pollInterval) } catch { return }
      }
    }
  }

  private func pause(after seen: Int64) async throws {
    if environment.progress.wanted == nil {
      try await environment.progress.demand(after: seen, until: .now + pollInterval)
    } else {
      try await Task.sleep(for: pollIntervalWhileAwaited)
    }
  }

  private func poll() async throws {
    let version = environment.rosterVersion
    let (processed, roster) = try await environment.database.read { [consumer] db in
      (try ConsumerOffsets.offset(consumer, db), try RosterRepository.load(db, after: version))
    }
    if let roster { environment.adopt(roster) }
    environment.progress.advance(to: processed)
    let reached = environment.progress.offset
    guard let wanted = environment.progress.wanted, wanted > reached else { return }
    let batch = try await environment.bus.fetch(after: reached, types: types, max: 1)
    if batch.events.isEmpty { environment.progress.advance(to: batch.head) }
  }
}
