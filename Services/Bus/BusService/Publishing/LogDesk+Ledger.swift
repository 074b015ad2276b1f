import BusCore
import LaunchModel

extension LogDesk {
  /// Writes down how far consumers are.
  func saveConsumers() throws(LogFault) {
    let unsaved = register.takeUnsaved()
    do throws(LogFault) {
      try ledger.save(consumers: unsaved)
    } catch {
      register.noteUnsaved(unsaved.keys)
      throw error
    }
  }

  /// Writes down how far consumers are, and takes over what other buses have written.
  func shareConsumers() throws(LogFault) {
    try saveConsumers()
    if neighbours != nil { register.takeOver(try ledger.consumers()) }
  }

  /// Takes a consumer off the register, on disk first.
  func forget(consumer: String) throws(LogFault) {
    try ledger.forget(consumer: consumer)
    register.forget(consumer)
  }

  /// Deletes the oldest events, at most so many.
  func prune(through offset: Int64, atMost count: Int) throws(LogFault) -> LogBounds {
    let bounds = try log.prune(through: offset, atMost: count)
    tail.prune(before: bounds.first)
    return bounds
  }

  /// The bytes of the event at an offset.
  func bytes(at offset: Int64) throws -> [UInt8] {
    let page = try log.read(after: offset - 1, matching: .all, limits: ReadLimits(events: 1, examined: 1))
    guard let event = page.events.first, event.offset == offset else {
      throw Problem.notFound("unknown-offset", "the log has no event at offset \(offset); send it as a part")
    }
    return event.bytes
  }

  /// Tries an event in quarantine again: publishes what was refused, and marks anything else for its consumer.
  ///
  /// - Returns: the entry as it is now; nil where it has left the quarantine.
  func retry(
    _ event: QuarantinedEvent, as principal: Principal, at now: Timestamp
  ) throws(LogFault) -> QuarantineEntry? {
    var entry = event.entry
    guard entry.consumer == RefusalRecord.consumer else {
      entry.status = .retrying
      try ledger.markRetrying([entry.id])
      return entry
    }
    guard let error = try publishAgain(event.bytes, as: principal).error else {
      _ = try ledger.discard([entry.id])
      return nil
    }
    (entry.code, entry.detail, entry.at) = (error.code, error.detail, now)
    entry.attempts += 1
    try ledger.update(entry)
    return entry
  }
}
