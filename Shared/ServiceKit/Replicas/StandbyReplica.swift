import LaunchModel
import Logging
import Messaging
import Storage

/// Keeps the in-memory state of a replica up to date while another replica applies the events.
///
/// It applies no events. It reads the processed offset from the store and, if no event between that offset and the end
/// of the log concerns the service, advances to the end.
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
    var processed: Int64 = 0
    while !Task.isCancelled {
      let seen = environment.progress.demandCount
      do {
        processed = try await poll(after: processed)
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

  /// - Parameter known: the processed offset at the last poll.
  /// - Returns: the processed offset.
  private func poll(after known: Int64) async throws -> Int64 {
    let version = environment.rosterVersion
    let (processed, roster) = try await environment.database.read { [consumer, state = environment.state] db in
      (try ConsumerOffsets.offset(consumer, db), try RosterRepository.load(db, after: version, trusting: state))
    }
    if let roster { environment.adopt(roster) }
    // A store that lost transactions no longer has the events for which calls may wait.
    if processed < known {
      try await environment.rereadRoster()
      environment.progress.goBack(to: processed)
    }
    environment.progress.advance(to: processed)
    let reached = environment.progress.offset
    guard let wanted = environment.progress.wanted, wanted > reached else { return processed }
    let batch = try await environment.bus.fetch(after: reached, types: types, max: 1)
    if batch.events.isEmpty { environment.progress.advance(to: batch.head) }
    return processed
  }
}
