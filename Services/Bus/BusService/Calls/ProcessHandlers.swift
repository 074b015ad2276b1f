import BusCore
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
    router.add(ServiceRoutes.stats(.bus), for: .roster, withoutStore: true) { [self] _, _, _ in
      ServiceStats(
        build: ProductVersion.current, startedAt: identity.startedAt, methods: context.statistics.methods,
        damage: context.damage.all, unknownSignals: context.unknownSignals.all,
        outage: context.watch?.failure.map { "\($0)" })
    }
    let (info, discover) = (ServiceRoutes.info(.bus), ServiceRoutes.discover(.bus))
    let routes = router.descriptions + [RouteDescription(info), RouteDescription(discover)]
    router.add(info, for: .roster, withoutStore: true) { [self] _, _, _ in
      identity.info(context.clock, methods: routes.map(\.method))
    }
    router.add(discover, for: .roster, withoutStore: true) { _, _, _ in
      try OpenRPCDocument.document(service: .bus, routes: routes)
    }
  }
}
