import BusCore
import LaunchModel
import Logging
import ServiceKit

/// What the parts of the bus share.
struct BusParts: Sendable {
  let limits: BusLimits
  let clock: any ServiceClock
  /// The principal this process runs as, and the services of its installation.
  let own: Principal
  let tail: Tail
  let register: ConsumerRegister
  let roster = CurrentRoster()
  let statistics = CallStatistics()
  let logger: Logger
}
