import BusCore
import LaunchModel

/// Who may publish what (product.md, section 6), decided from the bytes of an event's source and type.
struct PublishRights {
  private var roster: Roster?
  private let own: Set<Principal>
  private var permissions: [Principal: Permission] = [:]

  /// - Parameters:
  ///   - roster: nil or empty before one was adopted; then anybody may publish what is not the services' own.
  ///   - own: the principals this process runs as, and the services of its installation.
  init(roster: Roster?, own: Set<Principal>) {
    self.roster = roster
    self.own = own
  }

  /// What one principal may publish.
  private struct Permission {
    /// The services' own types and sources as well.
    var isService = false
    /// Everything that is not the services'.
    var isUnlimited = false
    var grants: [(sources: [[UInt8]], types: [[UInt8]])] = []
  }

  /// Why the principal may not publish the event; nil where it may.
  mutating func refusal(_ event: ScannedEvent, by principal: Principal) -> EventRejection? {
    let permission = permission(of: principal)
    if permission.isService { return nil }
    return event.withBytes(of: event.type) { type in
      event.withBytes(of: event.source) { source in
        let isReserved = Self.isReserved(source: source, type: type)
        if permission.isUnlimited, !isReserved { return nil }
        let isGranted = permission.grants.contains { grant in
          grant.sources.contains { source.starts(with: $0) } && grant.types.contains { type.starts(with: $0) }
        }
        return isGranted && !isReserved ? nil : Self.rejection(event, principal, isReserved)
      }
    }
  }

  /// Whether the principal is one of the services: the own, or one that the roster lets announce for them.
  static func isService(_ principal: Principal, roster: Roster?, own: Set<Principal>) -> Bool {
    own.contains(principal)
      || roster?.grants.contains { $0.principal == principal && $0.publish.map(isForServices) == true } == true
  }

  /// Said in so many words, or not at all: a prefix that covers more does not make a service.
  private static func isForServices(_ publish: Grant.Publish) -> Bool {
    publish.sources.contains { $0.hasPrefix(EventNamespace.serviceSources) }
      && publish.types.contains { $0.hasPrefix(EventNamespace.own) && !$0.hasPrefix(EventNamespace.signals) }
  }

  private mutating func permission(of principal: Principal) -> Permission {
    if let known = permissions[principal] { return known }
    let permission = makePermission(principal)
    // Whoever connects may be anybody: what is remembered of them stays small.
    if permissions.count >= 1_024 { permissions.removeAll() }
    permissions[principal] = permission
    return permission
  }

  private func makePermission(_ principal: Principal) -> Permission {
    var permission = Permission(isService: Self.isService(principal, roster: roster, own: own))
    guard let roster, !roster.isEmpty else {
      permission.isUnlimited = true
      return permission
    }
    permission.isUnlimited = roster.person(of: principal).flatMap { roster.people[$0] }?.isProductOps == true
    permission.grants = roster.grants.filter { $0.principal == principal }.compactMap(\.publish).map { publish in
      (publish.sources.map { Array($0.utf8) }, publish.types.map { Array($0.utf8) })
    }
    return permission
  }

  private static let ownTypes = Array(EventNamespace.own.utf8)
  private static let signalTypes = Array(EventNamespace.signals.utf8)
  private static let serviceSources = Array(EventNamespace.serviceSources.utf8)

  /// Whether only services may publish it.
  private static func isReserved(source: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer) -> Bool {
    source.starts(with: serviceSources) || (type.starts(with: ownTypes) && !type.starts(with: signalTypes))
  }

  private static func rejection(_ event: ScannedEvent, _ principal: Principal, _ isReserved: Bool) -> EventRejection {
    let what = "\(event.string(event.type)) from \(event.string(event.source))"
    let mend =
      isReserved
      ? "the types \(EventNamespace.own)* other than signals and the sources \(EventNamespace.serviceSources)* are the "
        + "services' own"
      : "the roster's grants would have to allow it"
    return EventRejection(code: "forbidden", detail: "\(principal) may not publish \(what): \(mend)")
  }
}
