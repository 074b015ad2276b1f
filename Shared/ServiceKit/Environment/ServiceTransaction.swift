import JSON
public import Contract
public import LaunchModel
import Messaging
public import Storage

/// One write transaction of a service: its statements, time, actor and announcements.
///
/// Valid only inside the body to which it is passed.
public final class ServiceTransaction {
  /// Executes the statements, which are committed or rolled back together.
  public var db: any Transaction { audited }
  /// The time of everything in this transaction; never earlier than that of the previous one.
  public let now: Timestamp
  /// The actor: the caller, or the service itself.
  public private(set) var actor: Actor

  private let environment: ServiceEnvironment
  /// Computes the digests of the audited rows that the statements change.
  private let audited: AuditedTransaction
  /// The outbox position of the last announcement.
  private(set) var announcedBy: Int64?
  /// The roster that this transaction adopts, to be loaded into memory after the commit.
  private(set) var adoptedRoster: AdoptedRoster?

  init(db: any Transaction, environment: ServiceEnvironment, now: Timestamp, actor: Actor) {
    audited = AuditedTransaction(db, environment.state)
    self.environment = environment
    self.now = now
    self.actor = actor
  }

  /// Runs the body so that its changes are recorded as made by another actor, such as the caller under a delegation.
  public func acting<R>(as other: Actor, _ body: () throws -> R) rethrows -> R {
    let own = actor
    actor = other
    defer { actor = own }
    return try body()
  }

  /// Announces a change: appends a link to the launch's audit chain, and an event that is published after the commit.
  ///
  /// - Parameters:
  ///   - launch: the launch's id, or a word of the domain, such as `templates`, for a change that belongs to no launch.
  ///   - version: the version of the state that decisions depend on.
  ///   - payload: encodes to a JSON object without members of `AnnouncementHeader`.
  /// - Returns: the head of the chain with the new link.
  /// - Throws: a `Problem` of kind `tooLarge` if the event would exceed the bus's limit.
  @discardableResult
  public func announce<Payload>(
    _ type: EventType<Payload>, launch: String, version: Int, reason: String? = nil, _ payload: Payload
  ) throws -> ChainHead {
    let content = try JSONCoding.value(payload)
    if let roster = payload as? RosterAdopted { try adopt(roster) }
    var detail = content.objectValue ?? ["payload": content]
    detail["version"] = .integer(Int64(version))
    detail["reason"] = reason.map { .string($0) }
    let chain = try append(launch: launch, action: type.name, detail: .object(detail))
    let header = AnnouncementHeader(
      launch: launch, version: version, by: actor.description, at: now, chain: chain, reason: reason)
    let event = CloudEvent(
      id: EventID.next(at: now), source: environment.service.eventSource, type: type.name, subject: launch, time: now,
      data: try Self.merge(header, content, type.name))
    announcedBy = try Outbox.enqueue(try encoded(event), db)
    return chain
  }

  /// Records a change in the launch's audit chain without announcing it.
  ///
  /// - Parameters:
  ///   - action: a word of the domain, such as `item.comment`.
  ///   - detail: the details to be recorded.
  /// - Returns: the head of the chain with the new link.
  @discardableResult
  public func record(
    launch: String, action: String, detail: some Encodable, reason: String? = nil
  ) throws -> ChainHead {
    let content = try JSONCoding.value(detail)
    var members = content.objectValue ?? ["detail": content]
    members["reason"] = reason.map { .string($0) } ?? members["reason"]
    return try append(launch: launch, action: action, detail: .object(members))
  }

  /// Saves a roster that was received in an event or announced here, unless a newer one is stored. If another replica
  /// has already saved it, this process must still load it into memory.
  func adopt(_ roster: RosterAdopted) throws {
    let adopted = AdoptedRoster(version: roster.rosterVersion, roster: roster.document)
    try RosterRepository.save(adopted, db)
    adoptedRoster = adopted
  }

  /// Encodes an event. If it is too large for the bus, throws, so that the whole change is rolled back instead of being
  /// stored without its announcement.
  private func encoded(_ event: CloudEvent) throws -> [UInt8] {
    let bytes = event.encoded()
    let limit = environment.settings.eventBytes
    guard bytes.count <= limit else {
      throw Problem(
        .tooLarge, code: "too-large", title: "the change is too large to announce",
        detail: "its event has \(bytes.count) bytes; the limit is \(limit). Shorten it, or raise GONOGO_EVENT_BYTES "
          + "(event: {bytes: …}) for the bus and all services, up to \(ServiceSettings.eventBytesRange.upperBound)")
    }
    return bytes
  }

  /// Accepts the store's state although it contradicts the chain, with a reason that the chain records.
  func acceptState(of subject: String, reason: String) throws -> AuditAccepted {
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason",
        "accepting a changed store needs a reason (--reason TEXT)")
    }
    try RosterRepository.requireAcceptable(subject, db, environment.state)
    let accepted = try environment.state.accept(subject, at: now, by: actor.description, reason: reason, db)
    guard let accepted else {
      throw Problem.conflict(
        "nothing-differs", title: "nothing to accept",
        "the store of \(environment.service.rawValue) holds what its audit chain of \(subject) says")
    }
    return AuditAccepted(launch: subject, head: accepted.head, keys: accepted.keys)
  }

  /// Appends a link to each chain whose audited rows have changed since its last link, so that the chain records the
  /// transaction's result.
  func seal() throws {
    for subject in audited.unsealedSubjects {
      _ = try append(launch: subject, action: AuditChain.stateAction, detail: [:])
    }
  }

  private func append(launch: String, action: String, detail: JSONValue) throws -> ChainHead {
    try environment.audit.append(
      launch: launch, at: now, by: actor.description, action: action, detail: detail,
      state: audited.takeState(of: launch), db)
  }

  /// Returns the event's `data`: the members of the header and of the payload.
  private static func merge(
    _ header: AnnouncementHeader, _ payload: JSONValue, _ type: String
  ) throws -> JSONValue {
    let own = try JSONCoding.value(header).objectValue ?? [:]
    guard let members = payload.objectValue, Set(members.keys).isDisjoint(with: own.keys) else {
      throw Problem(
        .internalError, code: "malformed-announcement", title: "an announcement's payload conflicts with its header",
        detail: "the payload of \(type) must be an object without the members \(own.keys.sorted())")
    }
    return .object(own.merging(members) { header, _ in header })
  }
}

/// Creates the ids of announced events: UUID version 7 (RFC 9562), which ascend with time.
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
