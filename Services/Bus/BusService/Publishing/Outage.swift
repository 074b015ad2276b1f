import BusCore
import Logging

/// Says once that nothing can be stored, and once that it can be again, however often it is tried in between.
struct Outage {
  private let logger: Logger
  private var fault: LogFault?

  init(logger: Logger) { self.logger = logger }

  mutating func note(_ fault: LogFault) {
    defer { self.fault = fault }
    guard self.fault == nil else { return }
    logger.error("nothing can be stored", metadata: ["error": "\(fault)"])
  }

  mutating func end() {
    guard fault != nil else { return }
    fault = nil
    logger.notice("events are stored again")
  }
}
