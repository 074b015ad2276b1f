import BusCore
import JSON
import Contract
import LaunchModel
import Messaging
import Synchronization

/// Validates and authorizes each event before it is stored. A validator is used by one thread only.
struct EventValidator: ~Copyable {
  private var scanner: EventScanner
  private var rights: PublishRights
  private var signals = UnknownSignalCheck()
  private let ownPrincipals: Set<Principal>
  private let roster: CurrentRoster
  /// The version of the roster that `rights` were derived from, as in `CurrentRoster.versioned`.
  private var rosterVersion = 0

  /// - Parameter ownPrincipals: the principals under which this process runs.
  init(maximumBytes: Int, roster: CurrentRoster, ownPrincipals: Set<Principal>) {
    scanner = EventScanner(maximumBytes: maximumBytes)
    rights = PublishRights(roster: nil, ownPrincipals: ownPrincipals)
    self.roster = roster
    self.ownPrincipals = ownPrincipals
  }

  /// Switches to the current roster if it has changed since the last call.
  mutating func refresh() {
    let (current, version) = roster.versioned
    guard version != rosterVersion else { return }
    rights = PublishRights(roster: current, ownPrincipals: ownPrincipals)
    rosterVersion = version
  }

  /// Scans one event and checks that the principal may publish it.
  mutating func validate(_ bytes: [UInt8], from principal: Principal) throws(EventRejection) -> ScannedEvent {
    let event = try scanner.scan(bytes)
    if let rejection = rights.rejection(of: event, for: principal) { throw rejection }
    return event
  }

  /// Validates each event of a call.
  mutating func validate(_ call: PendingCall) -> ValidatedPublish {
    var validated = ValidatedPublish(call: call, rosterVersion: rosterVersion)
    for (part, bytes) in call.call.parts.enumerated() {
      do throws(EventRejection) {
        let event = try validate(bytes, from: call.call.principal)
        validated.accept(event, warning: signals.isUnknown(event) ? UnknownSignalCheck.warning(about: event) : nil)
      } catch {
        validated.reject(part, error)
      }
    }
    return validated
  }
}

/// The publish rights of all principals (product.md, section 6), checked against the bytes of an event's source and
/// type.
struct PublishRights {
  private var roster: Roster?
  private let ownPrincipals: Set<Principal>
  private var permissions: [Principal: Permission] = [:]

  /// - Parameters:
  /// - roster: nil or empty before a roster is adopted; any principal may then publish any type that is not reserved
  ///   for the services.
  /// - ownPrincipals: the principals under which this process runs, and the services of its installation.
  init(roster: Roster?, ownPrincipals: Set<Principal>) {
    self.roster = roster
    self.ownPrincipals = ownPrincipals
  }

  /// What one principal may publish.
  private struct Permission {
    /// Whether it may publish everything, including the types and sources that are reserved for services.
    var isService = false
    /// Whether it may publish everything that is not reserved for services.
    var isUnlimited = false
    var grants: [PublishGrant] = []
  }

  /// One publish grant, with its prefixes as bytes.
  private struct PublishGrant {
    let sources: [[UInt8]]
    let types: [[UInt8]]
    /// The grant, if it is limited to certain items; else nil.
    let narrowed: Grant.Publish?

    func covers(source: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer) -> Bool {
      sources.contains { source.starts(with: $0) } && types.contains { type.starts(with: $0) }
    }

    /// Whether it allows the event, regardless of the item that the event is about.
    ///
    /// If the grant is limited to items, a type prefix covers only evidence, because other signals, such as
    /// `flag.changed`, complete items or expose a launch without naming an item. A type that the grant names in full is
    /// allowed nevertheless.
    func allows(source: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer) -> Bool {
      guard covers(source: source, type: type) else { return false }
      guard narrowed != nil else { return true }
      return !type.elementsEqual(PublishRights.evidenceType) && types.contains { type.elementsEqual($0) }
    }
  }

  /// Returns why the principal may not publish the event; nil if it may.
  mutating func rejection(of event: ScannedEvent, for principal: Principal) -> EventRejection? {
    let permission = permission(of: principal)
    if permission.isService { return nil }
    return event.withBytes(of: event.type) { type in
      event.withBytes(of: event.source) { source in
        let isReserved = Self.isReserved(source: source, type: type)
        if permission.isUnlimited, !isReserved { return nil }
        if !isReserved, permission.grants.contains(where: { $0.allows(source: source, type: type) }) { return nil }
        let narrowed = permission.grants.filter { $0.covers(source: source, type: type) }.compactMap(\.narrowed)
        guard !narrowed.isEmpty, !isReserved else { return Self.makeRejection(event, principal, isReserved) }
        guard type.elementsEqual(Self.evidenceType) else {
          return Self.rejection(of: event, for: principal, narrowedTo: narrowed)
        }
        return Self.rejection(of: event, for: principal, unlessAbout: narrowed)
      }
    }
  }

  /// Returns why the principal may not publish evidence about the event's item, if its grants are limited to other
  /// items; nil if it may.
  private static func rejection(
    of event: ScannedEvent, for principal: Principal, unlessAbout grants: [Grant.Publish]
  ) -> EventRejection? {
    let item = evidenceItem(of: event.bytes)
    guard !grants.contains(where: { $0.allowsEvidence(about: item) }) else { return nil }
    let named = item.map { "the item \"\($0.excerpt)\"" } ?? "no item"
    return EventRejection(
      code: "forbidden",
      detail: "\(principal) may not publish evidence about \(named): its grant is narrowed to "
        + "\(items(of: grants)); ask Product Ops to add the item to it",
      pointer: "/data/item")
  }

  /// Returns the rejection of an event that is not evidence, if the principal's item-limited grants cover its type only
  /// by a prefix.
  private static func rejection(
    of event: ScannedEvent, for principal: Principal, narrowedTo grants: [Grant.Publish]
  ) -> EventRejection {
    EventRejection(
      code: "forbidden",
      detail: "\(principal) may not publish \(Excerpt.of(event.string(event.type))): its grant is narrowed to items "
        + "(\(items(of: grants))), so it covers only evidence.recorded; ask Product Ops for a grant that names the "
        + "type in full, or for one that is not narrowed to items",
      pointer: "/type")
  }

  /// The items to which grants are limited, for messages.
  private static func items(of grants: [Grant.Publish]) -> String {
    Set(grants.compactMap(\.items).joined()).sorted().prefix(20).joined(separator: ", ")
  }

  /// The item that evidence is about, as `key` or `key/instance`; nil if it names none.
  private static func evidenceItem(of bytes: [UInt8]) -> String? {
    // Evidence that cannot be parsed names no item; the checklist quarantines it.
    guard let data = try? CloudEvent(parsing: bytes).data, let key = data["item"].flatMap({ ExternalKey.text($0) })
    else { return nil }
    return data["instance"].flatMap { ExternalKey.text($0) }.map { "\(key)/\($0)" } ?? key
  }

  /// Whether the principal is a service: one of `ownPrincipals`, or one to which the roster grants the services' own
  /// sources and types.
  static func isService(_ principal: Principal, roster: Roster?, ownPrincipals: Set<Principal>) -> Bool {
    ownPrincipals.contains(principal)
      || roster?.grants.contains { $0.principal == principal && $0.publish.map(isForServices) == true } == true
  }

  /// Whether a grant explicitly names the services' own sources and types. A shorter prefix that merely covers them
  /// does not make its principal a service.
  private static func isForServices(_ publish: Grant.Publish) -> Bool {
    publish.sources.contains { $0.hasPrefix(EventNamespace.serviceSources) }
      && publish.types.contains { $0.hasPrefix(EventNamespace.own) && !$0.hasPrefix(EventNamespace.signals) }
  }

  private mutating func permission(of principal: Principal) -> Permission {
    if let cached = permissions[principal] { return cached }
    let permission = makePermission(principal)
    // The cache is bounded because any principal may connect.
    if permissions.count >= 1_024 { permissions.removeAll() }
    permissions[principal] = permission
    return permission
  }

  private func makePermission(_ principal: Principal) -> Permission {
    var permission = Permission(isService: Self.isService(principal, roster: roster, ownPrincipals: ownPrincipals))
    guard let roster, !roster.isEmpty else {
      permission.isUnlimited = true
      return permission
    }
    permission.isUnlimited = roster.person(of: principal).flatMap { roster.people[$0] }?.isProductOps == true
    permission.grants = roster.grants.filter { $0.principal == principal }.compactMap(\.publish).map { publish in
      PublishGrant(
        sources: publish.sources.map { Array($0.utf8) }, types: publish.types.map { Array($0.utf8) },
        narrowed: publish.items == nil ? nil : publish)
    }
    return permission
  }

  fileprivate static let evidenceType = Array(SignalType.evidenceRecorded.rawValue.utf8)
  private static let ownTypes = Array(EventNamespace.own.utf8)
  private static let signalTypes = Array(EventNamespace.signals.utf8)
  private static let serviceSources = Array(EventNamespace.serviceSources.utf8)

  /// Whether the source or type is reserved for services.
  private static func isReserved(source: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer) -> Bool {
    source.starts(with: serviceSources) || (type.starts(with: ownTypes) && !type.starts(with: signalTypes))
  }

  private static func makeRejection(_ event: ScannedEvent, _ principal: Principal, _ isReserved: Bool) -> EventRejection
  {
    let attempt = "\(Excerpt.of(event.string(event.type))) from \(Excerpt.of(event.string(event.source)))"
    let reason =
      isReserved
      ? "sources \(EventNamespace.serviceSources)* and types \(EventNamespace.own)*, except signals, are reserved for "
        + "services"
      : "ask Product Ops for a publish grant in the roster"
    return EventRejection(code: "forbidden", detail: "\(principal) may not publish \(attempt): \(reason)")
  }
}

/// Decodes the roster in the event that announces it.
enum RosterEvent {
  static func roster(in bytes: [UInt8]) throws -> Roster {
    try JSONCoding.decode(RosterAdopted.self, from: try CloudEvent(parsing: bytes).data ?? .null).document
  }
}

/// The current roster, which calls read and the log thread sets.
final class CurrentRoster: Sendable {
  private let state = Mutex<(roster: Roster?, version: Int)>((nil, 0))

  /// The roster; nil before one is adopted.
  var roster: Roster? { state.withLock { $0.roster } }

  /// The roster with its version, a number that increases each time a roster is set.
  var versioned: (roster: Roster?, version: Int) { state.withLock { $0 } }

  func set(_ roster: Roster) {
    state.withLock { state in
      state.roster = roster
      state.version += 1
    }
  }
}

/// Detects event types that start like a signal's but that no service reads, such as a misspelt type. A check is used
/// by one thread only.
struct UnknownSignalCheck {
  private static let prefix = Array(EventNamespace.signals.utf8)
  private static let known = Set(SignalType.allCases.map { Array($0.rawValue.utf8) })

  /// The last type that was found among the known ones. Publishers repeat types, so comparing its bytes usually
  /// replaces the lookup.
  private var lastKnown: [UInt8] = []

  /// Whether the event's type looks like a signal's but is not a known one.
  mutating func isUnknown(_ event: ScannedEvent) -> Bool {
    event.withBytes(of: event.type) { type in
      guard type.starts(with: Self.prefix) else { return false }
      if lastKnown.withUnsafeBytes({ $0.count == type.count && $0.elementsEqual(type) }) { return false }
      let bytes = Array(type)
      guard Self.known.contains(bytes) else { return true }
      lastKnown = bytes
      return false
    }
  }

  /// Returns the warning for the result of such an event.
  static func warning(about event: ScannedEvent) -> EventWarning {
    let type = UnknownSignals.shortened(event.string(event.type))
    let hint = Suggestion.text(for: type, among: SignalType.allCases.map(\.rawValue))
    return EventWarning(
      code: "unknown-signal",
      detail: "no service reads the type \"\(type)\"\(hint); the event is stored, but counts only in custom metrics "
        + "that name its type")
  }
}

/// Counts the events of unknown signal types that were stored since the bus started, for `gonogo doctor`.
final class UnknownSignals: Sendable {
  /// The maximum number of types that are counted; events of further types are not counted.
  private static let maximumTypes = 32

  private let counts = Mutex<[String: UnknownSignal]>([:])

  /// The counts, sorted by type.
  var all: [UnknownSignal] { counts.withLock { $0.values.sorted { $0.type < $1.type } } }

  func record(_ event: ScannedEvent, at offset: Int64) {
    let type = Self.shortened(event.string(event.type))
    counts.withLock { counts in
      guard counts[type] != nil || counts.count < Self.maximumTypes else { return }
      counts[type] = UnknownSignal(type: type, count: (counts[type]?.count ?? 0) + 1, lastOffset: offset)
    }
  }

  static func shortened(_ type: String) -> String { type.utf8.count <= 200 ? type : String(type.prefix(100)) + "…" }
}
