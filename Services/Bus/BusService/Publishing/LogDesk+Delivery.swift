import BusCore
import LaunchModel
import Logging

extension LogDesk {
  /// Reads what the log has and the tail does not, so that the tail has no gap.
  func catchUp() throws(LogFault) {
    try log.refresh()
    while tail.bounds.head < log.bounds.head {
      let page = try log.read(after: tail.bounds.head, matching: .all, limits: ReadLimits())
      try deliver(page.events)
    }
  }

  /// Hands events on that are in the log, the next ones after the tail.
  func deliver(_ events: [LoggedEvent]) throws(LogFault) {
    for event in events where Self.isRoster(event) { try take(rosterEvent: event.bytes) }
    tail.append(events)
  }

  private static let rosterType = Array(Announcements.rosterAdopted.name.utf8)

  private static func isRoster(_ event: LoggedEvent) -> Bool {
    event.type.count == rosterType.count
      && event.type.withBytes(in: event.bytes, unescaped: event.unescaped) { $0.elementsEqual(rosterType) }
  }

  /// Lets a roster that has just been stored come into force, after keeping it apart from what may be pruned.
  private func take(rosterEvent bytes: [UInt8]) throws(LogFault) {
    unsavedRoster = bytes
    do throws(LogFault) {
      try saveRoster()
    } catch {
      // The event is in the log all the same, and the roster is kept a little later.
      if case .failed = error { throw error }
      logger.error("the roster cannot be kept yet", metadata: ["error": "\(error)"])
    }
    adopt(rosterEvent: bytes)
  }

  func saveRoster() throws(LogFault) {
    guard let bytes = unsavedRoster else { return }
    try ledger.save(rosterEvent: bytes)
    unsavedRoster = nil
  }

  func adopt(rosterEvent bytes: [UInt8]) {
    do {
      roster.set(try RosterEvent.roster(in: bytes))
    } catch {
      logger.error("a roster that was announced cannot be read", metadata: ["error": "\(error)"])
    }
  }
}
