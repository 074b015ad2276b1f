import BusCore
import Contract
import LaunchModel
import Logging

/// Buffers rejected events and writes the newest of them to quarantine, so that operators can inspect them.
///
/// Producers have already received their answers, so the events are written with the next flush, and only a limited
/// number of them.
final class RejectionBuffer {
  /// The consumer name of these entries in the quarantine.
  static let consumer = ServiceName.bus.rawValue
  /// The maximum number of entries in quarantine; older ones are deleted.
  static let maximumEntries = 1_000
  /// Maximum number of events that wait for the next flush; further events are only counted.
  private static let maximumPending = 200

  private let metadataStore: any BusMetadataStore
  private let clock: any ServiceClock
  private let logger: Logger
  private var pending: [QuarantinedEvent] = []
  private var dropped = 0

  init(metadataStore: any BusMetadataStore, clock: any ServiceClock, logger: Logger) {
    self.metadataStore = metadataStore
    self.clock = clock
    self.logger = logger
  }

  func add(_ rejections: [(bytes: [UInt8], error: EventRejection)]) {
    for rejection in rejections { add(rejection.bytes, rejection.error) }
  }

  private func add(_ bytes: [UInt8], _ rejection: EventRejection) {
    guard pending.count < Self.maximumPending else {
      dropped += 1
      return
    }
    let entry = QuarantineEntry(
      id: 0, consumer: Self.consumer, offset: nil, code: rejection.code, detail: rejection.detail, attempts: 1,
      at: clock.now(), status: .held)
    pending.append(QuarantinedEvent(entry: entry, bytes: bytes))
  }

  /// Writes the buffered events to quarantine. If the database is unreachable, they wait for the next flush. After any
  /// other failure they are dropped and the failure is logged; their producers already know of the rejection.
  func flush() {
    guard !pending.isEmpty else { return }
    do throws(LogError) {
      _ = try metadataStore.quarantine(pending)
      try metadataStore.trimQuarantine(of: Self.consumer, to: Self.maximumEntries)
    } catch {
      if case .unavailable = error { return }
      logger.warning("rejected events cannot be quarantined", metadata: ["error": "\(error)"])
    }
    if dropped > 0 {
      logger.warning("too many rejected events; some were not quarantined", metadata: ["count": "\(dropped)"])
    }
    pending.removeAll()
    dropped = 0
  }
}
