import BusCore
import Foundation
import JSON
import LaunchModel
import Logging

extension LogDesk {
  /// How many events may have been lost for the bus to go on by itself.
  static let mostLost: Int64 = 1_000_000
  /// The type of what stands in the place of a lost event.
  static let lostType = EventNamespace.own + "log.lost.v1"
  private static let step: Int64 = 1_000

  /// Fills the log up to an offset that a consumer has processed and that the log does not reach, because an older one was
  /// restored.
  ///
  /// Otherwise the next events would get the offsets of those that are lost, and whoever has passed those would never see
  /// them. What is lost is said in quarantine and in the log.
  func markLost(through offset: Int64, processedBy consumer: String) throws(LogFault) {
    let end = log.bounds.head
    guard offset > end else { return }
    let reason =
      "the log ended at offset \(end), and \(consumer) has processed events up to \(offset): an older log was restored, "
      + "and events \(end + 1) to \(offset) are lost"
    logger.critical("events are lost", metadata: ["reason": "\(reason)"])
    while log.bounds.head < offset {
      let first = log.bounds.head + 1
      _ = try store(
        try (first...min(offset, first + Self.step - 1)).map { number throws(LogFault) in try Self.lost(number) })
    }
    let entry = QuarantineEntry(
      id: 0, consumer: RefusalRecord.consumer, offset: end + 1, code: "events-lost", detail: reason, attempts: 1,
      at: clock.now(), status: .held)
    _ = try ledger.quarantine([QuarantinedEvent(entry: entry, bytes: try Self.lost(end + 1).bytes)])
  }

  /// What stands in the place of the event of that offset.
  private static func lost(_ offset: Int64) throws(LogFault) -> ScannedEvent {
    let event: JSONValue = [
      "specversion": "1.0", "id": .string("\(offset)-\(UUID().uuidString)"),
      "source": .string(ServiceName.bus.eventSource), "type": .string(lostType), "data": ["offset": .integer(offset)],
    ]
    var scanner = EventScanner()
    do throws(EventRejection) {
      return try scanner.scan(event.serialized())
    } catch {
      throw .failed("the mark of a lost event is no event: \(error.detail)")
    }
  }
}
