import Contract
import LaunchModel
import Logging
import Messaging
import Storage

/// Publishes what the outbox holds, in its order, whenever something was committed and for as long as something is unsent.
final class OutboxRelay: Sendable {
  private static let batch = 256
  /// Between passes when nothing wakes the relay, so that a missed wake-up or a healed bus costs no more than this.
  private static let idle = Duration.seconds(5)
  private static let backOff = [Duration.milliseconds(100), .milliseconds(300), .seconds(1), .seconds(2)]

  private let database: any Database
  private let bus: any EventBus
  private let logger: Logger
  /// Counts the wake-ups.
  private let wakeUps = MonotonicCounter()
  /// The outbox position up to which everything is on the bus.
  private let sent = MonotonicCounter()

  init(database: any Database, bus: any EventBus, logger: Logger) {
    self.database = database
    self.bus = bus
    self.logger = logger
  }

  /// Says that there is something new.
  func wake() { wakeUps.increment() }

  /// Waits until the position is on the bus; false where that takes longer.
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
          level: failures == 0 ? .warning : .debug, "announcements are held up", metadata: ["error": "\(error)"])
        pause = Self.backOff[min(failures, Self.backOff.count - 1)]
        failures += 1
      }
      do { _ = try await wakeUps.wait(for: seen + 1, until: .now + pause) } catch { return }
    }
  }

  /// Publishes one batch; false where nothing was left.
  func publishSome() async throws -> Bool {
    let (entries, last) = try await database.read { db in
      (try Outbox.unsent(Self.batch, db), try Outbox.lastPosition(db))
    }
    guard let through = entries.last?.position else {
      sent.advance(to: last)
      return false
    }
    let results = try await bus.publish(entries.map(\.event), timeout: .seconds(5))
    guard results.count == entries.count else {
      throw Problem(
        .internalError, code: "malformed-answer", title: "The bus answered for another number of events",
        detail: "\(results.count) results for \(entries.count) events", retryable: true)
    }
    sent.advance(to: through)
    try await settle(Array(zip(entries, results)))
    return true
  }

  private func settle(_ published: [(Outbox.Entry, PublishResult)]) async throws {
    for case let (entry, .some(error)) in published.map({ ($0, $1.status == .rejected ? $1.error : nil) }) {
      logger.error(
        "the bus refused an announcement; it is kept and tried again at the next start",
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
