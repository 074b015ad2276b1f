import BusCore
import LaunchModel
import Logging

extension LogDesk {
  /// Hands on what the log has and the tail does not, so that the tail has no gap.
  func catchUp() throws(LogFault) {
    try log.refresh()
    try catchUp(through: log.bounds.head)
    if log.bounds.first > tail.bounds.first { tail.prune(before: log.bounds.first) }
  }

  /// Hands on what the log has up to an offset.
  func catchUp(through offset: Int64) throws(LogFault) {
    while tail.bounds.head < offset {
      var limits = ReadLimits()
      limits.examined = min(limits.examined, Int(offset - tail.bounds.head))
      deliver(try log.read(after: tail.bounds.head, matching: .all, limits: limits).events)
    }
  }

  /// Hands events on that are in the log, the next ones after the tail; a roster among them comes into force.
  func deliver(_ events: [LoggedEvent]) {
    for event in events where Self.isRoster(event) { adopt(rosterEvent: event.bytes) }
    tail.append(events)
  }

  private static let rosterType = Array(Announcements.rosterAdopted.name.utf8)

  private static func isRoster(_ event: LoggedEvent) -> Bool {
    event.type.count == rosterType.count
      && event.type.withBytes(in: event.bytes, unescaped: event.unescaped) { $0.elementsEqual(rosterType) }
  }

  func adopt(rosterEvent bytes: [UInt8]) {
    do {
      roster.set(try RosterEvent.roster(in: bytes))
    } catch {
      logger.error("a roster that was announced cannot be read", metadata: ["error": "\(error)"])
    }
  }
}
