import BusCore
import Contract
import LaunchModel
import Logging

/// Keeps what was refused in quarantine, for somebody to look at: the newest of it, and never at the cost of others.
///
/// The producer has had its answer; this is written a little later, a limited amount at a time.
final class RejectionBuffer {
  /// The name under which it stands in quarantine.
  static let consumer = ServiceName.bus.rawValue
  /// How many stay in quarantine.
  static let kept = 1_000
  /// How many wait for the next write; more are counted only.
  private static let waiting = 200

  private let ledger: any BusMetadataStore
  private let clock: any ServiceClock
  private let logger: Logger
  private var pending: [QuarantinedEvent] = []
  private var dropped = 0

  init(ledger: any BusMetadataStore, clock: any ServiceClock, logger: Logger) {
    self.ledger = ledger
    self.clock = clock
    self.logger = logger
  }

  func note(_ refusals: [(bytes: [UInt8], error: EventRejection)]) {
    for refusal in refusals { note(refusal.bytes, refusal.error) }
  }

  private func note(_ bytes: [UInt8], _ rejection: EventRejection) {
    guard pending.count < Self.waiting else {
      dropped += 1
      return
    }
    let entry = QuarantineEntry(
      id: 0, consumer: Self.consumer, offset: nil, code: rejection.code, detail: rejection.detail, attempts: 1,
      at: clock.now(), status: .held)
    pending.append(QuarantinedEvent(entry: entry, bytes: bytes))
  }

  /// Writes now, or, where the log's server is away, the next time. Any other failure is logged: what is lost are copies
  /// of what its producers know to be refused.
  func flush() {
    guard !pending.isEmpty else { return }
    do throws(LogError) {
      _ = try ledger.quarantine(pending)
      try ledger.trimQuarantine(of: Self.consumer, to: Self.kept)
    } catch {
      if case .unavailable = error { return }
      logger.warning("refused events cannot be kept", metadata: ["error": "\(error)"])
    }
    if dropped > 0 { logger.warning("refused events were not kept", metadata: ["count": "\(dropped)"]) }
    pending.removeAll()
    dropped = 0
  }
}
