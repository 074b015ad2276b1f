import Contract
import LaunchModel
import Logging
import Messaging
import Storage
import Synchronization

/// Publishes the events in the outbox, in order: after every commit, and for as long as any are unsent.
final class OutboxRelay: Sendable {
  private static let batch = 256
  /// The pause between passes without a wake-up, which limits the delay if a wake-up is missed or the bus returns.
  private static let idle = Duration.seconds(5)
  private static let backOff = [Duration.milliseconds(100), .milliseconds(300), .seconds(1), .seconds(2)]

  private let database: any Database
  private let bus: any EventBus
  private let logger: Logger
  /// Counts the wake-ups.
  private let wakeUps = MonotonicCounter()
  /// The outbox position up to which all events are on the bus.
  private let sent = MonotonicCounter()
  private let lastRefusal = Mutex<Problem?>(nil)

  init(database: any Database, bus: any EventBus, logger: Logger) {
    self.database = database
    self.bus = bus
    self.logger = logger
  }

  /// Why the bus does not store announcements at present although it answers; nil if it stores them, or does not
  /// answer.
  var refusal: Problem? { lastRefusal.withLock { $0 } }

  /// Wakes the relay after a commit.
  func wake() { wakeUps.increment() }

  /// Waits until the position is on the bus; returns false if that takes longer than the limit.
  func isSent(_ position: Int64, within limit: Duration) async throws -> Bool {
    try await sent.wait(for: position, until: .now + limit)
  }

  /// Publishes until the task is cancelled.
  func run() async throws {
    var failures = 0
    while !Task.isCancelled {
      let seen = wakeUps.value
      var pause = Self.idle
      do {
        while try await publishSome() {}
        failures = 0
      } catch is CancellationError {
        return
      } catch {
        logger.log(
          level: failures == 0 ? .warning : .debug, "announcements cannot be published; retrying",
          metadata: ["error": "\(error)"])
        pause = Self.backOff[min(failures, Self.backOff.count - 1)]
        failures += 1
      }
      do { _ = try await wakeUps.wait(for: seen + 1, until: .now + pause) } catch { return }
    }
  }

  /// Publishes one batch; returns false if nothing was left.
  func publishSome() async throws -> Bool {
    let (entries, last) = try await database.read { db in
      (try Outbox.unsent(Self.batch, db), try Outbox.lastPosition(db))
    }
    guard let through = entries.last?.position else {
      sent.advance(to: last)
      return false
    }
    let results = try await publish(entries.map(\.event))
    guard results.count == entries.count else {
      throw Problem(
        .internalError, code: "malformed-answer", title: "unexpected answer from the bus",
        detail: "events.publish returned \(results.count) results for \(entries.count) events", retryable: true)
    }
    sent.advance(to: through)
    try await recordResults(Array(zip(entries, results)))
    return true
  }

  private func publish(_ events: [[UInt8]]) async throws -> [PublishResult] {
    do {
      let results = try await bus.publish(events, timeout: .seconds(5))
      lastRefusal.withLock { $0 = nil }
      return results
    } catch {
      let problem = error as? Problem
      lastRefusal.withLock { $0 = problem?.isAnswer == true ? problem : nil }
      throw error
    }
  }

  private func recordResults(_ published: [(Outbox.Entry, PublishResult)]) async throws {
    for case let (entry, .some(error)) in published.map({ ($0, $1.status == .rejected ? $1.error : nil) }) {
      logger.error(
        "the bus rejected an announcement; it will be retried at the next start",
        metadata: ["code": "\(error.code)", "detail": "\(error.detail)", "position": "\(entry.position)"])
    }
    try await database.write { db in
      for (entry, result) in published where result.status == .rejected {
        let error = result.error ?? EventRejection(code: "rejected", detail: "")
        try Outbox.quarantine(entry, code: error.code, detail: error.detail, db)
      }
      try Outbox.markSent(published.filter { $0.1.status != .rejected }.map(\.0.position), db)
    }
  }
}
