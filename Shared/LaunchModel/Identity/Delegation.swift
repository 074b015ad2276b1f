import JSON

/// A delegation: until a given day, `to` may do what `from` may.
///
/// Only the rights that `from` has on the roster are passed on, not those that others delegated to `from`. What was
/// done under a delegation remains valid after it ends.
public struct Delegation: Sendable, Hashable, Codable {
  /// The person who delegates, for example `lena`.
  public var from: PersonID
  /// The person who acts for them, for example `aiko`.
  public var to: PersonID
  /// The last day, in the launch's time zone; for a call that is not about a launch, until that day has ended
  /// everywhere on earth.
  public var until: LocalDate

  public init(from: PersonID, to: PersonID, until: LocalDate) {
    self.from = from
    self.to = to
    self.until = until
  }

  /// The offset of the time zone in which a day ends last.
  private static let latestOffset: Int64 = -12 * 3_600

  /// Returns whether the last day has not yet ended everywhere on earth.
  func lasts(at now: Timestamp) -> Bool { ZoneRules.utc.localDate(at: now.adding(seconds: Self.latestOffset)) <= until }
}

extension Roster {
  /// Adds to the actor the people who have delegated to them at a moment.
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

  /// Returns the people to whom a person's rights are delegated on a day, in ascending order.
  public func standIns(for person: PersonID, on day: LocalDate) -> [PersonID] {
    delegates.filter { $0.from == person && day <= $0.until && people[$0.to] != nil }.map(\.to).sorted()
  }
}

extension Actor {
  /// The person whose rights count: the one who delegated, or else the person who acts.
  public var rightsHolder: PersonID { delegation?.from ?? person }

  /// The people who count as having acted, where each person may count only once: the person who acts, and the one who
  /// delegated.
  public var places: Set<PersonID> { Set([person, rightsHolder]) }

  /// Returns the identities under which the person may act on a day: first as themselves, then for each person who
  /// delegated to them.
  public func identities(on day: LocalDate) -> [Actor] {
    [self] + standIns.filter { standIn in standIn.delegation.map { day <= $0.until } ?? false }
  }

  /// Throws `forbidden` if the actor acts under a delegation that has ended by the given day of the launch's zone.
  public func requireDelegation(on today: LocalDate) throws(Problem) {
    guard let delegation, delegation.until < today else { return }
    throw .forbidden(
      code: "delegation-ended",
      "\(person) stood in for \(delegation.from) until \(delegation.until), and in the launch's time zone it is \(today)"
    )
  }

  /// Returns the people that an actor's description names: who acted and, under a delegation, who delegated.
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
  /// Reads the delegations of a roster file. People who are not on the roster are not errors here, because they may
  /// have left; a delegation that names one has no effect, and `gonogo roster check` reports it.
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
