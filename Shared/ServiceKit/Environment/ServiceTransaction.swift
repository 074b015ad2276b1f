import JSON
public import Contract
public import LaunchModel
import Messaging
public import Storage

/// One write transaction of a service: its statements, its time, its actor, and what it announces.
///
/// Valid only inside the body it was given to.
public final class ServiceTransaction {
  /// Takes the statements; they are committed, or undone, all together.
  public let db: any Transaction
  /// The time of everything in this transaction; never earlier than that of the one before.
  public let now: Timestamp
  /// Who does it: the caller, or the service itself.
  public let actor: Actor

  private let environment: ServiceEnvironment
  /// The outbox position of the last announcement.
  private(set) var announcedBy: Int64?
  /// The roster that this transaction adopts, for memory after the commit.
  private(set) var adoptedRoster: AdoptedRoster?

  init(db: any Transaction, environment: ServiceEnvironment, now: Timestamp, actor: Actor) {
    self.db = db
    self.environment = environment
    self.now = now
    self.actor = actor
  }

  /// Announces what happened: a link of the launch's audit chain, and an event that is published after the commit.
  ///
  /// - Parameters:
  ///   - launch: the launch's id; for what belongs to no launch a word of the domain, as `templates`.
  ///   - version: of what decisions rest on.
  ///   - payload: encodes to a JSON object without members of `AnnouncementHeader`.
  /// - Returns: the chain's head with this link.
  /// - Throws: a `Problem` of kind `tooLarge` where the event would be larger than the bus takes.
  @discardableResult
  public func announce<Payload>(
    _ type: EventType<Payload>, launch: String, version: Int, reason: String? = nil, _ payload: Payload
  ) throws -> ChainHead {
    let content = try JSONCoding.value(payload)
    var detail = content.objectValue ?? ["payload": content]
    detail["version"] = .integer(Int64(version))
    detail["reason"] = reason.map { .string($0) }
    let chain = try append(launch: launch, action: type.name, detail: .object(detail))
    let header = AnnouncementHeader(
      launch: launch, version: version, by: actor.description, at: now, chain: chain, reason: reason)
    let event = CloudEvent(
      id: EventID.next(at: now), source: environment.service.eventSource, type: type.name, subject: launch, time: now,
      data: try Self.merge(header, content, type.name))
    announcedBy = try Outbox.enqueue(try sendable(event), db)
    if let roster = payload as? RosterAdopted { try adopt(roster) }
    return chain
  }

  /// Records what happened in the launch's audit chain without announcing it.
  ///
  /// - Parameters:
  ///   - action: a word of the domain, as `item.comment`.
  ///   - detail: what is worth knowing later.
  /// - Returns: the chain's head with this link.
  @discardableResult
  public func record(
    launch: String, action: String, detail: some Encodable, reason: String? = nil
  ) throws -> ChainHead {
    let content = try JSONCoding.value(detail)
    var members = content.objectValue ?? ["detail": content]
    members["reason"] = reason.map { .string($0) } ?? members["reason"]
    return try append(launch: launch, action: action, detail: .object(members))
  }

  /// Keeps a roster that came by an event or was announced here, unless a later one is kept. Another replica may have kept it
  /// already, and this process still has to hear of it.
  func adopt(_ roster: RosterAdopted) throws {
    let adopted = AdoptedRoster(version: roster.rosterVersion, roster: roster.document)
    try RosterRepository.keep(adopted, db)
    adoptedRoster = adopted
  }

  /// The event's bytes; one that the bus would refuse undoes the whole change, so that nothing is kept by half.
  private func sendable(_ event: CloudEvent) throws -> [UInt8] {
    let bytes = event.encoded()
    let limit = environment.settings.eventBytes
    guard bytes.count <= limit else {
      throw Problem(
        .tooLarge, code: "too-large", title: "The change is too large to be announced",
        detail: "it takes an event of \(bytes.count) bytes, and \(limit) are allowed; shorten the texts")
    }
    return bytes
  }

  private func append(launch: String, action: String, detail: JSONValue) throws -> ChainHead {
    try environment.audit.append(
      launch: launch, at: now, by: actor.description, action: action, detail: detail, db)
  }

  /// The event's `data`: the header's members and the payload's.
  private static func merge(
    _ header: AnnouncementHeader, _ payload: JSONValue, _ type: String
  ) throws -> JSONValue {
    let own = try JSONCoding.value(header).objectValue ?? [:]
    guard let members = payload.objectValue, Set(members.keys).isDisjoint(with: own.keys) else {
      throw Problem(
        .internalError, code: "malformed-announcement", title: "An announcement's payload does not fit its header",
        detail: "the payload of \(type) must be an object without the members \(own.keys.sorted())")
    }
    return .object(own.merging(members) { header, _ in header })
  }
}

/// The ids of announced events: UUID version 7 (RFC 9562), so that they ascend with time.
enum EventID {
  static func next(at now: Timestamp) -> String {
    var random = SystemRandomNumberGenerator()
    return uuid(milliseconds: UInt64(max(0, now.microseconds / 1_000)), random: (random.next(), random.next()))
  }

  static func uuid(milliseconds: UInt64, random: (UInt64, UInt64)) -> String {
    let high = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
    let low = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
    let digits = hex(high) + hex(low)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0].map { String($0) }.joined() }
      .joined(separator: "-")
  }

  private static func hex(_ value: UInt64) -> [Character] {
    let digits = Array(String(value, radix: 16))
    return Array(repeating: "0", count: 16 - digits.count) + digits
  }
}
