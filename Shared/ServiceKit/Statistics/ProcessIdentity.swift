import Foundation
public import LaunchModel

/// Which process this is, for `service.ping` and `service.info`.
public struct ProcessIdentity: Sendable {
  /// The version of gonogo that this was built from.
  public static let version = "0.1.0"

  /// Which service the process runs.
  public let service: ServiceName
  /// Another one with every start.
  public let instance: String
  /// When the process started, on the service's clock.
  public let startedAt: Timestamp
  /// The operating system's id of the process.
  public let pid: Int

  /// Names this process, with a new instance.
  public init(service: ServiceName, startedAt: Timestamp) {
    self.service = service
    self.startedAt = startedAt
    pid = Int(getpid())
    instance = EventID.next(at: startedAt)
  }

  /// The principal that this process is to others on its Unix sockets.
  public static var ownPrincipal: Principal { .uid(geteuid()) }

  /// A sign of life.
  public func ping(_ clock: any ServiceClock) -> ServicePing {
    ServicePing(service: service, pid: pid, version: Self.version, now: clock.now(), clock: clock.setting)
  }

  /// What runs here.
  public func info(_ clock: any ServiceClock, methods: [String]) -> ServiceInfo {
    ServiceInfo(
      name: service, instance: instance, version: Self.version, pid: pid, startedAt: startedAt,
      methods: methods.sorted(), clock: clock.setting)
  }
}
