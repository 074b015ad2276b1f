import BusCore
import LaunchModel
import Logging
import ServiceKit

/// What the parts of the bus share.
struct BusParts: Sendable {
  let limits: BusLimits
  let clock: any ServiceClock
  /// The principals this process runs as, and the services of its installation.
  let own: Set<Principal>
  let tail: Tail
  let register: ConsumerRegister
  /// Whether other buses may have the log open as well.
  let isShared: Bool
  let roster = CurrentRoster()
  let statistics = CallStatistics()
  let logger: Logger
}
