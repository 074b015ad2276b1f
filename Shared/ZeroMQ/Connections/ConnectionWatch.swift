import CConnections
import Logging

/// Reviews this process's connections while the reactor serves any, and logs those that the limits end or refuse.
final class ConnectionWatch {
  private let logger: Logger
  private var reviewAt: ContinuousClock.Instant?
  private var quietUntil = ContinuousClock.now
  private var refused: UInt64 = 0

  init(logger: Logger) { self.logger = logger }

  /// The latest time for the next call of `review`; nil if nothing is pending.
  var next: ContinuousClock.Instant? { reviewAt }

  /// Ends connections that exceed a limit, and resumes paused ones.
  ///
  /// - Parameter allDelivered: whether all complete messages have been read from the socket.
  func review(at now: ContinuousClock.Instant, allDelivered: Bool) {
    guard gonogo_connections_need_review() || reviewAt.map({ $0 <= now }) ?? true else { return }
    let delay = gonogo_connections_review(allDelivered)
    reviewAt = delay < 0 ? nil : now + .milliseconds(Int(delay))
    report(now)
  }

  /// Logs, at most once a second, events that anyone who may connect can cause at will.
  private func report(_ now: ContinuousClock.Instant) {
    var owner: UInt64 = 0
    refused += gonogo_connections_take_refused(&owner)
    guard now >= quietUntil else { return }
    var silent = 0
    var dropped = gonogo_dropped_connection()
    while gonogo_connections_next_dropped(&dropped) {
      guard dropped.reason == GONOGO_DROPPED_UNREAD else {
        silent += 1
        owner = dropped.owner
        continue
      }
      quietUntil = now + .seconds(1)
      logger.warning(
        "connection closed: it does not finish its message",
        metadata: ["peer": "\(Self.name(dropped.owner))", "bytes": "\(dropped.bytes)"])
    }
    if silent > 0 {
      quietUntil = now + .seconds(1)
      logger.info(
        "connections closed: they do not call", metadata: ["count": "\(silent)", "peer": "\(Self.name(owner))"])
    }
    if refused > 0 {
      quietUntil = now + .seconds(1)
      logger.warning(
        "connections refused: too many are open",
        metadata: [
          "count": "\(refused)", "peer": "\(Self.name(owner))", "open": "\(gonogo_connections_count())",
        ])
      refused = 0
    }
  }

  private static func name(_ owner: UInt64) -> String {
    let uid = gonogo_owner_uid(owner)
    if uid >= 0 { return "uid:\(uid)" }
    guard owner & 1 << 62 == 0 else { return "an IPv6 network" }
    return [24, 16, 8, 0].map { String(owner >> UInt64($0) & 0xff) }.joined(separator: ".")
  }
}
