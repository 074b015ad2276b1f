public import Contract
public import LaunchModel

/// Checks that everyone to whom templates and launches refer is on the roster (product.md, section 2, rule 11).
public enum ReferenceCheck {
  /// Returns the template's references that the roster cannot meet: approval groups without members, or with too few to
  /// reach the quorum if one of them is the author; and owners and owner roles that nobody on the roster fills.
  public static func faults(of template: ChecklistTemplate, on roster: Roster) -> [ReferenceFault] {
    guard !roster.isEmpty else { return [] }
    var faults: [ReferenceFault] = []
    var needs: [String: [(item: ItemKey, quorum: Int)]] = [:]
    for definition in template.items {
      let item = ChecklistItem(definition: definition, instance: nil, due: LocalDate(ordinal: 0))
      let unreachable = item.unreachableApprovals(on: roster)
      faults += unreachable.map { ReferenceFault(code: .approvalUnreachable, item: definition.key, detail: $0) }
      guard unreachable.isEmpty else { continue }
      for rule in item.approvalRules { needs[rule.group, default: []].append((definition.key, rule.quorum)) }
    }
    return faults + needs.sorted { $0.key < $1.key }.compactMap { scarcity(of: $0.key, neededBy: $0.value, on: roster) }
      + ownerFaults(of: template, on: roster)
  }

  /// Returns faults for owners of functions who are not on the roster, and for owner roles that nobody has.
  private static func ownerFaults(of template: ChecklistTemplate, on roster: Roster) -> [ReferenceFault] {
    let departed = LaunchFunction.allCases.sorted().compactMap { function -> ReferenceFault? in
      guard let owner = template.owners[function.rawValue], roster.people[owner] == nil else { return nil }
      return ReferenceFault(
        code: .templateOwnerLeft, function: function, person: owner,
        detail: "\(owner), whom the template names as owner of \(function.title)'s items, is not on the roster; name "
          + "another (owners)")
    }
    let vacant = template.items.compactMap { item -> ReferenceFault? in
      guard let role = item.ownerRole, roster.holders(of: role).isEmpty else { return nil }
      return ReferenceFault(
        code: .roleVacant, item: item.key,
        detail: "nobody on the roster has the role \(role), which owns \(item.key); add somebody to that group "
          + "(groups: [\(role)]), or name another role")
    }
    return departed + vacant
  }

  /// Returns faults for delegations from or to somebody who is not on the roster; such a delegation has no effect.
  public static func faults(ofDelegatesOn roster: Roster) -> [ReferenceFault] {
    roster.delegates.flatMap { delegation in
      [delegation.from, delegation.to].filter { roster.people[$0] == nil }.map { person in
        ReferenceFault(
          code: .delegateLeft, person: person,
          detail: "\(delegation.to) stands in for \(delegation.from) until \(delegation.until), but "
            + "\(roster.absence(of: person)); correct or remove the entry in delegates")
      }
    }
  }

  /// Returns a fault for a group with so few people that the approval cannot be given if one is away or is the author;
  /// nil if it has enough.
  private static func scarcity(
    of group: String, neededBy items: [(item: ItemKey, quorum: Int)], on roster: Roster
  ) -> ReferenceFault? {
    let people = roster.approvers(for: group)
    let short = items.filter { people.count < max(2, $0.quorum + 1) }.map(\.item)
    guard !short.isEmpty else { return nil }
    return ReferenceFault(
      code: .approvalScarce, item: short.count == 1 ? short.first : nil,
      detail: "only \(people.joined(separator: " and ")) can approve for \(group), which "
        + "\(short.joined(separator: ", ")) \(short.count == 1 ? "needs" : "need"); add somebody to the group")
  }
}

extension LaunchChecklist {
  /// Returns the reason why a function has not answered the poll.
  func silence(of function: LaunchFunction, at moment: LaunchMoment) -> String {
    let isLeaderless = moment.roster.map { !$0.isEmpty && leaderless(on: $0).contains(function) } ?? false
    let silence = "\(function.title) has not answered the poll"
    return isLeaderless ? "\(silence), and nobody on the roster leads it" : silence
  }

  /// Returns a running launch's references to people who are not on the roster; empty before a roster is adopted.
  public func referenceFaults(at moment: LaunchMoment) -> [ReferenceFault] {
    guard let roster = moment.roster, !roster.isEmpty else { return [] }
    var faults: [ReferenceFault] = []
    if let fault = ownerFault(on: roster) { faults.append(fault) }
    faults += departedVotes(on: roster).map { vote in
      ReferenceFault(
        code: .voterLeft, launch: launch, function: vote.function, person: vote.absentee(on: roster),
        detail: departed(vote, on: roster))
    }
    faults += leaderless(on: roster).map {
      ReferenceFault(code: .leadMissing, launch: launch, function: $0, detail: withoutLead($0))
    }
    faults += departedItemOwners(on: roster)
    faults += departedShifts(on: roster, at: moment)
    for item in items where item.state != .voided {
      faults += [executorFault(of: item, on: roster), attendeeFault(of: item, on: roster)].compactMap(\.self)
      faults += item.unreachableApprovals(on: roster).map {
        ReferenceFault(
          code: .approvalUnreachable, launch: launch, item: item.definition.key, instance: item.instance, detail: $0)
      }
    }
    return faults
  }

  /// The reasons against GO that follow from people who left the roster.
  func rosterReasons(at moment: LaunchMoment) -> [ReadinessReason] {
    guard let roster = moment.roster, !roster.isEmpty else { return [] }
    let owner = ownerFault(on: roster).map { [ReadinessReason(code: $0.code.rawValue, detail: $0.detail)] } ?? []
    guard record.tier.hasPoll else { return owner }
    return owner
      + departedVotes(on: roster).map {
        ReadinessReason(code: "voter-left", function: $0.function, detail: departed($0, on: roster))
      }
  }

  /// The polled functions that nobody on the roster leads; empty once the launch is exposed to customers.
  func leaderless(on roster: Roster) -> [LaunchFunction] {
    guard record.tier.hasPoll, exposedSince == nil else { return [] }
    let departed = Set(departedVotes(on: roster).map(\.function))
    let answered = Set(votes.map(\.function)).subtracting(departed)
    return polled.filter { function in
      !answered.contains(function) && !roster.people.values.contains { $0.lead.contains(function) }
    }
  }

  private func withoutLead(_ function: LaunchFunction) -> String {
    "the poll of \(launch) waits for \(function.title), which nobody on the roster leads; name its lead in people.yaml "
      + "(lead: [\(function.rawValue)])"
  }

  /// Returns a fault if the person who executes what an item documents is not on the roster; nil if they are.
  private func executorFault(of item: ChecklistItem, on roster: Roster) -> ReferenceFault? {
    guard item.definition.needsExecutor, item.state != .waived, item.state != .notApplicable else { return nil }
    let named = item.namedExecutor
    guard named != nil || item.state == .done, item.executor(on: roster) == nil else { return nil }
    let who =
      named.map { "\($0), who executes \(item.name) of \(launch), is not on the roster" }
      ?? "\(item.name) of \(launch) is done, and names nobody on the roster who executes it"
    let fix =
      item.needsApproval
      ? "submit it again with --person PERSON" : "gonogo item done \(launch) \(item.name) --person PERSON"
    return ReferenceFault(
      code: .executorLeft, launch: launch, item: item.definition.key, instance: item.instance, person: named,
      detail: "\(who); name another person: \(fix)")
  }

  /// Returns a fault if a function has to attend but none of its recorded attendees is on the roster any more; nil once
  /// the launch is exposed to customers.
  private func attendeeFault(of item: ChecklistItem, on roster: Roster) -> ReferenceFault? {
    guard item.state == .done, exposedSince == nil else { return nil }
    let left = item.attended.filter { roster.people[$0] == nil }
    let absent = item.definition.requiredAttendees.first { function in
      !item.attended.contains { roster.people[$0]?.functions.contains(function) ?? false }
    }
    guard let absent, let first = left.first else { return nil }
    return ReferenceFault(
      code: .attendeeLeft, launch: launch, item: item.definition.key, instance: item.instance, function: absent,
      person: first,
      detail: "\(left.listed), who attended \(item.name) of \(launch), \(left.count == 1 ? "is" : "are") not on the "
        + "roster, and nobody else attended from \(absent.title); brief somebody, or repeat it")
  }

  private func ownerFault(on roster: Roster) -> ReferenceFault? {
    let owner = record.plan.owner
    guard roster.people[owner] == nil else { return nil }
    return ReferenceFault(
      code: .ownerLeft, launch: launch, person: owner,
      detail: "\(owner), who owns \(launch), is not on the roster; name another owner "
        + "(gonogo launch set \(launch) owner=PERSON)")
  }

  private func departedVotes(on roster: Roster) -> [PollVote] {
    votes.filter { $0.absentee(on: roster) != nil && polled.contains($0.function) }
  }

  private func departed(_ vote: PollVote, on roster: Roster) -> String {
    let person = vote.absentee(on: roster) ?? vote.by
    return
      "\(vote.function.title) answered \(vote.answer.rawValue) through \(person), who is not on the roster any more; "
      + "its lead has to answer again (gonogo poll \(launch))"
  }

  /// Returns a fault for each owner of open items who is not on the roster, with the command that reassigns their items
  /// on all launches.
  private func departedItemOwners(on roster: Roster) -> [ReferenceFault] {
    let open = items.filter(\.isOpen)
    let owned = Dictionary(grouping: open.filter { $0.owner != nil }, by: { $0.owner ?? "" })
    return owned.filter { roster.people[$0.key] == nil }.sorted { $0.key < $1.key }.map { owner, items in
      let names = items.map(\.name).joined(separator: ", ")
      return ReferenceFault(
        code: .itemOwnerLeft, launch: launch, person: owner,
        detail:
          "\(owner), who is not on the roster, is assigned open items of \(launch) (\(names)); assign them to somebody "
          + "else: gonogo item assign --from \(owner) --to PERSON")
    }
  }
}

extension PollVote {
  /// Who answered, and for whom, without the principal that claimed their identities.
  var people: [PersonID] { Actor.people(in: by) }

  /// The first of these people who is not on the roster; nil if all are.
  fileprivate func absentee(on roster: Roster) -> PersonID? { people.first { roster.people[$0] == nil } }
}
