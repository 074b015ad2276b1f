import BusCore
import JSON
import Contract
import LaunchModel
import Messaging
import Synchronization

/// Decides of each event whether it may be stored: its bytes, and who sends it. One judge serves one thread.
struct EventValidator: ~Copyable {
  private var scanner: EventScanner
  private var rights: PublishRights
  private let own: Set<Principal>
  private let roster: CurrentRoster
  /// The roster's, by `CurrentRoster.versioned`.
  private var version = 0

  /// - Parameter own: the principals this process runs as.
  init(maximumBytes: Int, roster: CurrentRoster, own: Set<Principal>) {
    scanner = EventScanner(maximumBytes: maximumBytes)
    rights = PublishRights(roster: nil, own: own)
    self.roster = roster
    self.own = own
  }

  /// Takes up the roster in force, where it is another than before.
  mutating func refresh() {
    let (current, version) = roster.versioned
    guard version != self.version else { return }
    rights = PublishRights(roster: current, own: own)
    self.version = version
  }

  /// The event, or why it is refused.
  mutating func judge(_ bytes: [UInt8], from principal: Principal) throws(EventRejection) -> ScannedEvent {
    let event = try scanner.scan(bytes)
    if let refusal = rights.refusal(event, by: principal) { throw refusal }
    return event
  }

  /// The call with each of its events judged.
  mutating func judge(_ call: PendingCall) -> ValidatedPublish {
    var judged = ValidatedPublish(call: call, roster: version)
    for (part, bytes) in call.call.parts.enumerated() {
      do throws(EventRejection) {
        judged.accept(try judge(bytes, from: call.call.principal))
      } catch {
        judged.refuse(part, error)
      }
    }
    return judged
  }
}

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

/// Reads the roster out of the event that announces it.
enum RosterEvent {
  static func roster(in bytes: [UInt8]) throws -> Roster {
    try JSONCoding.decode(RosterAdopted.self, from: try CloudEvent(parsing: bytes).data ?? .null).document
  }
}

/// The roster in force, read by calls and set by the log's thread.
final class CurrentRoster: Sendable {
  private let state = Mutex<(roster: Roster?, version: Int)>((nil, 0))

  /// Nil before one was adopted.
  var roster: Roster? { state.withLock { $0.roster } }

  /// The roster, and a number that grows with each.
  var versioned: (roster: Roster?, version: Int) { state.withLock { $0 } }

  func set(_ roster: Roster) {
    state.withLock { state in
      state.roster = roster
      state.version += 1
    }
  }
}
