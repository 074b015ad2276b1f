import Contract
import Foundation
import JSON
public import LaunchModel

/// Placeholders for lost events, so that their offsets are never assigned again.
public enum LostEvent {
  /// The type of a placeholder.
  public static let type = EventNamespace.own + "log.lost.v1"
  /// The code of the quarantine entry that reports lost events.
  public static let code = "events-lost"

  /// Returns the placeholder for the event lost at an offset.
  public static func placeholder(_ offset: Int64) throws(LogError) -> ScannedEvent {
    let event: JSONValue = [
      "specversion": "1.0", "id": .string("\(offset)-\(UUID().uuidString)"),
      "source": .string(ServiceName.bus.eventSource), "type": .string(type), "data": ["offset": .integer(offset)],
    ]
    var scanner = EventScanner()
    do throws(EventRejection) {
      return try scanner.scan(event.serialized())
    } catch {
      throw .failed("the placeholder for a lost event is not a valid event: \(error.detail)")
    }
  }

  /// Returns the quarantine entry that reports lost events.
  public static func report(_ offset: Int64, _ reason: String, at time: Timestamp) throws(LogError) -> QuarantinedEvent
  {
    let entry = QuarantineEntry(
      id: 0, consumer: ServiceName.bus.rawValue, offset: offset, code: code, detail: reason, attempts: 1, at: time,
      status: .held)
    return QuarantinedEvent(entry: entry, bytes: try placeholder(offset).bytes)
  }
}
