import Contract
import LaunchModel
import JSON
import Messaging
import ServiceKit

/// The handlers of `service.*` and `rpc.discover`, which every service answers.
struct ProcessHandlers: Sendable {
  let context: BusContext
  let identity: ProcessIdentity

  /// Registers the handlers. Must come last, because they describe all other methods.
  func register(on router: inout BusCallRouter) {
    router.add(ServiceRoutes.ping(.bus), for: .anyone) { [self] _, _, _ in identity.ping(context.clock) }
    router.add(ServiceRoutes.stats(.bus), for: .roster) { [self] _, _, _ in
      ServiceStats(
        build: ProcessIdentity.version, startedAt: identity.startedAt, methods: context.statistics.methods)
    }
    let described = router.routes.values.map { ($0.method, $0.changes, $0.parameters, $0.result) }
    let publish = BusRoutes.publish
    let own = [ServiceRoutes.info(.bus).method, ServiceRoutes.discover(.bus).method]
    let methods = router.routes.keys + [publish.method] + own
    router.add(ServiceRoutes.info(.bus), for: .roster) { [self] _, _, _ in
      identity.info(context.clock, methods: methods)
    }
    let document = OpenRPCDocument.document(
      service: .bus,
      methods: described.map { (name: $0.0, changes: $0.1, parameters: $0.2, result: $0.3) } + [
        (name: publish.method, changes: true, parameters: "NoParameters", result: "PublishedEvents")
      ])
    router.add(ServiceRoutes.discover(.bus), for: .roster) { _, _, _ in document }
  }
}
