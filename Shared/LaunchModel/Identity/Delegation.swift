import JSON

/// Who stands in for whom, and until when: `to` may do what `from` may.
///
/// Only the rights that `from` has on the roster pass on; those that others delegated to `from` do not. What was done under a
/// delegation stands after it ends.
public struct Delegation: Sendable, Hashable, Codable {
  /// The person who is away, for example `lena`.
  public var from: PersonID
  /// The person who stands in, for example `aiko`.
  public var to: PersonID
  /// The last day, in the launch's time zone; for a call about no launch, until the day has ended everywhere.
  public var until: LocalDate

  public init(from: PersonID, to: PersonID, until: LocalDate) {
    self.from = from
    self.to = to
    self.until = until
  }

  /// The offset of the zone in which a day ends last.
  private static let latestOffset: Int64 = -12 * 3_600

  /// Whether the last day has not ended everywhere.
  func lasts(at now: Timestamp) -> Bool { ZoneRules.utc.localDate(at: now.adding(seconds: Self.latestOffset)) <= until }
}

extension Roster {
  /// Gives the actor those for whom the person stands in at a moment.
  func addingStandIns(to actor: Actor, at now: Timestamp?) -> Actor {
    guard let now, actor.entry != nil, !delegates.isEmpty else { return actor }
    var actor = actor
    actor.standIns = delegates.filter { $0.to == actor.person && $0.lasts(at: now) }.compactMap { delegation in
      guard let entry = people[delegation.from] else { return nil }
      return Actor(
        person: actor.person, principal: actor.principal, isClaimed: actor.isClaimed, entry: entry,
        granted: granted(to: entry.principals), delegation: delegation)
    }
    return actor
  }

  /// The people who stand in for somebody on a day, ascending.
  public func standIns(for person: PersonID, on day: LocalDate) -> [PersonID] {
    delegates.filter { $0.from == person && day <= $0.until && people[$0.to] != nil }.map(\.to).sorted()
  }
}

extension Actor {
  /// The person whose rights count: the one stood in for, else the person who acts.
  public var rightsHolder: PersonID { delegation?.from ?? person }

  /// Whose place the actor takes where one person counts once: the person who acts, and the one stood in for.
  public var places: Set<PersonID> { Set([person, rightsHolder]) }

  /// As whom the person may act on a day: first as themselves, then for those they stand in for.
  public func identities(on day: LocalDate) -> [Actor] {
    [self] + standIns.filter { standIn in standIn.delegation.map { day <= $0.until } ?? false }
  }

  /// Throws `forbidden` if the actor stands in for somebody, and the delegation has ended by a day of the launch's zone.
  public func requireDelegation(on today: LocalDate) throws(Problem) {
    guard let delegation, delegation.until < today else { return }
    throw .forbidden(
      code: "delegation-ended",
      "\(person) stood in for \(delegation.from) until \(delegation.until), and in the launch's time zone it is \(today)"
    )
  }

  /// The people that a description names: who acted and, if it was for somebody, that person.
  public static func people(in description: String) -> [PersonID] {
    let names = description.firstRange(of: " (claimed by ").map { description[..<$0.lowerBound] } ?? description[...]
    guard let mark = names.firstRange(of: " for ") else { return [PersonID(names)] }
    return [PersonID(names[..<mark.lowerBound]), PersonID(names[mark.upperBound...])]
  }
}

extension Delegation {
  init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: ["from", "to", "until"], faults) else { return nil }
    let from = reader.requiredString("from", "give the person who is away, by key")
    let to = reader.requiredString("to", "give the person who stands in, by key")
    reader.require("until", "give the last day, for example 2027-03-01")
    guard let from, let to, let until = reader.date("until") else { return nil }
    if from == to { reader.fault("to", "\(to) cannot stand in for themselves; name another person") }
    self.init(from: from, to: to, until: until)
  }
}

extension Roster {
  /// Reads the delegations of a roster file. People who are not on the roster are no fault here: they may have left, and a
  /// delegation without either of them allows nothing; `gonogo roster check` names them.
  static func delegates(_ reader: FieldReader) -> [Delegation] {
    var seen: Set<[PersonID]> = []
    return (reader.elements("delegates") ?? []).compactMap { pointer, value in
      guard let delegation = Delegation(reading: value, at: pointer, reader.faults) else { return nil }
      if !seen.insert([delegation.from, delegation.to]).inserted {
        reader.faults.add(
          pointer, "\(delegation.to) already stands in for \(delegation.from); keep the entry with the right date")
      }
      return delegation
    }
  }
}
