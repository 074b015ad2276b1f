import BusCore
import Contract
import Logging

/// Reads a log that may be damaged.
extension LogWriter {
  /// Reads events from the log. Stops before a damaged event.
  ///
  /// - Throws: `LogError.corrupt` if the next event is damaged.
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage {
    do throws(LogError) {
      return try log.read(after: offset, matching: filter, limits: limits)
    } catch {
      guard case .corrupt(let damaged) = error else { throw error }
      _ = try verify(from: .events(after: damaged - 1), atMost: 1)
      let intact = damaged - 1 - max(offset, log.bounds.first - 1)
      guard intact > 0 else { throw error }
      var limits = limits
      limits.examined = Int(intact)
      return try log.read(after: offset, matching: filter, limits: limits)
    }
  }

  /// Records the damage that the log has found, and logs newly found damage.
  func recordDamage() {
    for damage in damage.replace(log.damage) {
      logger.critical(
        "the log is damaged",
        metadata: [
          "damage": "\(damage.summary)", "first": "\(damage.first)", "last": "\(damage.last)",
          "fix": "gonogo doctor --deep lists all damage; stop the bus, run gonogo-bus repair, and start it again",
        ])
    }
  }

  /// Reads the next part of the record of sources and ids, and records the damage.
  ///
  /// - Returns: whether all of it has now been read.
  func readKeys() throws(LogError) -> Bool {
    let isRead = try log.readKeys()
    if isRead { recordDamage() }
    if isRead == isReadingKeys {
      isReadingKeys = !isRead
      logger.notice(isRead ? "the sources and ids are read" : "reading all sources and ids; published events wait")
    }
    return isRead
  }

  /// Verifies part of the log, and records the damage.
  func verify(from cursor: VerificationCursor, atMost count: Int) throws(LogError) -> VerificationPage {
    let page = try log.verify(from: cursor, atMost: count)
    recordDamage()
    return page
  }
}
